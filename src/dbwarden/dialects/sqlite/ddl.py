"""DDL of one change."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from dbwarden.core.change import Add, Alter, Change, Drop, Rename
from dbwarden.core.model import Definition, Index, Member, Schema, Table
from dbwarden.core.sqltext import fold_case
from dbwarden.core.types import Ref

from . import rebuild
from .renderer import render


def ddl(change: Change, before: Schema, after: Schema, fills: Mapping[Ref, str | None]) -> tuple[str, ...]:
    """Statements of one change from ``rebuild.regroup``. Raises ``Unsupported`` for a change that SQLite has no statement for."""
    match change:
        case Alter(Table() as old, Table() as new, dropped=dropped, added=added):
            return rebuild.statements(old, new, dropped, added, fills)
        case Add(Definition(kind="shadow_table")) | Drop(Definition(kind="shadow_table")):
            return ()  # created and dropped with its virtual table
        case Add(Member() as member) | Drop(Member() as member) if not isinstance(member, Index):
            raise render.unsupported(change.describe(), "no statement of SQLite does this")
        case Rename(Ref("table") as old_ref, new_ref) if fold_case(old_ref.name) == fold_case(new_ref.name):
            return _rename_case(old_ref, new_ref)
        case Rename(Ref("index") as old_ref, new_ref):
            index = after.get(new_ref)
            assert isinstance(index, Index)
            return (f"DROP INDEX {render.of(old_ref)}", render.index(index))
    return render.statements(change, before, after)


def _rename_case(old: Ref, new: Ref) -> tuple[str, ...]:
    """RENAME through a third name, because SQLite refuses a new name that differs only in case."""
    steps = pairwise((old, Ref("table", f"{new.name}_respelled"), new))
    return tuple(sql for current, following in steps for sql in render.rename(current, following))
