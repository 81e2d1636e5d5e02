"""How big tables are: SQLite keeps no statistics, so rows are counted up to a bound."""

from __future__ import annotations

from dbwarden.core.dialect import Connection, Size
from dbwarden.core.types import Ref

BOUND = 100_000
"""Beyond this many rows a table is big; counting ends there."""
_TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table'"
    " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%'"
)
_AT_ONCE = 400
"""Terms of one compound SELECT; SQLite's limit is 500 (limits.html)."""


def sizes(conn: Connection) -> dict[Ref, Size]:
    """Every table with its rows, counted up to ``BOUND``."""
    names = [str(row[0]) for row in conn.query(_TABLES)]
    found = {}
    for start in range(0, len(names), _AT_ONCE):
        asked = names[start : start + _AT_ONCE]
        sql = " UNION ALL ".join(_count(at, name) for at, name in enumerate(asked))
        for at, rows in conn.query(sql):
            found[Ref("table", asked[at])] = Size(int(rows), 0)
    return found


def _count(at: int, name: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    return f"SELECT {at}, (SELECT count(*) FROM (SELECT 1 FROM {quoted} LIMIT {BOUND}))"
