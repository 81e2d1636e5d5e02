"""Rows that do not meet a demand, on MySQL and MariaDB.

In strict mode ALTER TABLE refuses a value that the new type does not take; else it changes the value, and nothing fails. What is
refused was measured on MySQL 9.7 and MariaDB 10.11 and 11.8: the conditions select no value that the server takes, and may
miss one that it refuses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dbwarden.core.dialect import Connection, Server
from dbwarden.core.model import Column, Schema
from dbwarden.core.row_demands import DemandKind, OffendingRows, RowDemand
from dbwarden.core.type_table import NUMBERS, Family
from dbwarden.core.types import DataType
from dbwarden.dialects.base.names import literal
from dbwarden.dialects.base.offending_rows import RowQueries, decimal_bound, whole_bounds

from . import types
from .words import quote

_PREFIX = re.compile(r"(?P<column>`(?:[^`]|``)+`|[\w$]+)\s*\(\s*(?P<length>\d+)\s*\)")
"""The beginning of a column as a key of an index: ``name(10)``."""
_NUMBER = "^[[:space:]]*[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?[[:space:]]*$"
_WHOLE = "^[[:space:]]*[-+]?[0-9]+[[:space:]]*$"
_DIGITS = 30
"""Digits after the point with which a text is compared with the bounds of a whole number."""

_BYTES = {"tinytext": 255, "text": 65535, "mediumtext": 16777215, "longtext": 4294967295}


@dataclass(frozen=True)
class MySQLRows(RowQueries):
    """Queries for both flavours."""

    server: Server

    def offending_rows(self, conn: Connection, demand: RowDemand, schema: Schema, limit: int) -> OffendingRows | None:
        if demand.kind in (DemandKind.TYPE, DemandKind.NOT_NULL) and not _is_strict(conn):
            return None
        return RowQueries.offending_rows(self, conn, demand, schema, limit)

    def key(self, text: str) -> str:
        prefix = _PREFIX.fullmatch(text)
        return f"LEFT({prefix['column']}, {prefix['length']})" if prefix is not None else text

    def misfit(self, demand: RowDemand, column: Column, schema: Schema) -> str | None:
        name, old = quote(column.name), column.type
        new = types.canonical_type(types.parse(demand.type), self.server)
        if old == new:
            return None
        is_text = _family(old) is Family.TEXT
        condition = self._of_text(name, new) if is_text else _of_other(name, old, new)
        if condition is None:
            raise self.unjudged(f"which values of {old} are refused by {new} is not known")
        return condition or None

    def _of_text(self, name: str, new: DataType) -> str | None:
        """Texts that a type does not take: empty if it takes all, ``None`` if that is not known."""
        match _family(new):
            case Family.WHOLE:
                pattern = _WHOLE if self.server.flavour == "mariadb" else _NUMBER
                number = f"ROUND(CAST({name} AS DECIMAL(65, {_DIGITS})))"
                return f"{name} NOT REGEXP {literal(pattern)} OR {_out_of_bounds(number, new)}"
            case Family.DECIMAL:
                number = f"CAST({name} AS DECIMAL(65, {_DIGITS}))"
                return f"{name} NOT REGEXP {literal(_NUMBER)} OR {_too_large(number, new)}"
            case Family.FLOAT:
                return f"{name} NOT REGEXP {literal(_NUMBER)}"
            case Family.DATE | Family.TIMESTAMP:
                return f"CAST({name} AS DATETIME) IS NULL AND {name} IS NOT NULL"
            case Family.JSON:
                return f"NOT JSON_VALID({name})"
            case Family.TEXT if new.name == "enum":
                number = (
                    f"{name} REGEXP '^[[:space:]]*[0-9]+[[:space:]]*$' AND CAST({name} AS UNSIGNED) <= {len(new.args)}"
                )
                return f"{name} NOT IN ({', '.join(new.args)}) AND NOT ({number})"
            case Family.TEXT:
                return _shorter(name, new)
        return None


def _of_other(name: str, old: DataType, new: DataType) -> str | None:
    """Values that are no texts."""
    if _family(old) not in NUMBERS:
        same = _family(old) is _family(new)
        return "" if same and _family(old) in (Family.DATE, Family.TIMESTAMP) else None
    match _family(new):
        case Family.WHOLE:
            return _out_of_bounds(f"ROUND({name})", new)
        case Family.DECIMAL:
            return _too_large(name, new)
        case Family.FLOAT:
            return ""
        case Family.TEXT if _family(old) is Family.WHOLE:
            return _shorter(name, new)
    return None


def _out_of_bounds(number: str, new: DataType) -> str:
    low, high = whole_bounds(types.TYPES.row(new).size or 1, unsigned="unsigned" in new.modifiers)
    return f"{number} NOT BETWEEN {low} AND {high}"


def _too_large(number: str, new: DataType) -> str:
    scale, bound = decimal_bound(new if new.args else DataType("decimal", ("10", "0")))
    return f"ROUND({number}, {scale}) NOT BETWEEN -{bound} AND {bound}"


def _shorter(name: str, new: DataType) -> str | None:
    """Texts that are too long; spaces at the end are cut off."""
    if new.name in ("varchar", "char"):
        return f"CHAR_LENGTH(TRIM(TRAILING ' ' FROM {name})) > {int(new.args[0]) if new.args else 1}"
    bytes_ = _BYTES.get(new.name)
    return f"LENGTH({name}) > {bytes_}" if bytes_ else None


def _family(datatype: DataType) -> Family:
    """Family of a type; a boolean is a number of one byte."""
    family = types.TYPES.row(datatype).family
    return Family.WHOLE if family is Family.BOOLEAN else family


def _is_strict(conn: Connection) -> bool:
    return "STRICT_" in str(conn.query("SELECT @@SESSION.sql_mode")[0][0])
