"""Connections to ClickHouse over HTTP."""

from __future__ import annotations

import datetime
import threading
import time
from decimal import Decimal
from uuid import UUID

import pytest

from dbwarden.api.connection import connect
from dbwarden.errors import (
    ConnectionFailed,
    ConnectionLost,
    DatabaseError,
    DatabaseReadOnly,
    Failure,
    StatementCancelled,
)
from dbwarden.runtime.connection import DatabaseConnection
from tests.servers.chdb_front import READER


def test_values_of_all_kinds(clickhouse_url: str) -> None:
    with connect(clickhouse_url) as conn:
        ((*plain, moment, array, pair, mapping),) = conn.query(
            "SELECT -1, 1.5, NULL, true, toDecimal64('1.25', 4), toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0'),"
            " toDate('2026-02-03'), toLowCardinality('a\\tb\\n\\'c\\\\'), toDateTime64('2026-01-02 03:04:05.25', 6, 'UTC'),"
            " ['it\\'s', 'b,'], (1, NULL), map('k', [1, 2])"
        )
        assert plain == [
            -1, 1.5, None, True, Decimal("1.25"), UUID("61f0c404-5cb3-11e7-907b-a6006ad3dba0"),
            datetime.date(2026, 2, 3), "a\tb\n'c\\",
        ]  # fmt: skip
        assert moment == datetime.datetime(2026, 1, 2, 3, 4, 5, 250000)
        assert (array, pair, mapping) == (["it's", "b,"], (1, None), {"k": [1, 2]})


def test_parameters_keep_their_values(clickhouse_url: str) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    values = {
        "s": "it's \\ % :s ü\n\t\0",
        "t": datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, zone),
        "d": Decimal("12345678901234567.89"),
        "b": b"\xff\0",
        "n": None,
        "f": -0.1,
    }
    with connect(clickhouse_url) as conn:
        conn.execute(
            "CREATE TABLE t (s String, t DateTime64(6, 'UTC'), d Decimal(20, 2), b String, n Nullable(Int8), f Float64)"
            " ENGINE = Memory"
        )
        assert conn.execute("INSERT INTO t VALUES (:s, :t, :d, :b, :n, :f)", values) == -1
        ((s, t, d, b, n, f),) = conn.query("SELECT * FROM t WHERE s = :s AND t = :t", values)
    assert (s, d, n, f) == (values["s"], values["d"], None, -0.1)
    assert t == datetime.datetime(2026, 1, 2, 1, 4, 5, 678901)
    assert b.encode(errors="surrogateescape") == b"\xff\0"


def test_a_statement_is_sent_as_it_is(clickhouse_url: str) -> None:
    with connect(clickhouse_url) as conn:
        assert conn.query("SELECT '%%', '%(a)s', '{b:Int8}' -- %") == [("%%", "%(a)s", "{b:Int8}")]
        assert conn.query("SELECT 1 AS a FORMAT JSONEachRow") == [('{"a":1}',)]


def test_a_result_may_be_empty(clickhouse_url: str) -> None:
    with connect(clickhouse_url) as conn:
        assert conn.query("SELECT 1 WHERE 0") == []
        assert conn.query("CREATE TABLE t (a Int8) ENGINE = Memory") == []


def test_settings_of_a_file_do_not_outlast_it(clickhouse_url: str) -> None:
    with connect(clickhouse_url, lock_timeout=7) as conn:
        before = conn.query("SELECT getSetting('max_threads'), currentDatabase(), getSetting('lock_acquire_timeout')")
        assert before[0][2] in (7, "7")
        for sql in ("SET max_threads = 3", "USE system", "CREATE TEMPORARY TABLE mine (a Int8)"):
            assert conn.changes_session(sql)
            conn.execute(sql)
        assert conn.query("SELECT getSetting('max_threads'), currentDatabase()") == [(3, "system")]
        assert conn.query("SELECT count() FROM mine") == [(0,)]
        conn.restore()
        assert (
            conn.query("SELECT getSetting('max_threads'), currentDatabase(), getSetting('lock_acquire_timeout')")
            == before
        )
        with pytest.raises(DatabaseError, match="mine"):
            conn.query("SELECT count() FROM mine")


def test_statements_without_effect_on_the_session(clickhouse_url: str) -> None:
    with connect(clickhouse_url) as conn:
        for sql in ("SELECT 1", "CREATE TABLE t (a Int8)", "SET DEFAULT ROLE r TO u", "INSERT INTO t VALUES (1)"):
            assert not conn.changes_session(sql)


def test_there_are_no_transactions(clickhouse_url: str) -> None:
    with connect(clickhouse_url) as conn:
        conn.execute("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a")
        with pytest.raises(RuntimeError), conn.transaction():
            conn.execute("INSERT INTO t VALUES (1)")
            raise RuntimeError
        assert conn.query("SELECT a FROM t") == [(1,)]
        assert not conn.in_transaction


