"""Sizes of tables: estimates from statistics and file sizes, and counts for small tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbwarden.core.ddl.constant import constant
from dbwarden.core.dialect import Connection, Server, Size
from dbwarden.core.model import Column
from dbwarden.core.types import Ref

from . import types
from .names import quote
from .words import LEXICAL_RULES

_ROW = 100
"""Bytes assumed for a row if the table was never analysed."""
_ASKED = 8 * 1024 * 1024
"""Bytes up to which the rows of a table are counted: if all of them are dead, counting reads the whole table."""
_BOUND = 1000
"""Rows at which counting ends, and the estimate is used."""
_AT_ONCE = 200
"""Tables counted by one statement."""

# A partitioned table has no rows of its own: the sizes of its partitions are added (manual, section 9.28,
# pg_partition_tree). Tables that our role may not read, that have row-level security or partitions on other servers, are
# not counted.
_SIZES = """
SELECT n.nspname, c.relname, c.relkind, c.reltuples,
       CASE WHEN c.relkind = 'p'
            THEN (SELECT COALESCE(sum(pg_relation_size(t.relid)), 0) FROM pg_partition_tree(c.oid) AS t)
            ELSE pg_relation_size(c.oid) END,
       c.relispopulated AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
           AND NOT row_security_active(c.oid)
           AND (c.relkind <> 'p' OR NOT EXISTS (
               SELECT 1 FROM pg_partition_tree(c.oid) AS t JOIN pg_class AS f ON f.oid = t.relid AND f.relkind = 'f'))
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
"""


def sizes(conn: Connection, server: Server) -> dict[Ref, Size]:
    """Size of every table: rows, counted or estimated (0 only for an empty table), and bytes."""
    by_table: dict[Ref, Size] = {}
    asked: list[tuple[Ref, str]] = []
    for schema, name, kind, rows, size, readable in conn.query(_SIZES):
        table = Ref("table", name, None if schema == server.default_schema else schema)
        size = int(size or 0)
        # reltuples of a table that was never analysed is -1 (since version 14) or 0.
        estimate = 0 if size == 0 else int(rows) if rows > 0 else size // _ROW + 1
        by_table[table] = Size(estimate, size)
        if readable and 0 < size <= _ASKED:
            only = "ONLY " if _text(kind) == "r" else ""
            asked.append((table, f"{only}{quote(schema)}.{quote(name)}"))
    for table, rows in _count_small_tables(conn, asked):
        by_table[table] = Size(rows, by_table[table].bytes, exact=True)
    return by_table


def _count_small_tables(conn: Connection, tables: Sequence[tuple[Ref, str]]) -> Iterator[tuple[Ref, int]]:
    """Tables with at most ``_BOUND`` rows, and their counts."""
    for start in range(0, len(tables), _AT_ONCE):
        some = tables[start : start + _AT_ONCE]
        counts = (
            f"SELECT {at}, (SELECT count(*) FROM (SELECT FROM {path} LIMIT {_BOUND + 1}) AS r)"
            for at, (_, path) in enumerate(some)
        )
        for at, rows in conn.query(" UNION ALL ".join(counts)):
            if rows <= _BOUND:
                yield some[int(at)][0], int(rows)


def _text(kind: str | bytes) -> str:
    """Text of a ``"char"`` value, which some drivers return as bytes."""
    return kind.decode() if isinstance(kind, bytes) else kind


def differs_from_default(column: Column) -> str | None:
    """Condition for values that differ from the default, compared as text under collation "C" (1.0 and 1.00 differ)."""
    if column.default is None or constant(column.default.text, LEXICAL_RULES) is None:
        return None
    name = quote(column.name)
    default = f"CAST({column.default.text} AS {types.sql(column.type)})"
    return f'{name} IS NULL OR CAST({name} AS text) COLLATE "C" <> CAST({default} AS text) COLLATE "C"'
