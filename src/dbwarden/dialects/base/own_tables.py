"""Statements that create our own tables, from the rows of ``core.own_tables``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dbwarden.core.own_tables import COLUMNS, LOCK, OWNER, OwnTables

from .names import block


def own_table(table: str, tables: OwnTables, types: Mapping[str, str]) -> tuple[str, ...]:
    """CREATE TABLE IF NOT EXISTS for one of our own tables, and its index. ``types`` maps the words of ``core.own_tables``
    to SQL types."""
    create = create_own_table(table, tables, types)
    return (create, *one_row_a_project(tables)) if table == LOCK else (create,)


def create_own_table(
    table: str, tables: OwnTables, types: Mapping[str, str], keys: Iterable[str] = (), closing: str = ")"
) -> str:
    """CREATE TABLE IF NOT EXISTS for one of our own tables, with the clauses of ``keys`` after its columns."""

    def column(column_name: str, declared: str) -> str:
        for word in ("serial primary key", "owner", "double", "timestamp", "name", "text", "boolean", "integer"):
            if declared.startswith(word):
                return f"{column_name} {types.get(word, word)}{declared[len(word) :]}".replace(" not null", " NOT NULL")
        raise KeyError(declared)

    columns = (column(column_name, declared).rstrip() for column_name, declared in COLUMNS[table])
    return block(f"CREATE TABLE IF NOT EXISTS {tables.name(table)} (", (*columns, *keys), closing)


def one_row_a_project(tables: OwnTables) -> tuple[str, ...]:
    """Unique index of the lock's table, which allows one row per project."""
    index = f"{tables.plain(LOCK)}_{OWNER}"
    return (f'CREATE UNIQUE INDEX IF NOT EXISTS "{index}" ON {tables.name(LOCK)} ({OWNER})',)
