"""The migration lock: one holder, told to everybody, released by anybody who may."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.dialect import Liveness
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.store import LockStatus
from dbwarden.errors import ConnectionLost, DatabaseError, DatabaseReadOnly, ForeignHistory, LockHeld, LockLost, Refused
from dbwarden.runtime import lock
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.execute import ExecutionOptions, upgrade
from dbwarden.runtime.lock import LockRequest, acquire, describe, unlock
from dbwarden.runtime.stores import history_store, lock_opener, lock_store
from tests.support import memory_store

from .conftest import Place

NOW = LockRequest("migrate", wait=0)
TABLES = OwnTables()


def test_held_and_released(place: Place) -> None:
    conn = place.connect()
    assert lock_store(conn, place.dialect, TABLES).status() == LockStatus(False)
    assert history_store(conn, place.dialect, TABLES).read() == ()
    with acquire(lock_opener(place.connect, place.dialect, TABLES), NOW) as lock:
        status = lock_store(conn, place.dialect, TABLES).status()
        assert status.active
        assert status.liveness is Liveness.ALIVE
        assert status.holder is not None
        assert (status.holder.pid, status.holder.command) == (os.getpid(), "migrate")
        assert status.age is not None
        assert status.age < 30
        lock_store(conn, place.dialect, TABLES).check_held(lock.token)
    assert not lock_store(conn, place.dialect, TABLES).status().active
    with pytest.raises(LockLost):
        lock_store(conn, place.dialect, TABLES).check_held(lock.token)


class Unreachable(memory_store.MemoryLock):
    """A lock whose server went away while it was held."""

    def release(self, token: str, *, earlier: bool = False) -> bool:
        raise ConnectionLost("server closed the connection")


def test_a_lock_that_cannot_be_released_is_reported() -> None:
    """Once: after the attempt over a second connection."""
    memory, opened, reasons = memory_store.Place(), list[memory_store.MemoryLock](), list[str]()

    def open_store() -> memory_store.MemoryLock:
        if opened:
            raise DatabaseError("no route to host")
        opened.append(Unreachable(memory))
        return opened[0]

    request = LockRequest("migrate", wait=0, on_unreleased=lambda error: reasons.append(error.message))
    with acquire(open_store, request):
        assert reasons == []
    assert reasons == ["no route to host"]
    assert memory_store.MemoryLock(memory).status().active


def test_the_second_is_told_who_holds_it(place: Place) -> None:
    holders: list[LockStatus] = []
    with acquire(lock_opener(place.connect, place.dialect, TABLES), NOW), pytest.raises(LockHeld) as error:
        claim = LockRequest("rollback", wait=0.3, on_wait=holders.append, database="primary")
        with acquire(lock_opener(place.connect, place.dialect, TABLES), claim):
            pass
    assert error.value.exit_code == 3
    assert f"pid {os.getpid()}, migrate" in error.value.message
    assert "`dbwarden lock-status -d primary`" in (error.value.hint or "")
    assert len(holders) == 1
    assert holders[0].liveness is Liveness.ALIVE


def test_the_second_waits_its_turn(place: Place) -> None:
    first = acquire(lock_opener(place.connect, place.dialect, TABLES), NOW)
    first.__enter__()
    threading.Timer(0.3, lambda: first.__exit__(None, None, None)).start()
    with acquire(lock_opener(place.connect, place.dialect, TABLES), LockRequest("migrate", wait=10)):
        assert lock_store(place.connect(), place.dialect, TABLES).status().liveness is Liveness.ALIVE


def test_many_threads_one_at_a_time(everywhere: Place) -> None:
    inside, seen, failures = [0], [], []

    def work() -> None:
        try:
            with acquire(
                lock_opener(lambda: connect(everywhere.url), everywhere.dialect, TABLES),
                LockRequest("migrate", wait=30),
            ):
                inside[0] += 1
                seen.append(inside[0])
                time.sleep(0.02)
                inside[0] -= 1
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert seen == [1] * 6


def test_released_after_an_error_unless_its_effect_is_in_doubt(everywhere: Place) -> None:
    for error in (ZeroDivisionError(), DatabaseReadOnly("a refusal of ours")):
        with pytest.raises(type(error)), acquire(lock_opener(everywhere.connect, everywhere.dialect, TABLES), NOW):
            raise error
        assert not lock_store(everywhere.connect(), everywhere.dialect, TABLES).status().active
    with pytest.raises(LockLost), acquire(lock_opener(everywhere.connect, everywhere.dialect, TABLES), NOW):
        raise LockLost(in_doubt=True)
    assert lock_store(everywhere.connect(), everywhere.dialect, TABLES).status().active


def test_released_although_its_connection_was_cut(pg: Place) -> None:
    """The lock's connection is idle for as long as files run, which some servers and firewalls do not like."""
    conn = pg.connect()
    with acquire(lock_opener(pg.connect, pg.dialect, TABLES), NOW):
        _cut(conn)
        assert lock_store(conn, pg.dialect, TABLES).status().liveness is Liveness.GONE
    assert not lock_store(conn, pg.dialect, TABLES).status().active


