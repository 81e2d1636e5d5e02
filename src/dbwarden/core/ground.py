"""Objects that definitions depend on and a plan drops or alters: the engine refuses unless they are dropped too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .cascade import Recreated
from .change import Alter, Change, Drop
from .model import Column, Definition, Schema, Table, column_ref
from .types import Ref


@dataclass(frozen=True, slots=True)
class Ground:
    """The columns that ``DROP COLUMN``, ``DROP TABLE`` and ``ALTER COLUMN TYPE`` need free, by their names behind all renames."""

    dropped: frozenset[Ref] = frozenset()
    altered: frozenset[Ref] = frozenset()
    tables: frozenset[Ref] = frozenset()
    """The dropped tables: what is on them goes with them."""


def ground(changes: Iterable[Change], before: Schema, after: Schema, recreated: Recreated) -> Ground:
    """The ground that ``changes`` need; ``before`` is the schema after the renames."""
    dropped: set[Ref] = set()
    altered: set[Ref] = set()
    tables: set[Ref] = set()
    for change in changes:
        match change:
            case Drop(object=Table() as table):
                tables.add(table.ref)
                dropped |= {column_ref(table.ref, name) for name in table.columns}
            case Drop(object=Column()):
                dropped.add(change.ref)
            case Alter(before=Column() as old, after=Column() as new):
                if (old.type, old.collation) != (new.type, new.collation):
                    altered.add(change.ref)
        altered |= {ref for ref in recreated(change, before, after) if ref.kind == "column"}
    return Ground(frozenset(dropped), frozenset(altered - dropped), frozenset(tables))


def in_the_way(needed: Ground, changes: Iterable[Change], schema: Schema) -> tuple[Ref, ...]:
    """The definitions of ``schema`` that stand on ``needed`` and that ``changes`` do not drop first."""
    columns = needed.dropped | needed.altered
    if not columns:
        return ()
    going = {change.ref for change in changes if isinstance(change, Drop)}
    return tuple(
        item.ref
        for item in schema.objects()
        if isinstance(item, Definition) and not item.attached
        if item.ref not in going and item.on not in needed.tables and not columns.isdisjoint(item.needs)
    )
