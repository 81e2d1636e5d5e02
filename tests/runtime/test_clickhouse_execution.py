"""Files on an engine whose statements are each applied by themselves, and go on in the server's background."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from dbwarden.core.dialect import Liveness
from dbwarden.core.own_tables import OwnTables
from dbwarden.dialects.clickhouse import background, ddl_queue
from dbwarden.errors import DatabaseError, HostsAway, MigrationFailed, StatementInDoubt
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.execute import ExecutionOptions, upgrade
from dbwarden.runtime.lock import unlock
from dbwarden.runtime.stores import journal_store, lock_store

from .conftest import Place

RunOf = Callable[..., ExecutionOptions]
TABLES = OwnTables()
T = "CREATE TABLE t (id UInt64, v UInt64) ENGINE = MergeTree ORDER BY id;"
ROWS = "INSERT INTO t SELECT number, number FROM numbers(1000);"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "PATIENCE", 0.3)


def _run(place: Place, options: ExecutionOptions, *statements: str) -> Any:
    text = "-- upgrade\n\n" + "\n".join(statements) + "\n"
    return upgrade(place.connect(background=True), place.dialect, place.file("0001_x.sql", text), options)


def _query(place: Place, sql: str) -> Any:
    with place.connect() as conn:
        return conn.query(sql)


# -- mutations ------------------------------------------------------------------------------------------------------


def test_a_mutation_is_followed_until_it_is_done(click: Place, run_of: RunOf) -> None:
    progress: list[str] = []
    slow = "ALTER TABLE t UPDATE v = v + 1 + sleepEachRow(0.001) WHERE 1;"
    record = _run(
        click, run_of(click, on_progress=progress.append), T, ROWS, slow, "ALTER TABLE t RENAME COLUMN v TO w;"
    )
    assert (record.statements_done, record.statements_total) == (4, 4)
    assert progress and set(progress) == {"t: 1 part to rewrite"}
    assert _query(click, "SELECT sum(w) FROM t") == [(499500 + 1000,)]
    assert click.events() == [("0001", "applied", 4, 4)]


def test_a_failed_mutation_is_a_failed_file(click: Place, run_of: RunOf) -> None:
    """The next run fails as well, until the mutation succeeds or is killed."""
    stop = "CREATE TABLE stop (id UInt64) ENGINE = Memory;"
    options = run_of(click)
    statements = (T, ROWS, stop, "INSERT INTO stop VALUES (7);", "ALTER TABLE t UPDATE v = throwIf(id = 7) WHERE 1;")
    for _ in range(2):
        with pytest.raises(MigrationFailed, match="non-zero") as error:
            _run(click, options, *statements)
        assert "The server tries it again until it succeeds or is killed: KILL MUTATION WHERE database = " in (
            error.value.hint or ""
        )
        assert "Statements 1 to 4 of 5 remain in effect" in (error.value.hint or "")
    assert _query(click, "SELECT count() FROM system.mutations WHERE database = currentDatabase()") == [(1,)]
    assert click.events()[-1] == ("0001", "failed", 4, 5)
    click.connect().execute("KILL MUTATION WHERE database = currentDatabase() AND table = 't' SYNC")
    with pytest.raises(StatementInDoubt):  # some parts may be rewritten
        _run(click, options, *statements)
    assert _run(click, replace(options, assume=True), *statements).event.value == "applied"


def test_a_mutation_that_succeeds_later_is_not_repeated(click: Place, run_of: RunOf) -> None:
    """Its reason may pass: here a dictionary that fails until its table has the row."""
    options = run_of(click)
    lookup = (
        "CREATE TABLE prices (id UInt64, price UInt64) ENGINE = MergeTree ORDER BY id;",
        "CREATE DICTIONARY d (id UInt64, price UInt64) PRIMARY KEY id"
        " SOURCE(CLICKHOUSE(TABLE 'prices' DB currentDatabase())) LAYOUT(DIRECT());",
    )
    raised = "ALTER TABLE t UPDATE v = v + dictGet('d', 'price', id) + throwIf(NOT dictHas('d', toUInt64(0))) WHERE 1;"
    database = _query(click, "SELECT currentDatabase()")[0][0]
    lookup = tuple(sql.replace("currentDatabase()", f"'{database}'") for sql in lookup)
    raised = raised.replace("'d'", f"'{database}.d'")
    with pytest.raises(MigrationFailed):
        _run(click, options, T, ROWS, *lookup, raised)
    click.connect().execute("INSERT INTO prices SELECT number, 5 FROM numbers(1000)")
    for _ in range(600):  # the server tries again by itself
        if _query(click, "SELECT count() FROM system.mutations WHERE database = currentDatabase() AND NOT is_done") == [
            (0,)
        ]:
            break
        time.sleep(0.1)
    assert _run(click, options, T, ROWS, *lookup, raised).event.value == "applied"
    assert _query(click, "SELECT sum(v) FROM t") == [(499500 + 5000,)]


# -- killed ---------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends here, as by ``kill -9``: nothing is recorded any more."""


