"""Types of other engines -> the declared type that keeps their values on SQLite.

A declared type is an affinity here (https://www.sqlite.org/datatype3.html): one that turned text into numbers would
damage values, so everything without a type of its own is TEXT. Where SQLAlchemy's SQLite dialect stores a generic type in
its own way (DateTime, Boolean, Uuid, JSON), the column takes exactly that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from dbwarden.core.types import DataType, parse_type


class TypeMapping(NamedTuple):
    """What a type becomes. ``loss`` says what is no longer so; ``collation`` is what the column compares by."""

    type: DataType
    loss: str | None = None
    collation: str | None = None


_ALIASES = {
    "int": "integer", "int4": "integer", "int8": "bigint", "int2": "smallint", "bool": "boolean",
    "serial": "integer", "bigserial": "bigint", "smallserial": "smallint", "serial4": "integer",
    "serial8": "bigint", "serial2": "smallint", "mediumint": "integer", "tinyint": "smallint",
    "float4": "real", "float8": "double precision", "double": "double precision", "float": "double precision",
    "decimal": "numeric", "dec": "numeric", "character varying": "varchar", "character": "char", "bpchar": "char",
    "nchar": "char", "nvarchar": "varchar", "timestamptz": "timestamp with time zone",
    "timetz": "time with time zone", "datetime": "timestamp", "varbit": "bit varying", "blob": "bytea",
    "string": "text", "longtext": "text", "mediumtext": "text",
}  # fmt: skip

# Type -> (declared here, whether the arguments go along, what is lost).
_ROWS: dict[str, tuple[str, bool, str | None]] = {
    "integer": ("integer", False, None), "bigint": ("bigint", False, None), "smallint": ("smallint", False, None),
    "boolean": ("boolean", False, None), "date": ("date", False, None),
    "time": ("time", False, None), "timestamp": ("datetime", False, None),
    "time with time zone": ("time", False, "the offset of a value is not kept"),
    "timestamp with time zone": ("datetime", False, "the offset of a value is not kept: write UTC"),
    "varchar": ("varchar", True, None), "char": ("char", True, None), "text": ("text", False, None),
    "name": ("text", False, None), "citext": ("text", False, None),
    "numeric": ("numeric", True, None), "real": ("real", False, None),
    "double precision": ("double precision", False, None), "bytea": ("blob", False, None),
    # json as JSON would have NUMERIC affinity, which rounds a document that is one long number.
    "uuid": ("text", False, None), "json": ("text", False, None), "jsonb": ("text", False, None),
    "oid": ("integer", False, None),
    "interval": ("datetime", False, "as SQLAlchemy's Interval keeps it there: a moment counted from 1970"),
}  # fmt: skip

_UNCHECKED = "values are not checked, and its operators are missing"
_PRECISE = 15
"""Decimal digits that an eight-byte float keeps: https://www.sqlite.org/floatingpoint.html."""


@lru_cache(maxsize=4096)
def map_type(datatype: DataType) -> TypeMapping:
    """The type for a column that was a ``datatype``; an enum or a domain is resolved before."""
    if datatype.array:
        return TypeMapping(DataType("text"), "SQLite has no arrays: lists are kept as JSON, elements are not checked")
    name, modifiers = datatype.name.removeprefix("pg_catalog."), datatype.modifiers
    if modifiers.endswith("time zone"):
        name = f"{name} {modifiers}"
    name = name.removesuffix(" without time zone")
    name = _ALIASES.get(name, name)
    if name.startswith("interval"):
        name = "interval"
    row = _ROWS.get(name)
    if row is None:
        return TypeMapping(DataType("text"), _UNCHECKED)
    declared, with_arguments, loss = row
    arguments = datatype.args if with_arguments else ()
    if name == "numeric" and (not arguments or int(arguments[0]) > _PRECISE):
        loss = f"numbers of more than {_PRECISE} digits are rounded"
    return TypeMapping(DataType(declared, arguments), loss, "NOCASE" if name == "citext" else None)


INTEGERS = frozenset(("integer", "bigint", "smallint"))

_AFFINITIES = {"integer": "integer", "bigint": "integer", "smallint": "integer", "oid": "integer"}
_NUMBERS = {"real": "real", "double precision": "real", "numeric": "numeric", "bytea": "blob"}


def affinity(text: str) -> str:
    """What a cast to the type ``text`` means here: integer, real, numeric, blob, boolean, or text."""
    datatype = parse_type(text)
    if datatype.array or "[" in text or "<" in text:
        return "array"
    name = _ALIASES.get(datatype.name, datatype.name)
    if name in ("boolean", "varchar", "char", "text", "citext"):
        return "boolean" if name == "boolean" else "text"
    return _AFFINITIES.get(name) or _NUMBERS.get(name) or ("interval" if name.startswith("interval") else "as it is")
