"""Exact counts of rows, up to a limit."""

from __future__ import annotations

from collections.abc import Callable

from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError

from .connection import DatabaseConnection


def has_rows(conn: DatabaseConnection, quote: Callable[[str], str], table: Ref, condition: str) -> bool | None:
    """Whether a row meets ``condition``, an SQL expression; ``None`` if the query fails."""
    place = f"{quote(table.schema)}.{quote(table.name)}" if table.schema else quote(table.name)
    try:
        return bool(conn.query(f"SELECT 1 FROM {place} WHERE {condition} LIMIT 1"))
    except DatabaseError:
        return None


def count_rows(conn: DatabaseConnection, quote: Callable[[str], str], ref: Ref, limit: int) -> int | None:
    """Count the rows of a table, or those with a value in a column; ``limit`` + 1 stands for more than ``limit``.

    ``None`` if the query fails: no privilege, no such table, or a lock that is not granted in time.
    """
    table = ref.name if ref.table is None else ref.table
    place = f"{quote(ref.schema)}.{quote(table)}" if ref.schema else quote(table)
    condition = "" if ref.table is None else f" WHERE {quote(ref.name)} IS NOT NULL"
    try:
        [(rows,)] = conn.query(f"SELECT count(*) FROM (SELECT 1 FROM {place}{condition} LIMIT {limit + 1}) AS counted")
    except DatabaseError:
        return None
    return int(rows)