FILE = (
    "CREATE TABLE t (id UInt64, v UInt64, n UInt64) ENGINE = MergeTree ORDER BY id;",
    "INSERT INTO t SELECT number, number, number FROM numbers(1000);",
    "ALTER TABLE t ADD COLUMN w String DEFAULT toString(v) CODEC(ZSTD(1)), ADD INDEX ix v TYPE minmax;",
    "ALTER TABLE t ADD CONSTRAINT positive CHECK v >= 0;",
    "ALTER TABLE t ADD PROJECTION p (SELECT v, count() GROUP BY v);",
    "ALTER TABLE t MODIFY COLUMN n UInt32;",
    "ALTER TABLE t UPDATE v = v + 1 WHERE id < 500, DELETE WHERE id >= 900;",
    "ALTER TABLE t RENAME COLUMN w TO x;",
    "ALTER TABLE t DROP INDEX ix, DROP PROJECTION p;",
    "DELETE FROM t WHERE id = 0;",
    "CREATE TABLE u AS t;",
    "CREATE VIEW s AS SELECT id FROM t;",
    "CREATE MATERIALIZED VIEW m TO u AS SELECT * FROM t;",
    "DROP VIEW m;",
    "RENAME TABLE u TO w;",
    "DROP TABLE w;",
    "ALTER TABLE t COMMENT COLUMN x 'text', MODIFY TTL toDateTime('2100-01-01') + toIntervalDay(id);",
    "OPTIMIZE TABLE t FINAL;",
    "TRUNCATE TABLE t;",
    "INSERT INTO t (id, v) VALUES (1, 2);",
)
CONTENTS = (
    "SELECT name, replaceAll(create_table_query, currentDatabase(), 'db') FROM system.tables"
    " WHERE database = currentDatabase() AND NOT startsWith(name, 'dbwarden_') ORDER BY name",
    "SELECT * FROM t ORDER BY id",
)


def _killed_at(monkeypatch: pytest.MonkeyPatch, sql: str, after: bool) -> None:
    """Kill the process just before a statement is sent, or when the server has accepted it."""
    execute = DatabaseConnection.execute

    def killing(conn: DatabaseConnection, text: str, params: Any = None) -> int:
        if text != sql.rstrip(";"):
            return execute(conn, text, params)
        if after:
            execute(conn, text, params)
        raise Killed

    monkeypatch.setattr(DatabaseConnection, "execute", killing)


def _clean(place: Place) -> None:
    conn = place.connect()
    rows = conn.query("SELECT name FROM system.tables WHERE database = currentDatabase()")
    for (name,) in rows:
        if name in ("dbwarden_migrations", "dbwarden_journal"):
            conn.execute(f"TRUNCATE TABLE {name}")
        elif not name.startswith("dbwarden_"):
            conn.execute(f"DROP TABLE {name} SYNC")


