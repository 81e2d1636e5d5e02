"""Mapping of another engine's types to the declared types that store their values on SQLite.

A declared type is only an affinity (https://www.sqlite.org/datatype3.html). A numeric affinity would turn text into
numbers, so every type without a counterpart is TEXT. Generic types (DateTime, Boolean, Uuid, JSON) have the declared type
that SQLAlchemy's SQLite dialect uses.
"""

from __future__ import annotations

from typing import NamedTuple

from dbwarden.core.type_table import Family, TypeRow, TypeTable
from dbwarden.core.types import DataType, parse_type
from dbwarden.dialects.base.types import STANDARD


class TypeMapping(NamedTuple):
    """Type on SQLite. ``loss`` describes a lost property; ``collation`` is the collation that the column needs."""

    type: DataType
    loss: str | None = None
    collation: str | None = None


_ARRAY = TypeMapping(DataType("text"), "SQLite has no arrays: lists are kept as JSON, elements are not checked")
_PRECISE = 15
"""Decimal digits that an eight-byte float preserves (https://www.sqlite.org/floatingpoint.html)."""


def map_type(datatype: DataType, types: TypeTable = STANDARD) -> TypeMapping:
    """Map a type of an engine with the table ``types``; the caller resolves enums and domains."""
    if datatype.array:
        return _ARRAY
    row = _row(datatype, types)
    declared = DataType(row.dev.name, datatype.args if row.dev.with_arguments else ())
    loss = row.dev.loss
    if row.family is Family.DECIMAL and (not declared.args or int(declared.args[0]) > _PRECISE):
        loss = f"numbers of more than {_PRECISE} digits are rounded"
    return TypeMapping(declared, loss, row.dev.collation)


def _row(datatype: DataType, types: TypeTable) -> TypeRow:
    """Row of a type; the name of an interval includes its fields (``interval day to second``).

    A type may have a row for an argument (``tinyint(1)``) or a modifier (``bigint unsigned``).
    """
    name = datatype.name.removeprefix("pg_catalog.")
    first = "interval" if name.startswith("interval") else name
    zone = datatype.modifiers if datatype.modifiers.endswith("time zone") else ""
    special = (types.get(text) for text in (str(datatype), f"{name} {datatype.modifiers.removesuffix(' zerofill')}"))
    return next((row for row in special if row is not None), None) or types.row(DataType(first, modifiers=zone))


_AFFINITIES = {
    Family.WHOLE: "integer", Family.DECIMAL: "numeric", Family.FLOAT: "real", Family.BYTES: "blob",
    Family.BOOLEAN: "boolean", Family.TEXT: "text", Family.INTERVAL: "interval",
}  # fmt: skip


def affinity(text: str) -> str:
    """Meaning of a cast to the type ``text``: integer, real, numeric, blob, boolean, text, array, interval, or as it is."""
    datatype = parse_type(text)
    if datatype.array or "[" in text or "<" in text:
        return "array"
    row = _row(datatype, STANDARD)
    return "integer" if row.dev.name == "integer" else _AFFINITIES.get(row.family, "as it is")
