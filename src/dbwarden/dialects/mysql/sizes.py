"""Sizes of tables: estimates from ``information_schema``, and counts for small tables.

MySQL shows estimates that may be a day old (``information_schema_stats_expiry``), so a table of which it says that it is
small is counted, up to a bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbwarden.core.dialect import Connection, Size
from dbwarden.core.model import Column
from dbwarden.core.types import Ref
from dbwarden.dialects.base.catalog import catalog_query
from dbwarden.errors import PermissionDenied

from . import defaults
from .words import quote

_ASKED = 8 * 1024 * 1024
"""Bytes up to which the rows of a table are counted."""
_BOUND = 1000
"""Rows at which counting ends, and the estimate is used."""
_AT_ONCE = 200
"""Tables counted by one statement."""
_AS_BYTES = defaults.BINARY | {"bit"}
_INCOMPARABLE = frozenset(
    "json vector geometry point linestring polygon multipoint multilinestring multipolygon geometrycollection".split()
)


def sizes(conn: Connection) -> dict[Ref, Size]:
    """Size of every table: rows, counted or estimated (0 only for an empty table), and bytes with its indexes."""
    by_table: dict[Ref, Size] = {}
    asked: list[Ref] = []
    for name, rows, length, size in conn.query(catalog_query(__package__, "sizes")):
        table = Ref("table", name.decode() if isinstance(name, bytes) else str(name))
        by_table[table] = Size(max(int(rows or 0), 1), int(size or 0))
        if int(rows or 0) <= _BOUND or int(length or 0) <= _ASKED:
            asked.append(table)
    for table, rows in _counted(conn, asked):
        size = by_table[table]
        by_table[table] = (
            Size(max(size.rows, rows), size.bytes) if rows > _BOUND else Size(rows, size.bytes, exact=True)
        )
    return by_table


def _counted(conn: Connection, tables: Sequence[Ref]) -> Iterator[tuple[Ref, int]]:
    """Rows of each table, at most one more than ``_BOUND``; tables that may not be read are left out."""
    for start in range(0, len(tables), _AT_ONCE):
        some = tables[start : start + _AT_ONCE]
        try:
            yield from _count(conn, some)
        except PermissionDenied:
            if len(some) > 1:
                for table in some:
                    yield from _counted(conn, [table])


def _count(conn: Connection, tables: Sequence[Ref]) -> list[tuple[Ref, int]]:
    counts = (
        f"SELECT {at}, (SELECT COUNT(*) FROM (SELECT 1 FROM {quote(table.name)} LIMIT {_BOUND + 1}) AS counted)"
        for at, table in enumerate(tables)
    )
    return [(tables[int(at)], int(rows)) for at, rows in conn.query(" UNION ALL ".join(counts))]


def differs_from_default(column: Column) -> str | None:
    """Condition for values that differ from the default, compared byte by byte as text."""
    literal = defaults.constant(column.default.text, column.type) if column.default is not None else None
    if literal is None or column.type.name in _INCOMPARABLE:
        return None
    name = quote(column.name)
    if column.type.name in _AS_BYTES:
        length = f"({column.type.args[0]})" if column.type.name == "binary" and column.type.args else ""
        return f"{name} IS NULL OR CAST({name} AS BINARY) <> CAST({literal} AS BINARY{length})"
    value, default = (f"CAST(CONVERT({text} USING utf8mb4) AS BINARY)" for text in (name, literal))
    return f"{name} IS NULL OR {value} <> {default}"
