"""Two ``migrate`` processes at once: each migration runs exactly once."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dbwarden.api.connection import connect
from dbwarden.runtime.connection import DatabaseConnection
from tests.support.command import rows, run, run_together, start, write_migration, write_project

pytestmark = pytest.mark.acceptance


@pytest.mark.parametrize("wait", ["10", "0"])
def test_each_migration_runs_once(tmp_path: Path, database_url: str, wait: str) -> None:
    migrations = write_project(tmp_path, database_url)
    write_migration(migrations, "0001_log", "CREATE TABLE log (n INTEGER);")
    for n in range(2, 22):
        write_migration(migrations, f"{n:04}_step", f"INSERT INTO log VALUES ({n});")
    processes = [start(tmp_path, "migrate", "--lock-wait", wait) for _ in range(3)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    codes = sorted(process.returncode for process in processes)
    assert set(codes) <= {0, 3} and 0 in codes, outputs
    if wait == "10":
        assert codes == [0, 0, 0], outputs
    assert rows(database_url, "SELECT n FROM log ORDER BY n") == [(n,) for n in range(2, 22)]
    applied = rows(database_url, "SELECT migration, count(*) FROM dbwarden_migrations GROUP BY migration")
    assert len(applied) == 21 and {count for _, count in applied} == {1}
    assert run(tmp_path, "lock-status") == "Migration lock: INACTIVE\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the processes are forks, which this system does not have")
@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_twenty_processes_on_fifty_files(tmp_path: Path, request: pytest.FixtureRequest, engine: str) -> None:
    """Each statement of DDL commits by itself: a second run of one would be an error, or a second row."""
    database_url: str = request.getfixturevalue(f"{engine}_url")
    migrations = write_project(tmp_path, database_url, connect_timeout=120)
    write_migration(migrations, "0001_log", "CREATE TABLE log (n INTEGER);")
    for n in range(2, 51):
        ddl = f"CREATE TABLE t{n} (id INTEGER);\nALTER TABLE t{n} ADD COLUMN n INTEGER;\n" if n % 5 == 0 else ""
        write_migration(migrations, f"{n:04}_step", f"{ddl}INSERT INTO log VALUES ({n});")
    ended = run_together(tmp_path, 20, "migrate", "--lock-wait", "300", seconds=400)
    assert [code for _, code in ended] == [0] * 20, ended
    assert rows(database_url, "SELECT n FROM log ORDER BY n") == [(n,) for n in range(2, 51)]
    events = rows(database_url, "SELECT migration, event, count(*) FROM dbwarden_migrations GROUP BY migration, event")
    assert len(events) == 50 and {(event, count) for _, event, count in events} == {("applied", 1)}
    assert rows(database_url, "SELECT count(*) FROM dbwarden_journal") == [(0,)]
    assert run(tmp_path, "lock-status") == "Migration lock: INACTIVE\n"


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system does not suspend processes")
@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_a_suspended_holder_whose_lock_was_given_away_stops(
    tmp_path: Path, request: pytest.FixtureRequest, engine: str
) -> None:
    database_url: str = request.getfixturevalue(f"{engine}_url")
    migrations = write_project(tmp_path, database_url, lock_timeout=0)
    with connect(database_url) as conn:
        conn.execute("CREATE TABLE gate (id INTEGER PRIMARY KEY)")
        write_migration(migrations, "0001_gate", "CREATE TABLE a (id INTEGER);\nINSERT INTO gate VALUES (1), (2);")
        write_migration(migrations, "0002_later", "CREATE TABLE later (id INTEGER);")
        with conn.transaction():
            conn.execute("INSERT INTO gate VALUES (1)")  # the migration waits for the end of our transaction
            suspended = start(tmp_path, "migrate", "--verbose")
            assert suspended.stdout is not None
            assert any("2/2" in line for line in suspended.stdout)
            suspended.send_signal(signal.SIGSTOP)
            assert "is alive" in run(tmp_path, "unlock", code=5)
            run(tmp_path, "unlock", "--force")
            conn.execute("DELETE FROM gate")
        suspended.send_signal(signal.SIGCONT)
        output = suspended.communicate(timeout=60)[0]
        assert suspended.returncode == 3, output
        assert conn.query("SELECT id FROM gate") == []
        assert {"a", "later"} & _tables(conn) == {"a"}
    assert "Applied 0002_later.sql" in run(tmp_path, "migrate")
    assert rows(database_url, "SELECT id FROM gate ORDER BY id") == [(1,), (2,)]


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system does not suspend processes")
@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_a_suspended_holder_stops_inside_a_group(tmp_path: Path, request: pytest.FixtureRequest, engine: str) -> None:
    """Its statements were announced together; those that it had not sent are left to the next holder."""
    database_url: str = request.getfixturevalue(f"{engine}_url")
    migrations = write_project(tmp_path, database_url, lock_timeout=0)
    group = ("CREATE TABLE a (id INTEGER);", "CREATE TABLE b LIKE gate;", "CREATE TABLE c (id INTEGER);")
    with connect(database_url) as conn:
        conn.execute("CREATE TABLE gate (id INTEGER PRIMARY KEY)")
        write_migration(migrations, "0001_group", "\n".join(group))
        conn.execute("LOCK TABLES gate WRITE")
        suspended = start(tmp_path, "migrate", "--verbose")
        assert suspended.stdout is not None
        assert any("2/3" in line for line in suspended.stdout)
        suspended.send_signal(signal.SIGSTOP)
        run(tmp_path, "unlock", "--force")
        shown = run(tmp_path, "status")
        assert (
            "0001_group.sql stopped in one of the statements 1 to 3 of 3; which of them had their effect is not"
            in shown
        )
        assert json.loads(run(tmp_path, "history", "--json"))["events"][-1]["last_in_doubt"] == 3
        conn.execute("UNLOCK TABLES")
        suspended.send_signal(signal.SIGCONT)
        output = suspended.communicate(timeout=60)[0]
        assert suspended.returncode == 3, output
        assert "Statements 1 to 2 of 3 remain in effect" in output
        assert {"a", "b", "c"} & _tables(conn) == {"a", "b"}
        assert "Applied 0001_group.sql" in run(tmp_path, "migrate")
        assert {"a", "b", "c"} <= _tables(conn)


def _tables(conn: DatabaseConnection) -> set[str]:
    rows = conn.query("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
    return {row[0] for row in rows}


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system does not suspend processes")
@pytest.mark.parametrize("lock", ["keeper", "table"])
def test_a_suspended_holder_stops_on_clickhouse(tmp_path: Path, clickhouse_url: str, lock: str) -> None:
    """It waits for a mutation, and finds out before its next statement that the lock was given away."""
    migrations = write_project(tmp_path, clickhouse_url, lock_timeout=0)
    with connect(clickhouse_url) as conn:
        if lock == "table":
            conn.execute("CREATE TABLE dbwarden_lock_primary (free UInt8) ENGINE = Null")
        conn.execute("CREATE TABLE gate (id UInt64, v UInt64) ENGINE = MergeTree ORDER BY id")
        conn.execute("INSERT INTO gate VALUES (1, 1)")
        conn.execute("SYSTEM STOP MERGES gate")  # and with them mutations
        update = "ALTER TABLE gate UPDATE v = v + 1 WHERE 1;"
        write_migration(
            migrations, "0001_gate", f"{update}\nCREATE TABLE later (id UInt64) ENGINE = MergeTree ORDER BY id;"
        )
        suspended = start(tmp_path, "migrate", "--verbose")
        assert suspended.stdout is not None
        assert any("1 part to rewrite" in line for line in suspended.stdout)
        suspended.send_signal(signal.SIGSTOP)
        assert "is alive" in run(tmp_path, "unlock", code=5)
        run(tmp_path, "unlock", "--force")
        conn.execute("SYSTEM START MERGES gate")
        suspended.send_signal(signal.SIGCONT)
        output = suspended.communicate(timeout=60)[0]
        assert suspended.returncode == 3, output
        assert not conn.query("SELECT 1 FROM system.tables WHERE database = currentDatabase() AND name = 'later'")
        assert "Applied 0001_gate.sql" in run(tmp_path, "migrate")
        assert conn.query("SELECT v FROM gate") == [(2,)]
        assert conn.query("SELECT 1 FROM system.tables WHERE database = currentDatabase() AND name = 'later'")


LONG = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000000)"
    " INSERT INTO first SELECT max(i) + 1 FROM n;"
)
"""Where nothing else can hold a statement up: some seconds of work, more on a busy machine."""
NAMED = "SELECT GET_LOCK('gate', 3600);"
GATES = {"postgresql": "SELECT pg_advisory_lock(4711);", "mysql": NAMED, "mariadb": NAMED}


@contextmanager
def held_up(database_url: str) -> Iterator[str]:
    """A statement that does not end before the block does, on a server; elsewhere one that takes long."""
    gate = GATES.get(database_url.partition(":")[0])
    if gate is None:
        yield LONG
        return
    with connect(database_url) as conn:
        conn.execute(gate)
        yield gate


def test_the_second_says_whom_it_waits_for(tmp_path: Path, database_url: str) -> None:
    migrations = write_project(tmp_path, database_url, lock_timeout=0)
    with held_up(database_url) as slow:
        write_migration(migrations, "0001_slow", f"CREATE TABLE first (n INTEGER);\n{slow}")
        first = start(tmp_path, "migrate", "--verbose")
        assert first.stdout is not None
        assert any("2/2" in line for line in first.stdout)
        failed = run(tmp_path, "migrate", "--lock-wait", "0", code=3)
        assert "Error: The migration lock is held by " in failed
        assert f"(pid {first.pid}, migrate)" in failed
        assert "dbwarden lock-status" in failed
        assert "is alive" in run(tmp_path, "unlock", code=5)
        second = start(tmp_path, "migrate", "--lock-wait", "600")
        assert second.stdout is not None
        assert any("Waiting up to 600 s for the migration lock of" in line for line in second.stdout)
    assert "Applied 0001_slow.sql" in first.communicate(timeout=300)[0]
    assert first.returncode == 0
    assert "Nothing to apply: database primary is up to date (1 applied)." in second.communicate(timeout=300)[0]
    assert second.returncode == 0
