"""Objects of other projects in the same database, which are listed with their owner and never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dbwarden.core.dialect import StatementDialect
from dbwarden.core.ownership import AppliedMigration, created_by
from dbwarden.core.record import Record, last_events
from dbwarden.core.stored_rollback import stored_rollback
from dbwarden.core.types import Ref

from .other_projects import events_by_project


def tables_of_others(records: Iterable[Record], dialect: StatementDialect) -> tuple[Mapping[Ref, str], tuple[str, ...]]:
    """Objects of other projects, with the project's name, by their stored rollbacks; and files without a stored rollback.

    ``records`` must have their rollback SQL.
    """
    owners: dict[Ref, str] = {}
    silent: list[str] = []
    for name, events in events_by_project(records).items():
        in_effect = sorted(
            (record for record in last_events(events).values() if record.in_effect), key=lambda record: record.id
        )
        rollbacks = [
            [statement.text for statement in stored_rollback(record.rollback_sql, dialect.lexical_rules)[0]]
            for record in in_effect
        ]
        applied = [AppliedMigration(rollback=rollback) for rollback in rollbacks]
        owners |= dict.fromkeys(created_by(applied, dialect.parse, dialect.features.caseless_names), name)
        silent += [record.file for record, rollback in zip(in_effect, rollbacks, strict=True) if not rollback]
    return owners, tuple(silent)


@dataclass(frozen=True, slots=True)
class OtherProjectObjects:
    """Objects of one other project; ``database_name`` is ``None`` for records of an earlier version."""

    database_name: str | None
    objects: tuple[str, ...]

    def __str__(self) -> str:
        whose = f"the project '{self.database_name}'" if self.database_name else "a project of an earlier version"
        return f"{', '.join(self.objects)} ({whose})"


def group_by_project(refs: Iterable[Ref], owners: Mapping[Ref, str]) -> tuple[OtherProjectObjects, ...]:
    """Group those of ``refs`` that have an owner, by project."""
    by_owner: dict[str, list[str]] = {}
    for ref in refs:
        if ref in owners:
            by_owner.setdefault(owners[ref], []).append(str(ref))
    return tuple(OtherProjectObjects(name or None, tuple(objects)) for name, objects in sorted(by_owner.items()))
