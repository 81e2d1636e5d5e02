"""Rows of a table as statements of a seed, in standard SQL with ON CONFLICT."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from dbwarden.core.dialect import Transfer
from dbwarden.core.model import Index, Object, PrimaryKey, Table, Unique
from dbwarden.errors import UnkeyedTable

from .names import literal as text_literal

Quote = Callable[[str], str]

_PARAMETER = re.compile(r":c(\d+)\b")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def query(transfer: Transfer, quote: Quote, key: Sequence[str], where: str | None, limit: int | None) -> str:
    """Query of rows in the order of their key; names are qualified, because the query may have aliases of the same names."""
    order = ", ".join(f"{transfer.source}.{quote(name)}" for name in key)
    parts = [
        transfer.select,
        f"WHERE ({where}\n)" if where else "",
        f"ORDER BY {order}",
        f"LIMIT {limit}" if limit else "",
    ]
    return " ".join(filter(None, parts))


def expressions(transfer: Transfer, literals: Sequence[str]) -> tuple[str, ...]:
    """The expressions of a row, with literals in place of parameters. NULL needs no function around it."""
    return tuple(
        literal if literal == "NULL" else _PARAMETER.sub(lambda match: literals[int(match[1])], value)
        for literal, value in zip(literals, transfer.values, strict=True)
    )


def literal(value: Any) -> str:
    """A value of the driver as SQL."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if math.isinf(value):
            return "9e999" if value > 0 else "-9e999"
        case int() | float():
            return repr(value)
        case Decimal():
            return str(value)
        case bytes():
            return f"X'{value.hex()}'"
        case str() if "\0" in value:
            return f"CAST(X'{value.encode().hex()}' AS TEXT)"
    return text_literal(str(value))


def is_number(text: str) -> bool:
    """Whether a text is a number as SQL writes it."""
    return _NUMBER.fullmatch(text) is not None


def key(table: Table, members: Iterable[Object]) -> tuple[str, ...]:
    """The columns of the primary key, else of the first unique constraint or index whose columns are NOT NULL."""
    unique = []
    for member in members:
        match member:
            case PrimaryKey(deferrable=False):
                return member.columns
            case Unique(deferrable=False):
                unique.append(member.columns)
            case Index(unique=True, where=None) if all(part.column and not part.length for part in member.elements):
                unique.append(tuple(part.column for part in member.elements if part.column))
    for columns in sorted(unique, key=len):
        if all(not table.columns[name].nullable for name in columns):
            return columns
    raise UnkeyedTable(table=table.name, reason="it has no key")


def values(rows: Sequence[Sequence[str]]) -> str:
    """VALUES with one row on each line."""
    return "VALUES\n    " + ",\n    ".join(f"({', '.join(row)})" for row in rows)


def others(transfer: Transfer, table: Table, key: Sequence[str]) -> list[str]:
    """The columns that an update sets: not those of the key, nor those that only the engine numbers."""
    numbered = {
        column.name for column in table.columns.values() if column.identity and column.identity.mode == "always"
    }
    return [name for name in transfer.columns if name not in key and name not in numbered]


def upsert(
    transfer: Transfer, table: Table, quote: Quote, key: Sequence[str], rows: Sequence[Sequence[str]], *, update: bool
) -> str:
    """INSERT ... ON CONFLICT of the key."""
    changed = others(transfer, table, key) if update else []
    assignments = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in changed)
    action = f"DO UPDATE SET {assignments}" if changed else "DO NOTHING"
    target = ", ".join(map(quote, key))
    return f"{transfer.into}\n{values(rows)}\nON CONFLICT ({target}) {action}"


def delete(transfer: Transfer, name: str, quote: Quote, key: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """DELETE of the rows with these keys."""
    places = [transfer.columns.index(column) for column in key]
    if len(places) == 1:
        listed = ", ".join(row[places[0]] for row in rows)
        return f"DELETE FROM {name} WHERE {quote(key[0])} IN ({listed})"
    tuples = (
        " AND ".join(f"{quote(column)} = {row[at]}" for column, at in zip(key, places, strict=True)) for row in rows
    )
    return f"DELETE FROM {name} WHERE " + "\n    OR ".join(f"({condition})" for condition in tuples)