def test_alive_again_after_its_connection_was_cut(pg: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "HEARTBEAT", 0.05)
    conn = pg.connect()
    with acquire(lock_opener(pg.connect, pg.dialect, TABLES), NOW):
        _cut(conn)
        deadline = time.monotonic() + 10
        while lock_store(conn, pg.dialect, TABLES).status().liveness is not Liveness.ALIVE:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert not lock_store(conn, pg.dialect, TABLES).status().active


def _cut(conn: DatabaseConnection) -> None:
    """End the session that holds the lock."""
    [(session,)] = conn.query("SELECT session FROM dbwarden_lock")
    conn.execute(f"SELECT pg_terminate_backend({session.partition('/')[0]}, 10000)")


def test_another_writer_is_not_taken_for_a_migration(lite: Place) -> None:
    with acquire(lock_opener(lite.connect, lite.dialect, TABLES), NOW):
        pass
    notes = list[str]()

    def wait(status: LockStatus) -> None:
        notes.append(describe(status))
        raise TimeoutError

    def take(claim: LockRequest) -> None:
        with acquire(lock_opener(lambda: lite.connect(lock_timeout=0.05), lite.dialect, TABLES), claim):
            pass

    with lite.connect().transaction():
        with pytest.raises(LockHeld, match="another program is writing to the database"):
            take(NOW)
        with pytest.raises(TimeoutError):
            take(LockRequest("migrate", wait=60, on_wait=wait))
        assert not lock_store(lite.connect(read_only=True), lite.dialect, TABLES).status().active
    assert notes == ["another program, which is writing to the database"]


def test_a_server_that_takes_no_changes(pg: Place) -> None:
    conn = pg.connect()
    [(name,)] = conn.query("SELECT current_database()")
    conn.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with (
        pytest.raises(DatabaseReadOnly, match="read-only transaction") as error,
        acquire(lock_opener(pg.connect, pg.dialect, TABLES), NOW),
    ):
        pass
    assert "standby" in (error.value.hint or "")


def test_unlock_refuses_a_living_holder_unless_forced(everywhere: Place) -> None:
    conn = everywhere.connect()
    assert unlock(lock_store(conn, everywhere.dialect, TABLES)) is False
    with acquire(lock_opener(everywhere.connect, everywhere.dialect, TABLES), NOW) as lock:
        with pytest.raises(Refused) as error:
            unlock(lock_store(conn, everywhere.dialect, TABLES))
        assert error.value.exit_code == 5
        assert unlock(lock_store(conn, everywhere.dialect, TABLES), force=True) is True
        with pytest.raises(LockLost):
            lock_store(conn, everywhere.dialect, TABLES).check_held(lock.token)
        with acquire(lock_opener(everywhere.connect, everywhere.dialect, TABLES), NOW) as other:
            pass
        assert other.token != lock.token
    assert unlock(lock_store(conn, everywhere.dialect, TABLES)) is False


def test_the_seeds_manual_release_and_manual_lock(place: Place) -> None:
    conn = place.connect()
    with acquire(lock_opener(place.connect, place.dialect, TABLES), NOW):
        conn.execute("UPDATE dbwarden_lock SET locked = FALSE, release_at = CURRENT_TIMESTAMP")
        with acquire(lock_opener(place.connect, place.dialect, TABLES), NOW):
            assert lock_store(conn, place.dialect, TABLES).status().active
    conn.execute("UPDATE dbwarden_lock SET locked = TRUE, token = NULL, session = NULL, heartbeat = NULL")
    status = lock_store(conn, place.dialect, TABLES).status()
    assert status.liveness is Liveness.UNKNOWN
    with pytest.raises(Refused):
        unlock(lock_store(conn, place.dialect, TABLES))
    ago = "2001-01-01 00:00:00"
    conn.execute(f"UPDATE dbwarden_lock SET acquired_at = '{ago}'")
    assert unlock(lock_store(conn, place.dialect, TABLES)) is True


