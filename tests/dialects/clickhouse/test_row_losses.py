"""Rows that clauses of a table take: what is said of them, and what the server does."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.plan import Pair, plan
from dbwarden.core.row_effects import lost_data
from dbwarden.runtime.connection import DatabaseConnection

COLUMNS = "(id UInt64, kind String, n UInt64, at DateTime{})"
LAST, ADDED = "of rows with equal kind, the last row stays", "of rows with equal kind, numbers are added"
PLAIN = "MergeTree ORDER BY id"
CASES = {
    "ttl": (PLAIN, f"{PLAIN} TTL at + INTERVAL 1 DAY", ("TTL at + toIntervalDay(1)",)),
    "longer ttl": (f"{PLAIN} TTL at + INTERVAL 1 DAY", f"{PLAIN} TTL at + INTERVAL 1 YEAR", ("TTL at + toIntervalYear(1)",)),
    "no ttl": (f"{PLAIN} TTL at + INTERVAL 1 DAY", PLAIN, ()),
    "compressing ttl": (PLAIN, f"{PLAIN} TTL at + INTERVAL 1 DAY RECOMPRESS CODEC(ZSTD(3))", ()),
    "replacing": (PLAIN, "ReplacingMergeTree(at) ORDER BY kind", (LAST,)),
    "summing": ("SummingMergeTree ORDER BY id", "SummingMergeTree ORDER BY kind", (ADDED,)),
    "no more": ("ReplacingMergeTree(at) ORDER BY kind", "MergeTree ORDER BY (kind, id)", ()),
    "sorted": (PLAIN, "MergeTree ORDER BY kind", ()),
    "both": (
        PLAIN,
        "ReplacingMergeTree ORDER BY kind TTL at + INTERVAL 1 DAY",
        (f"TTL at + toIntervalDay(1) and {LAST}",),
    ),
}  # fmt: skip
ROWS = (
    "INSERT INTO t (id, kind, n, at) VALUES (1, 'a', 1, now()), (2, 'a', 2, now()), (3, 'b', 3, '2001-01-01 00:00:00')"
)


def _change(url: str, before: str, after: str) -> tuple[Dialect, Pair]:
    """The change from one form of ``t`` to the other; the first one is there."""
    with connect(url) as conn:
        dialect = dialects.get("clickhouse")
        dialect = dialect.for_server(dialect.server_of(conn))
        schemas = []
        for sql in (after, before):
            conn.execute("DROP TABLE IF EXISTS t SYNC")
            conn.execute(f"CREATE TABLE t {sql}")
            schemas.append(dialect.inspect(conn, Scope()))
    return dialect, Pair(schemas[1], schemas[0])


@pytest.mark.parametrize("name", CASES)
def test_lost_rows(name: str, clickhouse_url: str) -> None:
    before, after, reasons = CASES[name]
    columns = COLUMNS.format("")
    dialect, change = _change(clickhouse_url, f"{columns} ENGINE = {before}", f"{columns} ENGINE = {after}")
    lost = lost_data(change.current, change.desired, dialect)
    assert lost == tuple(f"t ({reason})" for reason in reasons)
    with connect(clickhouse_url) as conn:
        conn.execute(ROWS)
        _settle(conn)
        rows = conn.query("SELECT count() FROM t")[0][0]
        for sql in plan(change, dialect).upgrade():
            dialect.execute(conn, sql, lambda words: None)
        _settle(conn)
        left = conn.query("SELECT count() FROM t")[0][0]
    assert (left < rows) is (bool(reasons) and name != "longer ttl"), f"{left} of {rows} rows are left"


def _settle(conn: DatabaseConnection) -> None:
    conn.execute("OPTIMIZE TABLE t FINAL")


def test_values_that_a_column_loses(clickhouse_url: str) -> None:
    before, after = (
        f"{COLUMNS.format(ttl)} ENGINE = {PLAIN}" for ttl in (", s String", ", s String TTL at + INTERVAL 1 DAY")
    )
    dialect, change = _change(clickhouse_url, before, after)
    assert lost_data(change.current, change.desired, dialect) == ("t.s (TTL at + toIntervalDay(1))",)
    assert lost_data(change.desired, change.current, dialect) == ()


def test_nulls_that_become_zero(clickhouse_url: str) -> None:
    before, after = (f"{COLUMNS.format(s)} ENGINE = {PLAIN}" for s in (", s Nullable(String)", ", s String"))
    dialect, change = _change(clickhouse_url, before, after)
    assert lost_data(change.current, change.desired, dialect) == ("t.s (NULL becomes the default)",)
