"""DDL of one change, by its verb (Add, Drop, Alter, Rename) and the kind of the object.

What no ALTER can do raises ``Unsupported`` with the way to do it by hand: the keys of a table over existing columns, its
partitions, its engine, the types of key columns.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core.change import Add, Alter, Change, Drop, Rename
from dbwarden.core.dialect import Prefs
from dbwarden.core.model import Column, Definition, Member, Projection, Schema, Table, column_ref
from dbwarden.core.types import Ref
from dbwarden.errors import Unsupported

from . import columns, rebuild, tables
from .alterability import ensure_alterable
from .engines import is_replicated
from .expressions import aggregates
from .renderer import RENDER


def ddl(change: Change, before: Schema, after: Schema, prefs: Prefs) -> tuple[str, ...]:
    """Statements of one change between two whole schemas, without trailing semicolons. Raises as ``SchemaDialect.ddl``."""
    ensure_unread(change, before, after)
    ensure_alterable(change, before, after)
    match change:
        case Add(object=Column() as column, on=Ref() as table):
            return columns.add(column, table, prefs)
        case Drop(object=Column() as column, on=Ref() as table):
            tables.ensure_not_key(column.name, before.table(table), "dropping it")
            return RENDER.drop_column(column, table)
        case Alter(before=Column() as old, after=Column() as new, on=Ref() as table):
            return columns.alter(old, new, before.table(table), prefs)
        case Alter(before=Member() as gone, after=Member() as made):
            return (*RENDER.drop_member(gone), *RENDER.add_member(made))
        case Alter(before=Table() as old_table, after=Table() as new_table):
            if rebuild.is_rebuild(change):
                members = [item for item in change.added if isinstance(item, Member)]
                return rebuild.statements(old_table, new_table, members, prefs)
            return tables.alter(old_table, new_table)
        case Alter(before=Definition() as old_view, after=Definition() as new_view):
            return RENDER.replace_definition(old_view, new_view)
        case Drop(object=Table() | Definition() as dropped) if _is_replicated(dropped):
            return tuple(f"{sql} SYNC" for sql in RENDER.statements(change, before, after))
        case Rename(old=Ref(kind="column") as old_ref):
            tables.ensure_not_key(old_ref.name, before.table(old_ref.owner), "another name for it")
            _ensure_not_projected(old_ref, before)
    return RENDER.statements(change, before, after)


def _is_replicated(item: Table | Definition) -> bool:
    """Whether a dropped object leaves its replica in Keeper for eight minutes, unless the drop waits for it (SYNC)."""
    if isinstance(item, Table):
        return is_replicated(item.options.get("engine") or "")
    return item.kind == "materialized_view" and " engine Replicated" in item.sql.key


def recreated_by(change: Change, before: Schema) -> frozenset[Ref]:
    """Untouched projections that aggregate a column which gets another type: the server wants them gone meanwhile."""
    match change:
        case Alter(before=Column() as old, after=Column() as new, on=Ref() as table):
            if (old.type, old.nullable) != (new.type, new.nullable):
                return frozenset(item.ref for item in _projections_on(old.name, table, before) if aggregates(item))
    return frozenset()


def _projections_on(column: str, table: Ref, schema: Schema) -> Iterator[Projection]:
    for item in schema.members(table):
        if isinstance(item, Projection) and (column in item.columns or "*" in item.query.key.split()):
            yield item


def _ensure_not_projected(column: Ref, before: Schema) -> None:
    """Raise ``Unsupported`` for another name of a column in a projection, which keeps its text."""
    projection = next(_projections_on(column.name, column.owner, before), None)
    if projection is not None:
        raise Unsupported(
            feature=f"another name for {column}",
            dialect=RENDER.product,
            reason=f"{projection.ref} uses it",
            hint="Remove the projection from the models, rename in a migration of its own, then add the projection again.",
        )


def ensure_unread(change: Change, before: Schema, after: Schema) -> None:
    """Raise ``Unsupported`` if the change takes a table or column from a view that stays: the server would allow it, and
    every later insert or query would fail. The text of a view keeps the names that it was created with."""
    gone = {ref for ref in _taken_away(change) if ref not in after}
    if not gone:
        return
    read_before = before if isinstance(change, Rename) else after
    readers = [
        item.ref
        for item in read_before.objects()
        if isinstance(item, Definition) and not gone.isdisjoint(item.needs) and item.ref in after
    ]
    if readers:
        raise Unsupported(
            feature=f"{change.describe()} while {', '.join(sorted(map(str, readers)))} reads it",
            dialect=RENDER.product,
            reason="the server would allow it, and inserts and queries would fail from then on",
            hint="Change or drop the view first, in a migration of its own.",
        )


def _taken_away(change: Change) -> Iterator[Ref]:
    match change:
        case Drop(object=Table() as table):
            yield table.ref
        case Drop(object=Column() as column, on=Ref() as owner):
            yield column_ref(owner, column.name)
        case Rename(old=Ref(kind="table" | "column") as old):
            yield old
