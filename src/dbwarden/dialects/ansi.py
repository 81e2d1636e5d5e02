"""Printers shared by several dialects: plain functions from values to SQL text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dbwarden.core.tables import COLUMNS


def literal(text: str) -> str:
    """A string literal of standard SQL."""
    return "'" + text.replace("'", "''") + "'"


def block(opening: str, items: Iterable[str], closing: str = ")") -> str:
    """``opening`` + one indented item per line + ``closing``: the shape of a readable CREATE TABLE."""
    lines = ",\n".join(f"    {item}" for item in items)
    return f"{opening}\n{lines}\n{closing}" if lines else f"{opening}{closing}"


def own_table(name: str, types: Mapping[str, str], suffix: str = "") -> str:
    """CREATE TABLE IF NOT EXISTS for one of our own tables. ``types`` maps the words of ``core.tables`` to the vendor's."""

    def column(column_name: str, declared: str) -> str:
        for word in ("serial primary key", "double", "timestamp", "name", "text", "boolean", "integer"):
            if declared.startswith(word):
                return f"{column_name} {types.get(word, word)}{declared[len(word) :]}".replace(" not null", " NOT NULL")
        raise KeyError(declared)

    columns = (column(column_name, declared) for column_name, declared in COLUMNS[name])
    return block(f"CREATE TABLE IF NOT EXISTS {name} (", (text.rstrip() for text in columns)) + suffix