def test_an_older_lock_table_is_named(place: Place) -> None:
    place.connect().execute("CREATE TABLE dbwarden_lock (id INTEGER PRIMARY KEY, locked BOOLEAN DEFAULT FALSE)")
    with (
        pytest.raises(ForeignHistory, match="dbwarden_lock"),
        acquire(lock_opener(place.connect, place.dialect, TABLES), NOW),
    ):
        pass


def test_heartbeats(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "HEARTBEAT", 0.05)
    conn = place.connect()
    with acquire(lock_opener(place.connect, place.dialect, TABLES), NOW):
        conn.execute("UPDATE dbwarden_lock SET heartbeat = NULL")
        deadline = time.monotonic() + 5
        while not conn.query("SELECT heartbeat FROM dbwarden_lock")[0][0]:
            assert time.monotonic() < deadline
            time.sleep(0.02)


# -- other processes ----------------------------------------------------------------------------------------------

PRELUDE = """
import sys, time
from dbwarden import dialects
from dbwarden.core.file import parse
from dbwarden.core.own_tables import OwnTables
from dbwarden.api.connection import connect
from dbwarden.runtime.execute import ExecutionOptions, upgrade
from dbwarden.runtime.interrupt import interruptible
from dbwarden.runtime.lock import LockRequest, acquire
from dbwarden.runtime.stores import history_store, lock_opener
url = sys.argv[1]
dialect = dialects.get(url.partition("://")[0].partition("+")[0])
"""


