"""Handles tables that the models do not fully describe: reflected tables, whose columns the application reads from the
database, and stubs.

A stub is a table of another application (``auth.users``) that models declare with only the columns that foreign keys need.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from .collisions import without_tables
from .model import Object, PrimaryKey, Schema, Table
from .spelling import fold_ref, spell
from .types import Ref


def adopt_tables(desired: Schema, current: Schema, tables: Iterable[Ref], caseless: Collection[str]) -> Schema:
    """``desired`` with these tables and their members taken from ``current``, and without those that it lacks."""
    folded = {fold_ref(ref, caseless) for ref in tables}
    if not folded:
        return desired
    incomplete = [table.ref for table in desired.tables() if fold_ref(table.ref, caseless) in folded]
    existing = [table for table in current.tables() if fold_ref(table.ref, caseless) in folded]
    members: list[Object] = [member for table in existing for member in current.members(table.ref)]
    return without_tables(desired, incomplete).put(*existing, *members)


def stubs(
    desired: Schema, current: Schema, owned: Collection[Ref], caseless: Collection[str]
) -> Mapping[Ref, tuple[str, ...]]:
    """The stubs among the tables of ``desired``, by their names in ``current``, with the columns that they leave out.

    A table is a stub if no migration created it (``owned``), if foreign keys of other models refer to it, and if its model
    has only its key and the columns that they refer to.
    """
    desired = spell(desired, current, caseless)
    ours = {fold_ref(ref, caseless) for ref in owned}
    others = (
        (table, current.get(table.ref)) for table in desired.tables() if fold_ref(table.ref, caseless) not in ours
    )
    return {
        table.ref: tuple(name for name in existing.columns if name not in table.columns)
        for table, existing in others
        if isinstance(existing, Table) and _is_stub(table, existing, desired, current)
    }


def _is_stub(table: Table, existing: Table, desired: Schema, current: Schema) -> bool:
    described = table.columns.keys()
    if not described < existing.columns.keys():
        return False
    keys = (key for key in desired.referrers(table.ref) if key.table != table.ref)
    referred = {name for key in keys for name in key.ref_columns}
    identifying = {name for key in current.members(table.ref) if isinstance(key, PrimaryKey) for name in key.columns}
    return not described.isdisjoint(referred) and described <= referred | identifying