@pytest.mark.parametrize(
    ("sql", "code", "failure"),
    [
        ("SELECT * FROM missing", "60", Failure.MISSING_TABLE),
        ("SELECT missing FROM t", "47", Failure.MISSING_COLUMN),
        ("CREATE TABLE t (a Int8) ENGINE = Memory", "57", Failure.ALREADY_EXISTS),
        ("ALTER TABLE t ADD COLUMN a Int8", "15", Failure.ALREADY_EXISTS),
        ("USE missing", "81", Failure.UNKNOWN_DATABASE),
        ("SELECT missing(1)", "46", Failure.MISSING_OBJECT),
        ("SELEC 1", "62", Failure.OTHER),
    ],
)
def test_errors_are_classified(sql: str, code: str, failure: Failure, clickhouse_url: str) -> None:
    with connect(clickhouse_url) as conn:
        conn.execute("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a")
        with pytest.raises(DatabaseError) as refusal:
            conn.execute(sql)
        assert (refusal.value.sqlstate, refusal.value.failure) == (code, failure)
        assert "version" not in refusal.value.message
        assert not refusal.value.message.startswith("Code")
        assert conn.query("SELECT 1") == [(1,)]


def test_a_connection_that_may_only_read(clickhouse_url: str) -> None:
    with connect(clickhouse_url, read_only=True) as conn:
        assert conn.query("SELECT count() FROM system.tables WHERE database = currentDatabase()") == [(0,)]
        with pytest.raises(DatabaseReadOnly):
            conn.execute("CREATE TABLE t (a Int8) ENGINE = Memory")
    with connect(clickhouse_url) as conn:
        assert conn.query("SHOW TABLES") == []


def test_an_account_that_may_only_read(clickhouse_url: str) -> None:
    """It may change no setting either, so that none is sent."""
    url = clickhouse_url.replace("//default:", f"//{READER}:")
    with connect(url, read_only=True, statement_timeout=5, lock_timeout=5) as conn:
        assert conn.query("SELECT getSetting('readonly'), currentDatabase()")[0][1] == conn.database
        with pytest.raises(DatabaseReadOnly):
            conn.execute("CREATE TABLE t (a Int8) ENGINE = Memory")


# -- connections that fail --------------------------------------------------------------------------------------------


def refused(url: str) -> ConnectionFailed:
    with pytest.raises(ConnectionFailed) as refusal:
        connect(url, connect_timeout=1)
    return refusal.value


def test_a_wrong_password(clickhouse_url: str) -> None:
    error = refused(clickhouse_url.replace("@", "x@", 1))
    assert error.failure is Failure.AUTHENTICATION
    assert "Authentication failed" in error.message


def test_a_missing_database(clickhouse_url: str) -> None:
    error = refused(f"{clickhouse_url}_missing")
    assert error.failure is Failure.UNKNOWN_DATABASE
    assert error.database == clickhouse_url.rpartition("/")[2] + "_missing"


def test_a_server_that_is_down() -> None:
    error = refused("clickhouse://default:s3cret@127.0.0.1:9/x")
    assert error.failure is Failure.CONNECTION_LOST
    assert error.message == "Cannot connect to clickhouse://default@127.0.0.1:9/x: Connection refused"
    assert "s3cret" not in str(error)


def test_a_limit_for_statements(clickhouse_url: str) -> None:
    with (
        connect(clickhouse_url, statement_timeout=1) as conn,
        pytest.raises(StatementCancelled, match="Timeout exceeded"),
    ):
        conn.query("SELECT sleepEachRow(0.3) FROM numbers(40) SETTINGS max_block_size = 1")


def test_a_statement_is_cancelled_from_another_thread(clickhouse_url: str) -> None:
    with connect(clickhouse_url) as conn, connect(clickhouse_url) as other:
        cancelling = threading.Thread(target=cancel_when_running, args=(conn, other))
        cancelling.start()
        with pytest.raises(StatementCancelled):
            conn.query("SELECT sleepEachRow(0.2), 'cancelled' FROM numbers(100) SETTINGS max_block_size = 1")
        cancelling.join()
        assert conn.query("SELECT 1") == [(1,)]


def cancel_when_running(conn: DatabaseConnection, other: DatabaseConnection) -> None:
    running = "SELECT count() FROM system.processes WHERE query LIKE '%sleepEachRow%' AND query NOT LIKE '%processes%'"
    for _ in range(100):
        if other.query(running) != [(0,)]:
            break
        time.sleep(0.05)
    conn.cancel()


def test_a_severed_connection_is_lost(clickhouse_url: str) -> None:
    with connect(clickhouse_url) as conn:
        threading.Timer(0.3, conn.sever).start()
        with pytest.raises(ConnectionLost):
            conn.query("SELECT sleepEachRow(0.2) FROM numbers(10) SETTINGS max_block_size = 1")
        with pytest.raises(ConnectionLost, match="closed"):
            conn.query("SELECT 1")


def test_a_connection_that_the_server_closed_while_idle_is_opened_again(clickhouse_url: str) -> None:
    with connect(clickhouse_url) as conn:
        conn.execute("SET max_threads = 3")
        first = conn.raw.socket.fileno(), conn.raw.socket.getsockname()
        conn.raw._idle_since -= 3600
        assert conn.query("SELECT getSetting('max_threads')") == [(3,)]
        assert conn.raw.socket.getsockname() != first[1]
        threading.Timer(0.3, conn.sever).start()  # and the new socket is the one that is watched
        with pytest.raises(ConnectionLost):
            conn.query("SELECT sleepEachRow(0.2) FROM numbers(10) SETTINGS max_block_size = 1")
