"""Rows of MySQL and MariaDB, which are transferred as text, as statements of a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dbwarden.core.dialect import Server, Transfer
from dbwarden.core.model import Column, Table
from dbwarden.dialects.base import seed_rows
from dbwarden.dialects.base.seed_rows import is_number

from .words import quote, string_literal

_NUMBERS = frozenset("tinyint smallint mediumint int integer bigint decimal numeric float double year".split())
_BY_MODE = frozenset(("date", "datetime", "timestamp"))
"""Types whose values depend on the mode (zero dates) or the time zone of the session."""
_ROW_ALIAS = (8, 0, 19)
"""The first MySQL with ``VALUES ... AS new``; VALUES(column) is deprecated since then."""


def literal(column: Column, value: object) -> str:
    """A text as a literal; plain for numbers."""
    if value is None:
        return "NULL"
    text = value.decode() if isinstance(value, bytes) else str(value)
    if column.type.name in _NUMBERS and is_number(text):
        return text
    return string_literal(text)


def upsert(
    transfer: Transfer, table: Table, server: Server, key: Sequence[str], rows: Sequence[Sequence[str]], *, update: bool
) -> str:
    """INSERT ... ON DUPLICATE KEY UPDATE, which every unique key of the table decides."""
    if not _depends_on_session(transfer, table, rows):
        transfer = replace(transfer, into=f"INSERT INTO{transfer.into.partition(' INTO')[2]}")
    changed = seed_rows.others(transfer, table, key) if update else []
    alias = ""
    if not changed:
        first = quote(key[0])
        assignments = f"{first} = {quote(table.name)}.{first}"
    elif server.flavour == "mariadb" or (server.version and server.version < _ROW_ALIAS):
        assignments = ", ".join(f"{quote(name)} = VALUES({quote(name)})" for name in changed)
    else:
        alias = " AS new"
        assignments = ", ".join(f"{quote(name)} = new.{quote(name)}" for name in changed)
    return f"{transfer.into}\n{seed_rows.values(rows)}{alias}\nON DUPLICATE KEY UPDATE {assignments}"


def _depends_on_session(transfer: Transfer, table: Table, rows: Sequence[Sequence[str]]) -> bool:
    """Whether the mode and the time zone of the session decide what is stored: then the statement sets them itself."""
    for at, name in enumerate(transfer.columns):
        column = table.columns[name]
        if column.type.name in _BY_MODE or (column.identity is not None and any(row[at] == "0" for row in rows)):
            return True
    return False
