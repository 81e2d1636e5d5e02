"""Finds views and other definitions that block a plan: the engine refuses to drop or alter a column they depend on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .cascade import Recreated
from .change import Alter, Change, Drop
from .model import Column, Definition, Schema, Table, column_ref
from .types import Ref


@dataclass(frozen=True, slots=True)
class AffectedColumns:
    """Columns that changes drop or alter, by their names after all renames: no definition may depend on them by then."""

    dropped: frozenset[Ref] = frozenset()
    altered: frozenset[Ref] = frozenset()
    tables: frozenset[Ref] = frozenset()
    """The dropped tables, whose triggers and policies are dropped with them."""


def affected_columns(changes: Iterable[Change], before: Schema, after: Schema, recreated: Recreated) -> AffectedColumns:
    """Columns that ``changes`` drop or alter; ``before`` is the schema after the renames."""
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
    return AffectedColumns(frozenset(dropped), frozenset(altered - dropped), frozenset(tables))


def blocking_definitions(affected: AffectedColumns, changes: Iterable[Change], schema: Schema) -> tuple[Ref, ...]:
    """Definitions of ``schema`` that depend on ``affected`` columns and that ``changes`` do not drop first."""
    columns = affected.dropped | affected.altered
    if not columns:
        return ()
    going = {change.ref for change in changes if isinstance(change, Drop)}
    return tuple(
        item.ref
        for item in schema.objects()
        if isinstance(item, Definition) and not item.attached
        if item.ref not in going and item.on not in affected.tables and not columns.isdisjoint(item.needs)
    )
