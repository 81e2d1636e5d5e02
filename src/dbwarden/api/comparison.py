"""The models beside the database: what ``make_migrations`` and ``diff`` both start with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dbwarden.core.dialect import Connection, Dialect, Scope
from dbwarden.core.file import MigrationFile, stored_rollback
from dbwarden.core.model import Schema
from dbwarden.core.overview import Overview, last_events, state
from dbwarden.core.ownership import created_by
from dbwarden.core.plan import Pair, pair, plan, undecided
from dbwarden.core.statement import Plan
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError
from dbwarden.models import discover, events, read
from dbwarden.runtime import history

from .workspace import Workspace


@dataclass(frozen=True)
class Comparison:
    """Models and database, and the plan that leads from one to the other."""

    plan: Plan
    pair: Pair
    dialect: Dialect
    modules: tuple[str, ...]
    tables: tuple[str, ...]
    unowned: tuple[str, ...]
    notes: tuple[str, ...]
    overview: Overview


def compare(workspace: Workspace, drop_unowned: bool = False) -> Comparison:
    """Read the models, inspect the database, plan. Writes nothing anywhere.

    Raises ``ConfigurationError`` for models that cannot be read, ``ConnectionFailed``, ``Unsupported``.
    """
    settings = workspace.database
    found = discover.discover(settings.model_paths, workspace.project.root, model_tables=settings.model_tables)
    files = workspace.files()
    with workspace.connect(read_only=True) as conn:
        dialect = workspace.dialect_for(conn)
        desired = dialect.canonical(read.read(found.metadatas, dialect, found.tables))
        schemas = sorted({ref.schema for ref in desired if ref.schema is not None})
        current = dialect.inspect(conn, Scope((None, *schemas)))
        records = history.read(conn, rollback_sql=False)
        both = _pair(current, desired, dialect, files, conn, drop_unowned)
        notes = list(events.notes(found.metadatas))
        waiting = undecided(both)
        if waiting:
            try:
                desired = _settled(workspace, dialect, conn, both, desired, waiting)
                both = _pair(current, desired, dialect, files, conn, drop_unowned)
            except DatabaseError as error:
                tables = ", ".join(ref.name for ref in waiting)
                notes.append(f"Expressions of {tables} were compared by their text alone: {error}")
    return Comparison(
        plan=plan(both, dialect),
        pair=both,
        dialect=dialect,
        modules=tuple(found.modules),
        tables=tuple(
            sorted(ref.name if ref.schema is None else f"{ref.schema}.{ref.name}" for ref in _tables(desired))
        ),
        unowned=tuple(str(ref) for ref in both.unowned),
        notes=tuple(notes),
        overview=state(files, records),
    )


def _tables(schema: Schema) -> Iterator[Ref]:
    return (ref for ref in schema if ref.kind == "table")


def _settled(
    workspace: Workspace, dialect: Dialect, conn: Connection, both: Pair, desired: Schema, refs: Sequence[Ref]
) -> Schema:
    """Ask the server how it prints what tokens could not decide; it writes for a moment, and takes it back."""
    with workspace.connect() as writing:
        return dialect.settle(writing, both.current, desired, refs)


def _pair(
    current: Schema,
    desired: Schema,
    dialect: Dialect,
    files: Sequence[MigrationFile],
    conn: Connection,
    drop_unowned: bool,
) -> Pair:
    both = pair(current, desired, drop_unowned=drop_unowned)
    if drop_unowned or not any(ref in current and not current.get(ref).derived for ref in both.unowned):  # type: ignore[union-attr]
        return both
    return pair(current, desired, owned(dialect, files, conn))


def owned(dialect: Dialect, files: Sequence[MigrationFile], conn: Connection) -> frozenset[Ref]:
    """What our history says we created: read only when the database has something that the models have not."""
    records = {name: record for name, record in last_events(history.read(conn)).items() if record.in_effect}
    upgrades = (statement.text for file in files if file.identity in records for statement in file.upgrade())
    rollbacks = (
        statement.text
        for record in records.values()
        if record.rollback_sql
        for statement in stored_rollback(record.rollback_sql, dialect.lexis)[0]
    )
    return created_by(upgrades, rollbacks, dialect.facts)
