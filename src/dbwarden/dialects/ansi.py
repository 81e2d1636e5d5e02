"""Printers shared by several dialects: plain functions from values to SQL text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dbwarden.core.tables import COLUMNS, LOCK, OWNER, OwnTables
from dbwarden.core.types import Ref


def literal(text: str) -> str:
    """A string literal of standard SQL."""
    return "'" + text.replace("'", "''") + "'"


def block(opening: str, items: Iterable[str], closing: str = ")") -> str:
    """``opening`` + one indented item per line + ``closing``: the shape of a readable CREATE TABLE."""
    lines = ",\n".join(f"    {item}" for item in items)
    return f"{opening}\n{lines}\n{closing}" if lines else f"{opening}{closing}"


def own_table(table: str, tables: OwnTables, types: Mapping[str, str]) -> tuple[str, ...]:
    """What creates one of our own tables where it is missing. ``types`` maps the words of ``core.tables`` to the vendor's."""

    def column(column_name: str, declared: str) -> str:
        for word in ("serial primary key", "owner", "double", "timestamp", "name", "text", "boolean", "integer"):
            if declared.startswith(word):
                return f"{column_name} {types.get(word, word)}{declared[len(word) :]}".replace(" not null", " NOT NULL")
        raise KeyError(declared)

    columns = (column(column_name, declared).rstrip() for column_name, declared in COLUMNS[table])
    create = block(f"CREATE TABLE IF NOT EXISTS {tables.name(table)} (", columns)
    return (create, *one_row_a_project(tables)) if table == LOCK else (create,)


def one_row_a_project(tables: OwnTables) -> tuple[str, ...]:
    """The unique index of the lock's table."""
    index = f"{tables.plain(LOCK)}_{OWNER}"
    return (f'CREATE UNIQUE INDEX IF NOT EXISTS "{index}" ON {tables.name(LOCK)} ({OWNER})',)


def fill_here(column: Ref) -> str:
    """The comment that marks where a column has to get its values."""
    return (
        f"-- Fill {str(column).partition(' ')[2]} here: the rows that exist have no value, and NOT NULL refuses them."
    )
