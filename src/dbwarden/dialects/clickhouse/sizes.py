"""Sizes of tables, as the server counts them by its parts."""

from __future__ import annotations

from dbwarden.core.dialect import Connection, Size
from dbwarden.core.model import Column
from dbwarden.core.types import Ref
from dbwarden.dialects.base.catalog import catalog_query

from .expressions import is_constant
from .types import type_text
from .versions import TABLE_SIZES, Version, has
from .words import quote, string_literal


def sizes(conn: Connection, version: Version) -> dict[Ref, Size]:
    """Size of every table with rows of its own."""
    by_table: dict[Ref, Size] = {}
    for name, rows, size in conn.query(
        catalog_query(__package__, "sizes" if has(version, TABLE_SIZES) else "sizes_of_parts")
    ):
        known = rows is not None
        by_table[Ref("table", str(name))] = Size(int(rows) if known else 1, int(size or 0), exact=known)
    return by_table


def differs_from_default(column: Column) -> str | None:
    """Condition for values that differ from the default, compared as text."""
    if column.default is None or not is_constant(column.default.text):
        return None
    name, type_ = quote(column.name), string_literal(type_text(column.type, column.nullable))
    return f"{name} IS NULL OR toString({name}) != toString(CAST({column.default.text}, {type_}))"
