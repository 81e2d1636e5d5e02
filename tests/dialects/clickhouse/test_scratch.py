"""Scratch databases for ClickHouse: on the same server and in the embedded engine, with the rows unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.dialect import SCRATCH_PREFIX, Scope
from dbwarden.core.types import Ref
from dbwarden.dialects import get
from dbwarden.dialects.clickhouse import scratch
from dbwarden.errors import DatabaseError
from dbwarden.runtime import sample
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.scratch import open_scratch, scratch_request
from dbwarden.runtime.scratch_database import ScratchDatabase

EVERY_TYPE = """CREATE TABLE everything (
    id UInt64, f Float64, n Decimal(38, 10), big UInt256, s String, fixed FixedString(4), low LowCardinality(Nullable(String)),
    e Enum8('a' = 1, 'b' = 2), u UUID, d Date, moment DateTime('America/New_York'), fine DateTime64(9, 'Europe/Berlin'),
    maybe Nullable(Int8), words Array(String), pair Tuple(number Int8, name String), counts Map(String, Array(UInt8)),
    total AggregateFunction(sum, UInt64), last SimpleAggregateFunction(max, DateTime), flag Bool, ip IPv4,
    twice UInt64 MATERIALIZED id * 2, half Float64 ALIAS f / 2, temporary String EPHEMERAL
) ENGINE = MergeTree ORDER BY id"""
ROW = """INSERT INTO everything SELECT
    18446744073709551615, 0.1, 12345678901234567890.0123456789, toUInt256('1' || repeat('0', 70)), unhex('00ff5c27'), 'abc',
    NULL, 'b', '61f0c404-5cb3-11e7-907b-a6006ad3dba0', '2149-06-06', toDateTime(1635744600),
    toDateTime64('2026-10-25 00:30:00.123456789', 9, 'UTC'), NULL, ['it\\'s', '\\\\', 'NULL'], (1, 'é'), map('a', [1, 2]),
    sumState(toUInt64(7)), now(), true, '127.0.0.1'"""


@pytest.fixture
def conn(clickhouse_url: str) -> Iterator[DatabaseConnection]:
    with connect(clickhouse_url) as opened:
        yield opened


@contextmanager
def opened_scratch(conn: DatabaseConnection, **more: str) -> Iterator[ScratchDatabase]:
    dialect = get("clickhouse")
    with open_scratch(dialect.for_server(dialect.server_of(conn)), scratch_request(connect, conn, **more)) as opened:
        yield opened


def databases(conn: DatabaseConnection) -> set[str]:
    rows = conn.query("SELECT name FROM system.databases")
    return {str(name) for (name,) in rows if str(name).startswith(SCRATCH_PREFIX)}


def test_a_scratch_database_is_dropped(conn: DatabaseConnection) -> None:
    with opened_scratch(conn) as opened:
        assert opened.provider == "a temporary database on the same server"
        opened.conn.execute("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a")
        assert opened.conn.query("SELECT currentDatabase()")[0][0] in databases(conn)
    assert not databases(conn)
    assert conn.query("SHOW TABLES") == []


def test_a_database_that_a_killed_run_left_is_removed(conn: DatabaseConnection) -> None:
    left = f"{SCRATCH_PREFIX}00000000_1_0_1_ab"  # of another host, made in 1970
    conn.execute(f"CREATE DATABASE {left}")
    with opened_scratch(conn):
        assert left not in databases(conn)


def test_rows_are_copied_unchanged(conn: DatabaseConnection) -> None:
    conn.execute(EVERY_TYPE)
    conn.execute(ROW)
    dialect = get("clickhouse")
    dialect = dialect.for_server(dialect.server_of(conn))
    schema = dialect.inspect(conn, Scope())
    with opened_scratch(conn) as opened:
        assert not opened.build(schema)
        copied = sample.fill(conn, opened.conn, dialect, schema, 10)
        assert (copied.rows, copied.notes) == ({Ref("table", "everything"): 1}, ())
        checksum = "SELECT sum(cityHash64(* EXCEPT total)), hex(sumMerge(total)) FROM everything"
        assert opened.conn.query(checksum) == conn.query(checksum)
        assert opened.conn.query("SELECT twice, half FROM everything") == conn.query(
            "SELECT twice, half FROM everything"
        )
        contents = (sample.contents(where, dialect, schema) for where in (conn, opened.conn))
        assert len({str(values) for values in contents}) == 1


@pytest.mark.usefixtures("embedded_engine")
def test_the_embedded_engine_has_the_name_and_the_settings_of_the_database(conn: DatabaseConnection) -> None:
    with connect(f"{conn.url.scheme}://default:{conn.url.password}@{conn.url.host}:{conn.url.port}/{conn.database}"
                 "?ch_flatten_nested=0&ch_allow_experimental_time_series_table=1") as original:  # fmt: skip
        with opened_scratch(original, needs_own_server="the test says so") as opened:
            assert opened.provider == "the embedded engine"
            assert opened.own_server
            assert opened.conn.query("SELECT currentDatabase()") == [(conn.database,)]
            assert opened.conn.query("SELECT getSetting('flatten_nested')") == [(False,)]
            opened.conn.execute("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a")
            url = opened.conn.url
        with pytest.raises(DatabaseError):
            connect(f"clickhouse://default:{url.password}@{url.host}:{url.port}/default")
    assert conn.query("SHOW TABLES") == []


def test_clear_drops_everything(conn: DatabaseConnection) -> None:
    for sql in (
        "CREATE TABLE a (id Int8) ENGINE = MergeTree ORDER BY id",
        "CREATE VIEW v AS SELECT id FROM a",
        "CREATE MATERIALIZED VIEW m ENGINE = MergeTree ORDER BY id AS SELECT id FROM a",
        f"CREATE DICTIONARY d (id UInt64) PRIMARY KEY id SOURCE(CLICKHOUSE(TABLE 'a' DB '{conn.database}'))"
        " LAYOUT(FLAT()) LIFETIME(0)",
        "CREATE TABLE reads (id UInt64, x UInt8 DEFAULT dictHas('d', id)) ENGINE = MergeTree ORDER BY id",
    ):
        conn.execute(sql)
    assert scratch.first_object(conn) == "view m"
    scratch.clear(conn)
    assert scratch.first_object(conn) is None
    assert conn.query("SELECT count() FROM system.tables WHERE database = currentDatabase()") == [(0,)]


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("SELECT missing(1)", "missing"),
        ("SELECT * FROM missing", "missing"),
        ("SELECT * FROM missing.t", "missing"),
        ("INSERT INTO missing VALUES (1)", "missing"),
        ("SELECT dictGet('missing', 'a', 1)", "missing"),
        ("CREATE TABLE t (a missing) ENGINE = Memory", "missing"),
        ("CREATE TABLE t (a Int8) ENGINE = missing", "missing"),
        ("CREATE TABLE t ENGINE = S3(missing)", "missing"),
        ("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a SETTINGS storage_policy = 'missing'", "missing"),
        ("SELEC 1", None),
    ],
)
def test_what_a_database_lacks(sql: str, name: str | None, conn: DatabaseConnection) -> None:
    with pytest.raises(DatabaseError) as refusal:
        conn.execute(sql)
    assert scratch.missing_dependency(refusal.value.message) == name
