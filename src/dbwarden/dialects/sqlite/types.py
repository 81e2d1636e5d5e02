"""Column types: SQLite keeps whatever was declared, so SQLAlchemy's own words are the type."""

from __future__ import annotations

from functools import cache
from typing import Any

from dbwarden.core.types import DataType, parse_type
from dbwarden.core.widening import Fate
from dbwarden.errors import Unsupported

# Declared name -> SQLAlchemy's generic type; arguments go along (https://www.sqlite.org/datatype3.html).
SQLALCHEMY = {
    "integer": "Integer",
    "int": "Integer",
    "bigint": "BigInteger",
    "smallint": "SmallInteger",
    "boolean": "Boolean",
    "varchar": "String",
    "char": "CHAR",
    "nvarchar": "Unicode",
    "text": "Text",
    "clob": "CLOB",
    "blob": "LargeBinary",
    "real": "REAL",
    "float": "Float",
    "double": "Double",
    "double precision": "DOUBLE_PRECISION",
    "numeric": "Numeric",
    "decimal": "DECIMAL",
    "date": "Date",
    "datetime": "DateTime",
    "timestamp": "TIMESTAMP",
    "time": "Time",
    "json": "JSON",
}


@cache
def _compiler() -> Any:
    from sqlalchemy.dialects import sqlite

    return sqlite.dialect().type_compiler_instance


@cache
def _compile_error() -> type[Exception]:
    from sqlalchemy.exc import CompileError

    return CompileError


def from_sqlalchemy(type_: Any, sqlalchemy: Any = None) -> DataType:
    """The type as SQLAlchemy's SQLite compiler writes it; ``Unsupported`` where it has no word for it."""
    try:
        text: str = (sqlalchemy.type_compiler_instance if sqlalchemy else _compiler()).process(type_)
    except _compile_error() as reason:
        raise Unsupported(
            what=f"column type {type(type_).__name__}",
            dialect="SQLite",
            reason=str(reason).split(" (Background on this error")[0],
            hint="Give the column a type for SQLite: .with_variant(..., 'sqlite').",
        ) from reason
    # A collation is a property of the column (Column.collation), not of its type.
    return parse_type(text.split(" COLLATE ")[0])


def to_sqlalchemy(datatype: DataType) -> str:
    """Python source of the SQLAlchemy type, without a module prefix: ``String(50)``."""
    known = SQLALCHEMY.get(datatype.name)
    if known is None or datatype.modifiers:
        return "Text()" if "char" in datatype.name or "text" in datatype.name else "Numeric()"
    return f"{known}({', '.join(datatype.args)})"


def declared(datatype: DataType) -> str:
    """The type as it stands in a column definition; empty for a column without a type."""
    name = datatype.name if datatype.name.startswith('"') else datatype.name.upper()
    text = f"{name}({', '.join(datatype.args)})" if datatype.args else name
    return f"{text} {datatype.modifiers.upper()}" if datatype.modifiers else text


# -- what becomes of values (https://www.sqlite.org/datatype3.html, 3.1 and 3.4) ----------------------------------

_AFFINITIES = (
    (("int",), "integer"),
    (("char", "clob", "text"), "text"),
    (("blob",), "blob"),
    (("real", "floa", "doub"), "real"),
)
_EXACT = 15
"""Digits of a number with a point that survive as text."""


def _affinity(datatype: DataType) -> str:
    found = next((name for words, name in _AFFINITIES if any(word in datatype.name for word in words)), "numeric")
    return found if datatype.name else "blob"


def fate(before: DataType, after: DataType) -> Fate:
    """A column holds anything: a value changes only where the affinity of the new column converts it."""
    if before == after:
        return Fate.SAME
    old, new = _affinity(before), _affinity(after)
    if old == "text" and new not in ("text", "blob"):
        return Fate.RESPELLED  # what reads like a number becomes one
    if old == "integer" and new == "real":
        return Fate.LOSSY  # 64 bits in 53
    if new == "text" and (old == "real" or (before.name in ("numeric", "decimal") and not _short(before))):
        return Fate.LOSSY
    return Fate.KEPT


def _short(datatype: DataType) -> bool:
    return bool(datatype.args) and datatype.args[0].isdigit() and int(datatype.args[0]) <= _EXACT
