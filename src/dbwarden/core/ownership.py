"""Which objects our history says we created: only those may be dropped when the models no longer have them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from .dialect import OWN_PREFIX
from .model import Schema
from .spelling import fold_ref
from .statement import Effect, Facts
from .tables import COLUMNS, OWNER
from .types import Ref

RENAME_TABLE = "rename table"
"""``Facts.action`` of a statement that renames ``targets[0]``; ``targets[1]``, where given, is the new name."""


@dataclass(frozen=True, slots=True)
class AppliedMigration:
    """The statements of a migration in effect, as far as they are known."""

    upgrade: Sequence[str] = ()
    """Empty where the file is gone."""
    rollback: Sequence[str] = ()
    generated: bool = True
    """Whether make-migrations wrote it: what somebody created by hand is theirs."""


def created_by(
    migrations: Sequence[AppliedMigration], facts: Callable[[str], Facts], caseless: Collection[str] = ()
) -> frozenset[Ref]:
    """What generated migrations created, under the names it has now; ``migrations`` in the order they were applied.

    A rollback that drops a table proves that its upgrade created it, also when the file is gone. Names of the
    ``caseless`` kinds are folded: statements may spell one table in several ways.
    """

    def folded(sql: str) -> Facts:
        found = facts(sql)
        return replace(found, targets=tuple(fold_ref(ref, caseless) for ref in found.targets)) if caseless else found

    upgrades = ((folded(sql), one.generated) for one in migrations for sql in one.upgrade)
    rollbacks = ((folded(sql), one.generated) for one in migrations for sql in reversed(one.rollback))
    return _claimed(upgrades, Effect.CREATES) | _claimed(rollbacks, Effect.DROPS)


def _claimed(statements: Iterator[tuple[Facts, bool]], creates: Effect) -> frozenset[Ref]:
    """The targets of the generated statements that create; of rollbacks, read backwards, those that drop.

    A table that is renamed is still ours, whoever renamed it; one that was dropped is not, whoever creates it next. A
    rebuild, which drops a table and puts another one in its place, changes nothing about whose the table is.
    """
    removes = Effect.DROPS if creates is Effect.CREATES else Effect.CREATES
    owned: set[Ref] = set()
    removed: set[Ref] = set()
    rebuilt: set[Ref] = set()
    for facts, generated in statements:
        if facts.action == RENAME_TABLE and len(facts.targets) == 2:
            if not facts.targets[0].name.startswith(OWN_PREFIX):
                _follow(owned, facts.targets, creates)
            elif creates is Effect.DROPS:
                rebuilt.add(facts.targets[1])
            elif facts.targets[1] in removed:
                owned.add(facts.targets[1])
            continue
        targets = {ref for ref in facts.targets if not ref.name.startswith(OWN_PREFIX)}
        if creates in facts.effects:
            owned |= targets - rebuilt if generated else set()
            rebuilt -= targets
            removed -= targets
        elif removes in facts.effects:
            removed |= owned & targets
            owned -= targets
    return frozenset(owned)


def _follow(owned: set[Ref], targets: Sequence[Ref], creates: Effect) -> None:
    """``targets`` are the names before and after; of a rollback, after and before."""
    old, new = targets if creates is Effect.CREATES else reversed(targets)
    if old in owned:
        owned.remove(old)
        owned.add(new)


# -- tables of our own --------------------------------------------------------------------------------------------

_LAYOUTS = {name: frozenset(column for column, _ in columns) for name, columns in COLUMNS.items()}


def without_own(schema: Schema) -> Schema:
    """``schema`` without tables of ours under another name than usual (``history_table``): they are recognised by their
    columns, so that another project's are left alone, too."""
    own = [table.ref for table in schema.tables() if _is_own(frozenset(table.columns))]
    return schema.without(*own, *(item.ref for table in own for item in schema.members(table)))


def _is_own(columns: frozenset[str]) -> bool:
    return any(columns | {OWNER} == layout for layout in _LAYOUTS.values())
