"""How big tables are, by the statistics and the files: nothing is counted."""

from __future__ import annotations

from dbwarden.core.dialect import Connection, Server, Size
from dbwarden.core.types import Ref

_ROW = 100
"""Bytes that a row is taken for where the table was never analysed."""

# A partitioned table has no rows of its own: its partitions' are added up (functions-admin, pg_partition_tree).
_SIZES = """
SELECT n.nspname, c.relname, c.reltuples,
       CASE WHEN c.relkind = 'p'
            THEN (SELECT COALESCE(sum(pg_relation_size(t.relid)), 0) FROM pg_partition_tree(c.oid) AS t)
            ELSE pg_relation_size(c.oid) END
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
"""


def sizes(conn: Connection, server: Server) -> dict[Ref, Size]:
    """Every table with its rows (estimated; 0 only where its file is empty) and the bytes of its rows."""
    found = {}
    for schema, name, rows, size in conn.query(_SIZES):
        size = int(size or 0)
        # A table that was never analysed says -1 (14 and later) or 0.
        estimate = 0 if size == 0 else int(rows) if rows > 0 else size // _ROW + 1
        found[Ref("table", name, None if schema == server.default_schema else schema)] = Size(estimate, size)
    return found
