"""Views whose columns have types of their own: those that the query had when the view was created.

After a change of a column's type, a view still converts what it reads to the former type, and cuts off numbers that do not fit,
without an error (measured on 26.9). So each view on such a table, also through other views, is created again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dbwarden.core import topology
from dbwarden.core.change import Add, Alter, Change, Drop
from dbwarden.core.model import Column, Definition, Schema, Table
from dbwarden.core.types import Ref

from .definition_reader import read


def recreated(changes: Iterable[Change], after: Schema) -> Iterator[str]:
    """CREATE OR REPLACE VIEW of the views with former types, each behind those that it reads."""
    changes = tuple(changes)
    stale = {ref for change in changes for ref in _retyped_tables(change)}
    if not stale:
        return
    again = {change.ref for change in changes if isinstance(change, Add | Drop) or _replaces(change)}
    views = [item for item in after.objects() if isinstance(item, Definition) and item.kind == "view"]
    while reached := {item.ref for item in views if item.ref not in stale and not stale.isdisjoint(item.uses())}:
        stale |= reached
    listed = sorted((item for item in views if item.ref in stale - again), key=lambda item: item.ref.key)
    places = {item.ref: at for at, item in enumerate(listed)}
    edges = [[places[ref] for ref in item.uses() if ref in places and ref != item.ref] for item in listed]
    for at in topology.depth_first(edges):
        yield _without_columns(listed[at].sql.text).replace("CREATE ", "CREATE OR REPLACE ", 1)


def _replaces(change: Change) -> bool:
    return isinstance(change, Alter) and isinstance(change.after, Definition)


def _retyped_tables(change: Change) -> Iterator[Ref]:
    """The table of which a change gives a column another type."""
    match change:
        case Alter(before=Column() as old, after=Column() as new, on=Ref() as table) if old.type != new.type:
            yield table
        case Alter(before=Table() as former, after=Table() as table):
            if any(
                name in former.columns and former.columns[name].type != one.type for name, one in table.columns.items()
            ):
                yield table.ref


def _without_columns(sql: str) -> str:
    """CREATE VIEW without the columns that the server writes behind its name."""
    elements = read(sql).elements
    if not elements:
        return sql
    start = sql.index(elements)
    opening, closing = sql.rindex("(", 0, start), sql.index(")", start + len(elements))
    return f"{sql[:opening].rstrip()} {sql[closing + 1 :].lstrip()}"