def _process(url: str, script: str, *args: str) -> subprocess.Popen[str]:
    code = PRELUDE + textwrap.dedent(script)
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    return subprocess.Popen(
        [sys.executable, "-c", code, url, *args],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


RACE = """
    with acquire(lock_opener(lambda: connect(url), dialect, OwnTables()), LockRequest("migrate", wait=30)) as lock:
        with connect(url) as conn:
            done = {record.key for record in history_store(conn, dialect, OwnTables()).read()}
            for n in range(1, 6):
                name = f"{n:04d}_x.sql"
                file = parse(name, f"-- upgrade\\nCREATE TABLE t{n} (id INTEGER);\\n", dialect.lexical_rules)
                if file.key not in done:
                    upgrade(conn, dialect, file, ExecutionOptions(lock.token, "me", "0"))
"""


def test_processes_racing_run_everything_once(everywhere: Place) -> None:
    racing = [_process(everywhere.url, RACE) for _ in range(3)]
    for process in racing:
        _, words = process.communicate(timeout=60)
        assert process.returncode == 0, words
    assert sorted(everywhere.tables()) == ["t1", "t2", "t3", "t4", "t5"]
    assert len(everywhere.events()) == 5


HANG = """
    text = "-- upgrade\\nCREATE TABLE a (id INTEGER);\\nCREATE TABLE b (id INTEGER);\\n" + sys.argv[2]
    file = parse("0001_x.sql", text, dialect.lexical_rules)
    def tell(number, total, statement):
        if number == 3:
            print("third", flush=True)
    with interruptible() as stop:
        with acquire(lock_opener(lambda: connect(url), dialect, OwnTables()), LockRequest("migrate")) as lock, connect(url) as conn:
            stop.conn = conn
            try:
                upgrade(conn, dialect, file, ExecutionOptions(lock.token, "me", "0", on_statement=tell, stop=stop))
            except Exception as error:
                print(error.message)
                code = error.exit_code
        sys.exit(code)
"""
ENDLESS = {
    "sqlite": "INSERT INTO a WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r;",
    "postgresql": "SELECT pg_sleep(60);",
    "mysql": "INSERT INTO a SELECT SLEEP(60);",
    "mariadb": "INSERT INTO a SELECT SLEEP(60);",
    "clickhouse": "INSERT INTO a SELECT sleepEachRow(1) FROM numbers(4) SETTINGS max_block_size = 1;",
}


def _hanging(place: Place, statement: str = "") -> subprocess.Popen[str]:
    process = _process(place.url, HANG, statement or ENDLESS[place.dialect.name])
    assert process.stdout is not None
    assert process.stdout.readline() == "third\n"
    time.sleep(0.2)
    return process


def test_kill_in_the_middle_leaves_nothing_and_the_lock_says_gone(
    atomic: Place, run_of: Callable[..., ExecutionOptions]
) -> None:
    process = _hanging(atomic)
    process.kill()
    process.communicate(timeout=10)
    conn = atomic.connect()
    deadline = time.monotonic() + 10  # PostgreSQL notices when it next speaks to the client
    while (status := lock_store(conn, atomic.dialect, TABLES).status()).liveness is not Liveness.GONE:
        assert time.monotonic() < deadline, status
        time.sleep(0.1)
    assert status.active
    with pytest.raises(LockHeld) as error, acquire(lock_opener(atomic.connect, atomic.dialect, TABLES), NOW):
        pass
    assert "`dbwarden unlock`" in (error.value.hint or "")
    assert atomic.tables() == set()
    assert atomic.events() == []
    assert unlock(lock_store(conn, atomic.dialect, TABLES)) is True
    upgrade(
        conn, atomic.dialect, atomic.file("0001_x.sql", "-- upgrade\nCREATE TABLE a (id INTEGER);\n"), run_of(atomic)
    )
    assert atomic.tables() == {"a"}


def test_recovery_auto_takes_over_from_the_dead(everywhere: Place) -> None:
    process = _hanging(everywhere)
    process.kill()
    process.communicate(timeout=10)
    with acquire(
        lock_opener(everywhere.connect, everywhere.dialect, TABLES), LockRequest("migrate", wait=10, recovery="auto")
    ) as lock:
        assert lock.taken_over is not None
        assert lock.taken_over.pid == process.pid
        assert lock_store(everywhere.connect(), everywhere.dialect, TABLES).status().liveness is Liveness.ALIVE


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_cancels_rolls_back_and_releases(atomic: Place, number: signal.Signals, code: int) -> None:
    process = _hanging(atomic)
    process.send_signal(number)
    words, errors = process.communicate(timeout=20)
    assert process.returncode == code, errors
    assert f"by {number.name}. Nothing of the file remains in the database" in words
    assert atomic.tables() == set()
    assert not lock_store(atomic.connect(), atomic.dialect, TABLES).status().active


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_cancels_the_statement_and_releases(my: Place, number: signal.Signals, code: int) -> None:
    """Where DDL commits by itself, what ran before remains, and the next run goes on behind it."""
    conn = my.connect()
    conn.execute("CREATE TABLE dbwarden_gate (id INTEGER PRIMARY KEY)")
    with conn.transaction():
        conn.execute("INSERT INTO dbwarden_gate VALUES (1)")
        process = _hanging(my, "INSERT INTO dbwarden_gate VALUES (1);")  # waits for the end of our transaction
        process.send_signal(number)
        words, errors = process.communicate(timeout=30)
    assert process.returncode == code, errors
    assert f"by {number.name}. Statements 1 to 2 of 3 remain in effect" in words
    assert my.tables() == {"a", "b"}
    assert not lock_store(conn, my.dialect, TABLES).status().active


def test_a_killed_run_is_gone_and_is_continued(my: Place, run_of: Callable[..., ExecutionOptions]) -> None:
    process = _hanging(my)
    process.kill()
    process.communicate(timeout=10)
    conn = my.connect()
    deadline = time.monotonic() + 20
    while (status := lock_store(conn, my.dialect, TABLES).status()).liveness is not Liveness.GONE:
        assert time.monotonic() < deadline, status
        time.sleep(0.1)
    assert status.active
    assert unlock(lock_store(conn, my.dialect, TABLES)) is True
    text = "-- upgrade\nCREATE TABLE a (id INTEGER);\nCREATE TABLE b (id INTEGER);\nINSERT INTO a VALUES (1);\n"
    upgrade(conn, my.dialect, my.file("0001_x.sql", text), run_of(my))
    assert my.tables() == {"a", "b"}
    assert conn.query("SELECT id FROM a") == [(1,)]
    assert my.events() == [("0001", "applied", 3, 3)]


FORK = """
    import os
    with acquire(lock_opener(lambda: connect(url), dialect, OwnTables()), LockRequest("migrate")):
        child = os.fork()
        if child == 0:
            sys.exit(0)
        os.waitpid(child, 0)
        with connect(url) as conn:
            print(bool(conn.query("SELECT locked FROM dbwarden_lock")[0][0]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_does_not_release(place: Place) -> None:
    """It leaves the same block as its parent, which goes on."""
    process = _process(place.url, FORK)
    words, errors = process.communicate(timeout=60)
    assert (words, process.returncode) == ("True\n", 0), errors
    assert not lock_store(place.connect(), place.dialect, TABLES).status().active
