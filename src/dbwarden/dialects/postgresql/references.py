"""Foreign keys that block the drop of a key that they refer to, or the change of a column's type."""

from __future__ import annotations

from collections.abc import Iterable

from dbwarden.core.change import Alter, Change, Drop
from dbwarden.core.model import Column, ForeignKey, Index, PrimaryKey, Schema, Unique
from dbwarden.core.type_table import Family
from dbwarden.core.types import DataType, Ref

from .types import TYPES

_COMPARABLE = (TYPES.names(Family.WHOLE), frozenset(("varchar", "text")))
"""Groups of types that a foreign key may connect, since one operator family compares them."""


def blocking_foreign_keys(change: Change, before: Schema) -> frozenset[Ref]:
    """Foreign keys to drop before ``change`` and add again after it.

    A foreign key depends on one index over its referenced columns (``pg_constraint.conindid``), which therefore cannot be
    dropped. ALTER COLUMN TYPE checks the foreign keys at both ends at once, while the other end still has its old type.
    """
    match change:
        case Drop(object=PrimaryKey() | Unique() | Index(unique=True) as key):
            return frozenset(
                foreign_key.ref for foreign_key in before.referrers(key.table) if _depends_on_index(foreign_key, key)
            )
        case Alter(before=Column() as old, after=Column() as new, on=Ref() as table) if not _comparable(
            old.type, new.type
        ):
            return frozenset(foreign_key.ref for foreign_key in _foreign_keys_with(table, old.name, before))
    return frozenset()


def _depends_on_index(key: ForeignKey, index: PrimaryKey | Unique | Index) -> bool:
    columns = (
        [element.column for element in index.elements] if isinstance(index, Index) else list[str | None](index.columns)
    )
    return None not in columns and set(columns) == set(key.ref_columns)


def _foreign_keys_with(table: Ref, column: str, schema: Schema) -> Iterable[ForeignKey]:
    for item in schema.members(table):
        if isinstance(item, ForeignKey) and column in item.columns:
            yield item
    for key in schema.referrers(table):
        if column in key.ref_columns:
            yield key


def _comparable(old: DataType, new: DataType) -> bool:
    if (old.name, old.array, old.ref, old.modifiers) == (new.name, new.array, new.ref, new.modifiers):
        return True
    plain = not (old.array or new.array or old.ref or new.ref)
    return plain and any({old.name, new.name} <= family for family in _COMPARABLE)
