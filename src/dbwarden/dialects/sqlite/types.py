"""Column types. SQLite stores any declared type as text, so a type is what SQLAlchemy writes."""

from __future__ import annotations

from functools import cache
from typing import Any

from dbwarden.core.tokens import without_collation
from dbwarden.core.type_table import Family, TypeChange, TypeRow, TypeTable
from dbwarden.core.types import DataType, parse_type
from dbwarden.dialects.base.types import unsupported_type

from .words import LEXICAL_RULES

# Names as they are declared: SQLite accepts any (https://www.sqlite.org/datatype3.html).
TYPES = TypeTable((
    TypeRow("integer", Family.WHOLE, ("int", "tinyint", "mediumint"), size=8, sqlalchemy="Integer()"),
    TypeRow("bigint", Family.WHOLE, size=8, sqlalchemy="BigInteger()"),
    TypeRow("smallint", Family.WHOLE, size=8, sqlalchemy="SmallInteger()"),
    TypeRow("boolean", Family.BOOLEAN, ("bool",), sqlalchemy="Boolean()", examples=("true", "false")),
    TypeRow("varchar", Family.TEXT, ("character varying",), sqlalchemy="String()"),
    TypeRow("nvarchar", Family.TEXT, sqlalchemy="NVARCHAR()"),
    TypeRow("char", Family.TEXT, ("character",), size=1, sqlalchemy="CHAR()"),
    TypeRow("nchar", Family.TEXT, size=1, sqlalchemy="NCHAR()"),
    TypeRow("text", Family.TEXT, sqlalchemy="Text()"),
    TypeRow("clob", Family.TEXT, sqlalchemy="CLOB()"),
    TypeRow("blob", Family.BYTES, ("binary", "varbinary"), sqlalchemy="LargeBinary()", examples=("a", "b")),
    TypeRow("real", Family.FLOAT, size=53, sqlalchemy="REAL()", examples=("0.1", "1234567")),
    TypeRow("float", Family.FLOAT, size=53, sqlalchemy="Float()", examples=("0.1", "1234567")),
    TypeRow("double", Family.FLOAT, size=53, sqlalchemy="Double()", examples=("0.1", "1234567.125")),
    TypeRow("double precision", Family.FLOAT, size=53, sqlalchemy="DOUBLE_PRECISION()", examples=("0.1", "1234567.125")),
    TypeRow("numeric", Family.DECIMAL, sqlalchemy="Numeric()", examples=("1.25", "2.5")),
    TypeRow("decimal", Family.DECIMAL, sqlalchemy="DECIMAL()", examples=("1.25", "2.5")),
    TypeRow("date", Family.DATE, sqlalchemy="Date()", examples=("2026-03-04", "2026-10-25")),
    TypeRow(
        "datetime", Family.TIMESTAMP, sqlalchemy="DateTime()", examples=("2026-03-04 03:30:00", "2026-11-01 01:30:00")
    ),
    TypeRow(
        "timestamp", Family.TIMESTAMP, sqlalchemy="TIMESTAMP()", examples=("2026-03-04 03:30:00", "2026-11-01 01:30:00")
    ),
    TypeRow("time", Family.TIME, sqlalchemy="Time()", examples=("22:30:00", "01:15:00")),
    TypeRow("json", Family.JSON, sqlalchemy="JSON()", examples=('{"a": 1}', "[2]")),
))  # fmt: skip


@cache
def _compiler() -> Any:
    from sqlalchemy.dialects import sqlite

    return sqlite.dialect().type_compiler_instance


@cache
def _compile_error() -> type[Exception]:
    from sqlalchemy.exc import CompileError

    return CompileError


def from_sqlalchemy(type_: Any, sqlalchemy: Any = None) -> DataType:
    """Type as SQLAlchemy's SQLite compiler writes it. Raises ``Unsupported`` if it cannot."""
    try:
        text: str = (sqlalchemy.type_compiler_instance if sqlalchemy else _compiler()).process(type_)
    except _compile_error() as reason:
        raise unsupported_type(type_, reason, "SQLite", "sqlite") from reason
    # A collation is a property of the column (Column.collation), not of its type.
    return parse_type(without_collation(text, LEXICAL_RULES))


def declared(datatype: DataType) -> str:
    """The type as written in a column definition; empty for a column without a type."""
    name = datatype.name if datatype.name.startswith('"') else datatype.name.upper()
    text = f"{name}({', '.join(datatype.args)})" if datatype.args else name
    return f"{text} {datatype.modifiers.upper()}" if datatype.modifiers else text


# -- effects of a type change (https://www.sqlite.org/datatype3.html, 3.1 and 3.4) --------------------------------

_AFFINITIES = (
    (("int",), "integer"),
    (("char", "clob", "text"), "text"),
    (("blob",), "blob"),
    (("real", "floa", "doub"), "real"),
)
_EXACT = 15
"""Significant digits of a decimal number that survive the conversion to text."""


def _affinity(datatype: DataType) -> str:
    declared_affinity = next(
        (name for words, name in _AFFINITIES if any(word in datatype.name for word in words)), "numeric"
    )
    return declared_affinity if datatype.name else "blob"


def change(before: DataType, after: DataType) -> TypeChange:
    """Effect of a type change: a value changes only if the affinity of the new column converts it."""
    if before == after:
        return TypeChange.SAME
    old, new = _affinity(before), _affinity(after)
    if old == "text" and new not in ("text", "blob"):
        return TypeChange.RESPELLED  # a text that looks like a number becomes one
    if old == "integer" and new == "real":
        return TypeChange.LOSSY  # a 64-bit integer does not fit into 53 bits
    if new == "text" and (old == "real" or (before.name in ("numeric", "decimal") and not _short(before))):
        return TypeChange.LOSSY
    return TypeChange.KEPT


def _short(datatype: DataType) -> bool:
    return bool(datatype.args) and datatype.args[0].isdigit() and int(datatype.args[0]) <= _EXACT
