"""Ownership by history: only objects that migrations created may be dropped when the models lose them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from .ddl.statements import RenameTable, RenameType, Statement
from .dialect import OWN_PREFIX
from .model import Schema
from .own_tables import COLUMNS, LATER
from .spelling import fold_ref
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
    migrations: Sequence[AppliedMigration], parse: Callable[[str], Statement], caseless: Collection[str] = ()
) -> frozenset[Ref]:
    """Objects that generated migrations created, under their present names; ``migrations`` in the order they were applied.

    A rollback that drops a table proves that its upgrade created it, also when the file is gone. Names of the
    ``caseless`` kinds are folded: statements may spell one table in several ways.
    """

    upgrades = ((parse(sql), one.generated) for one in migrations for sql in one.upgrade)
    rollbacks = ((parse(sql), one.generated) for one in migrations for sql in reversed(one.rollback))
    return _claimed(upgrades, caseless, backwards=False) | _claimed(rollbacks, caseless, backwards=True)


def schemas_in(statement: Statement) -> Iterator[str]:
    """The schemas that a statement makes, drops, or has something in that it makes, changes or drops."""
    tables = (action.table for action in statement.actions)
    moved = (action.new for action in statement.actions if isinstance(action, RenameTable))
    for ref in (*statement.creates, *statement.drops, *tables, *moved):
        schema = ref.name if ref.kind == "namespace" else ref.schema
        if schema:
            yield schema


def _claimed(
    statements: Iterator[tuple[Statement, bool]], caseless: Collection[str], *, backwards: bool
) -> frozenset[Ref]:
    """Objects that the generated statements create or, for rollbacks read ``backwards``, drop.

    A renamed table is still ours, whoever renamed it; a dropped one is not, whoever creates it next. A
    rebuild, which drops a table and puts another one in its place, changes nothing about whose the table is.
    """
    owned: set[Ref] = set()
    removed: set[Ref] = set()
    rebuilt: set[Ref] = set()
    for statement, generated in statements:
        for rename in (action for action in statement.actions if isinstance(action, RenameTable | RenameType)):
            old, new = fold_ref(rename.table, caseless), fold_ref(rename.new, caseless)
            if not old.name.startswith(OWN_PREFIX):
                _follow(owned, *((new, old) if backwards else (old, new)))
            elif backwards:
                rebuilt.add(new)
            elif new in removed:
                owned.add(new)
        made, gone = (_folded(refs, caseless) for refs in (statement.creates, statement.drops))
        if backwards:
            made, gone = gone, made
        owned |= made - rebuilt if generated else set()
        rebuilt -= made
        removed -= made
        removed |= owned & gone
        owned -= gone
    return frozenset(owned)


def _folded(refs: Sequence[Ref], caseless: Collection[str]) -> set[Ref]:
    folded = (fold_ref(ref, caseless) for ref in refs)
    return {ref for ref in folded if not ref.name.startswith(OWN_PREFIX)}


def _follow(owned: set[Ref], old: Ref, new: Ref) -> None:
    if old in owned:
        owned.remove(old)
        owned.add(new)


# -- tables of our own --------------------------------------------------------------------------------------------

_LAYOUTS = {
    frozenset(column for column, _ in columns[: len(columns) - absent])
    for table, columns in COLUMNS.items()
    for absent in range(len(LATER[table]) + 1)
}
"""The columns of our tables, also of those that earlier versions made."""


def without_own(schema: Schema) -> Schema:
    """``schema`` without tables of ours under another name than usual (``history_table``): they are recognised by their
    columns, so that another project's are left alone, too."""
    own = [table.ref for table in schema.tables() if frozenset(table.columns) in _LAYOUTS]
    return schema.without(*own, *(item.ref for table in own for item in schema.members(table)))
