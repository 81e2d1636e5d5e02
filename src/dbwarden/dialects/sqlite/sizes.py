"""Sizes of tables: rows are counted up to a bound, because SQLite keeps no statistics."""

from __future__ import annotations

from collections.abc import Mapping

from dbwarden.core.ddl.constant import constant
from dbwarden.core.dialect import Connection, Size
from dbwarden.core.model import Column
from dbwarden.core.types import Ref

from .words import LEXICAL_RULES, quote

BOUND = 100_000
"""Rows at which counting ends."""
_TABLES = (
    "SELECT name, sql LIKE 'CREATE VIRTUAL%' FROM sqlite_master WHERE type = 'table'"
    " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
)
_SHADOWS = ("_content", "_docsize", "_rowid")
"""Suffixes of the shadow tables of FTS3 to FTS5 and R*Tree that have one row per row of the virtual table."""
_AT_ONCE = 400
"""Terms of one compound SELECT; SQLite's limit is 500 (https://www.sqlite.org/limits.html)."""


def sizes(conn: Connection) -> dict[Ref, Size]:
    """Size of every table, with its rows counted up to ``BOUND``."""
    tables = {str(name): bool(virtual) for name, virtual in conn.query(_TABLES)}
    names = [name for name, virtual in tables.items() if not virtual]
    by_table = {}
    for start in range(0, len(names), _AT_ONCE):
        asked = names[start : start + _AT_ONCE]
        sql = " UNION ALL ".join(_count(at, name) for at, name in enumerate(asked))
        for at, rows in conn.query(sql):
            by_table[Ref("table", asked[at])] = Size(int(rows), 0, exact=int(rows) < BOUND)
    for name in tables.keys() - set(names):
        by_table[Ref("table", name)] = _virtual(name, by_table)
    return by_table


def _virtual(name: str, sizes: Mapping[Ref, Size]) -> Size:
    """Size of a virtual table: that of the shadow table with its rows, or 1 if there is none. The virtual table itself is
    not queried, because its module may be missing."""
    shadows = (sizes.get(Ref("table", name + suffix)) for suffix in _SHADOWS)
    return next((size for size in shadows if size is not None), Size(1, 0))


def _count(at: int, name: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    return f"SELECT {at}, (SELECT count(*) FROM (SELECT 1 FROM {quoted} LIMIT {BOUND}))"


def differs_from_default(column: Column) -> str | None:
    """Condition for values that differ from the default. The cast sets the affinity; concatenation makes the comparison
    bytewise."""
    if column.default is None or constant(column.default.text, LEXICAL_RULES) is None:
        return None
    name, kind = quote(column.name), str(column.type)
    default = f"CAST({column.default.text} AS {kind})" if kind else column.default.text
    return f"{name} IS NULL OR CAST({name} AS TEXT) || '' <> CAST({default} AS TEXT) || ''"
