"""Which engines take which changes of a table's columns by ALTER. Measured on 26.9.

Comments of tables and columns change everywhere. What an engine refuses becomes a new table in the place of the old one, where
the rows are in the table (``rebuild``).
"""

from __future__ import annotations

from dataclasses import replace

from dbwarden.core.change import Add, Alter, Change, Drop, Rename
from dbwarden.core.model import Column, Schema
from dbwarden.core.types import Ref

from .engines import family, is_merge_tree
from .tables import impossible

_ALL = frozenset(("Memory", "Distributed"))
"""Engines beside the family of MergeTree that add, change, drop and rename columns."""
_ALL_BUT_RENAME = frozenset(("Buffer", "Merge", "Null"))


def ensure_alterable(change: Change, before: Schema, after: Schema) -> None:
    """Raise ``NeedsNewTable`` for a change of a column that the engine of its table refuses."""
    table = _owner(change)
    if table is None or table not in before or table not in after:
        return
    engine = family(before.table(table).options.get("engine") or "MergeTree")
    if is_merge_tree(engine) or engine in _ALL or (engine in _ALL_BUT_RENAME and not isinstance(change, Rename)):
        return
    raise impossible(f"{change.describe()} of {table}", f"tables of the engine {engine} take no such ALTER", table)


def _owner(change: Change) -> Ref | None:
    """The table of a column that changes in more than its comment."""
    match change:
        case Add(Column(), on=Ref() as table) | Drop(Column(), on=Ref() as table):
            return table
        case Alter(Column() as old, Column() as new, on=Ref() as table):
            return None if replace(old, comment=new.comment) == new else table
        case Rename(old=Ref(kind="column") as column):
            return column.owner
    return None
