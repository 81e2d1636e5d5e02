"""Rows that do not meet a demand, on SQLite.

A column takes values of any type, and keeps them as they are, except in a STRICT table
(https://www.sqlite.org/stricttables.html). A primary key may contain NULL (https://www.sqlite.org/lang_createtable.html).
"""

from __future__ import annotations

from dataclasses import dataclass

from dbwarden.core.model import Column, Schema, Table
from dbwarden.core.row_demands import RowDemand
from dbwarden.dialects.base.offending_rows import RowQueries

from .words import quote

_TAKEN = {
    "int": ("integer",),
    "integer": ("integer",),
    "real": ("integer", "real"),
    "text": ("integer", "real", "text"),
    "blob": ("blob",),
}
"""Classes of values that a column of a STRICT table takes as they are."""

_EXACT = "9e15"
"""Bound below which every whole number is exact as a float."""


@dataclass(frozen=True)
class SQLiteRows(RowQueries):
    """Queries for SQLite."""

    def rejects_null(self, demand: RowDemand) -> bool:
        return False

    def misfit(self, demand: RowDemand, column: Column, schema: Schema) -> str | None:
        table = schema.get(demand.table)
        taken = _TAKEN.get(demand.type.lower())
        if not isinstance(table, Table) or not table.options.get("strict") or taken is None:
            return None
        name = quote(column.name)
        classes = ", ".join(f"'{taken_class}'" for taken_class in taken)
        refused = f"typeof({name}) NOT IN ('null', {classes})"
        if "integer" not in taken or "text" in taken:
            return refused
        number = f"trim({name}) NOT GLOB '*[^0-9.eE+-]*' AND trim({name}) <> ''"
        if "real" not in taken:  # a number with a fraction; beyond the bound a float has none
            value = f"CAST({name} AS REAL)"
            number += f" AND (abs({value}) >= {_EXACT} OR {value} = CAST({value} AS INTEGER))"
        return f"{refused} AND NOT (typeof({name}) IN ('text', 'real') AND {number})"
