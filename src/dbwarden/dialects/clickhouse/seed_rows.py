"""Rows of ClickHouse, which has no unique keys: a seed recognises rows by the sorting key of their table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from dbwarden.core.dialect import Transfer
from dbwarden.core.model import Table
from dbwarden.dialects.base import seed_rows
from dbwarden.errors import UnkeyedTable, Unsupported

from .expressions import key_parts
from .literals import literal_for
from .types import type_text
from .versions import Version
from .words import quote, string_literal

_REPLACING = re.compile(r"(?:Shared|Replicated)?Replacing")


def literal(value: Any, version: Version) -> str:
    """Literal of a value; an integer of more than 64 bits, which would become a float, is parsed from text."""
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return f"to{'U' if value > 0 else ''}Int256('{value}')"
    return literal_for(value, version)


def key(table: Table) -> tuple[str, ...]:
    """The columns of the sorting key. Raises ``UnkeyedTable`` if it has none, or expressions."""
    parts = key_parts(table.options.get("order_by") or "")
    columns = tuple(name for part in parts for name in table.columns if part.strip() in (name, quote(name)))
    if not parts or len(columns) != len(parts):
        reason = "its sorting key (ORDER BY) is empty or has expressions"
        hint = "On ClickHouse a seed recognises rows by the columns of the sorting key."
        raise UnkeyedTable(table=table.name, reason=reason, hint=hint)
    return columns


def upsert(transfer: Transfer, table: Table, key: Sequence[str], rows: Sequence[Sequence[str]], *, update: bool) -> str:
    """INSERT of the rows with new keys; for a table that replaces rows by itself, of all rows."""
    if update:
        if not _REPLACING.match(str(table.options.get("engine") or "")):
            raise Unsupported(
                feature=f"replacing rows of {table.name}",
                dialect="ClickHouse",
                reason="its engine is not ReplacingMergeTree, and INSERT never changes a row",
                hint="Export it with `--on-conflict nothing`: rows whose sorting key is there already stay as they are.",
            )
        return f"{transfer.into}\n{seed_rows.values(rows)}"
    listed, keys = ", ".join(map(quote, transfer.columns)), ", ".join(map(quote, key))
    structure = ", ".join(
        f"{quote(name)} {type_text(table.columns[name].type, table.columns[name].nullable)}"
        for name in transfer.columns
    )
    tuples = ",\n    ".join(f"({', '.join(row)})" for row in rows)
    return (
        f"{transfer.into}\nSELECT {listed} FROM values({string_literal(structure)},\n    {tuples})\n"
        f"WHERE ({keys}) NOT IN (SELECT {keys} FROM {quote(table.name)})"
    )
