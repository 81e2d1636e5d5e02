"""Tables that models leave to the database: those whose columns are read when the application runs, and stubs.

A stub is a table of somebody else (``auth.users``) that models declare with no more columns than their foreign keys need.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from .collisions import without_tables
from .model import Object, PrimaryKey, Schema, Table
from .spelling import fold_ref, spell
from .types import Ref


def as_they_are(desired: Schema, current: Schema, tables: Iterable[Ref], caseless: Collection[str]) -> Schema:
    """``desired`` with these tables, and what belongs to them, as ``current`` has them; without those it does not have."""
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

    The evidence: nobody of ours created the table (``owned``), foreign keys of other tables of the models refer to it, and
    the models describe nothing of it but what these refer to, and its key.
    """
    desired = spell(desired, current, caseless)
    ours = {fold_ref(ref, caseless) for ref in owned}
    others = ((one, current.get(one.ref)) for one in desired.tables() if fold_ref(one.ref, caseless) not in ours)
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