def test_killed_at_every_statement(click: Place, run_of: RunOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run goes on from where the one before was killed, and is killed at the next point.

    What was under way is found in the catalogue or repeated. A person is asked where nothing shows it.
    """
    options, asked = run_of(click), list[tuple[str, bool]]()
    _run(click, options, *FILE)
    reference = [_query(click, sql) for sql in CONTENTS]
    _clean(click)
    points = [(sql, after) for sql in FILE for after in (False, True)]
    for number, point in enumerate([*points, None]):
        with monkeypatch.context() as patch:
            if point is not None:
                _killed_at(patch, *point)
            try:
                _run(click, options, *FILE)
            except StatementInDoubt:
                asked.append(points[number - 1])
                with suppress(Killed):
                    _run(click, replace(options, assume=asked[-1][1]), *FILE)
            except Killed:
                pass
    assert click.events() == [("0001", "applied", len(FILE), len(FILE))]
    assert [_query(click, query) for query in CONTENTS] == reference
    assert journal_store(click.connect(), click.dialect, TABLES).attempts() == ()
    assert asked == [(FILE[1], True), ("TRUNCATE TABLE t;", False), (FILE[-1], True)]
    print(f"{len(points)} points, 0 losses, asked {len(asked)} times")


SLOW = """
    from dbwarden import dialects
    from dbwarden.api.connection import connect
    from dbwarden.core.file import parse
    from dbwarden.core.own_tables import OwnTables
    from dbwarden.runtime.execute import ExecutionOptions, upgrade
    from dbwarden.runtime.interrupt import interruptible
    from dbwarden.runtime.lock import LockRequest, acquire
    from dbwarden.runtime.stores import lock_opener
    import sys

    url, dialect = sys.argv[1], dialects.get("clickhouse")
    file = parse("0001_x.sql", sys.argv[2], dialect.lexical_rules)
    with interruptible() as stop:
        opener = lock_opener(lambda: connect(url), dialect, OwnTables())
        with acquire(opener, LockRequest("migrate")) as lock, connect(url, background=True) as conn:
            stop.conn = conn
            progress = lambda words: print("rewriting", flush=True)
            try:
                upgrade(conn, dialect, file, ExecutionOptions(lock.token, "me", "0", on_progress=progress, stop=stop))
            except Exception as error:
                print(error.message)
                code = error.exit_code
        sys.exit(code)
"""
SLOW_UPDATE = "ALTER TABLE t UPDATE v = v + 1 + sleepEachRow(0.002) WHERE 1;"


def _slow(place: Place) -> subprocess.Popen[str]:
    text = "\n".join(("-- upgrade", "", T, ROWS, SLOW_UPDATE, ""))
    argv = [sys.executable, "-c", textwrap.dedent(SLOW), place.url, text]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ})
    assert process.stdout is not None
    assert process.stdout.readline() == "rewriting\n", process.communicate()
    return process


def _finish(place: Place, run_of: RunOf) -> None:
    assert _run(place, run_of(place), T, ROWS, SLOW_UPDATE).event.value == "applied"
    assert _query(place, "SELECT sum(v) FROM t") == [(499500 + 1000,)]
    assert _query(place, "SELECT count() FROM system.mutations WHERE database = currentDatabase()") == [(1,)]


def test_killed_during_a_mutation(click: Place, run_of: RunOf) -> None:
    process = _slow(click)
    process.kill()
    process.communicate(timeout=10)
    store = lock_store(click.connect(), click.dialect, TABLES)
    status = store.status()
    assert (status.active, status.liveness) == (True, Liveness.GONE)
    assert unlock(store)
    _finish(click, run_of)


def test_a_signal_during_a_mutation(click: Place, run_of: RunOf) -> None:
    """It ends the waiting, not the mutation; the next run waits for that."""
    process = _slow(click)
    process.send_signal(signal.SIGTERM)
    words, errors = process.communicate(timeout=30)
    assert process.returncode == 143, errors
    assert "Whether statement 3 had its effect is not known; the next run finds out" in words
    assert not lock_store(click.connect(), click.dialect, TABLES).status().active
    _finish(click, run_of)


# -- the DDL queue --------------------------------------------------------------------------------------------------

TIMEOUT = (
    "Distributed DDL task /clickhouse/task_queue/ddl/query-0000000042 is not finished on 1 of 2 hosts (0 of them are currently"
    " executing the task, 1 are inactive). They are going to execute the query in background. Was waiting for 180.2 seconds,"
    " which is longer than distributed_ddl_task_timeout"
)


class Queue:
    """A server of a cluster, by the answers of its documentation: error 159, then the rows of the queue."""

    def __init__(self, *answers: list[tuple[str, int, str, int, str]]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def execute(self, sql: str, params: Any = None) -> int:
        raise DatabaseError(TIMEOUT, sqlstate="159", sql=sql)

    def query(self, sql: str, params: Any = None) -> Any:
        assert "query-0000000042" in sql
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


ON_CLUSTER = "CREATE TABLE t ON CLUSTER c (id UInt8) ENGINE = MergeTree ORDER BY id"
WAITING, FINISHED = (
    [("a", 9000, "Finished", 0, ""), ("b", 9000, "Active", 0, "")],
    [("a", 9000, "Finished", 0, ""), ("b", 9000, "Finished", 0, "")],
)


def test_an_entry_of_the_queue_is_waited_for() -> None:
    progress: list[str] = []
    background.execute(Queue(WAITING, WAITING, FINISHED), ON_CLUSTER, progress.append)  # type: ignore[arg-type]
    assert progress == ["1 of 2 hosts done, waiting for b:9000"] * 2


def test_a_host_that_is_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The statement may still be executed there: it is in doubt, not failed."""
    monkeypatch.setattr(ddl_queue, "PATIENCE", 0.1)
    with pytest.raises(HostsAway, match="Executed on 1 of 2 hosts of the cluster, but not yet on b:9000") as error:
        background.execute(Queue(WAITING), ON_CLUSTER, lambda words: None)  # type: ignore[arg-type]
    assert (error.value.hint or "").startswith("b:9000 executes it as soon as it is back.")


def test_the_error_of_a_host() -> None:
    with pytest.raises(DatabaseError, match=r"b:9000: no such column \(executed on a:9000\)") as error:
        answers = [("a", 9000, "Finished", 0, ""), ("b", 9000, "Finished", 16, "no such column")]
        background.execute(Queue(answers), ON_CLUSTER, lambda words: None)  # type: ignore[arg-type]
    assert error.value.sqlstate == "16"
