"""The log: what an operator wants to see, nothing unless somebody listens, and never a value."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.logged_sql import LONGEST, logged_sql
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.url import Url
from dbwarden.dialects import lexical_rules
from dbwarden.errors import DatabaseError, LockHeld, LockLost, MigrationFailed
from dbwarden.runtime import lock
from dbwarden.runtime.execute import ExecutionOptions, upgrade
from dbwarden.runtime.lock import LockRequest, acquire, unlock
from dbwarden.runtime.stores import lock_opener, lock_store
from tests.support import memory_store
from tests.support.command import COMMAND, environment, run, write_migration, write_project

from .conftest import Place

TABLES, NOW = OwnTables(), LockRequest("migrate", wait=0)


@pytest.fixture(autouse=True)
def listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "dbwarden")


def logged(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == level]


# -- statements and connections -----------------------------------------------------------------------------------


def test_statements_and_connections(lite: Place, caplog: pytest.LogCaptureFixture) -> None:
    with lite.connect() as conn:
        conn.execute("CREATE TABLE t (id INTEGER)")
        with pytest.raises(DatabaseError):
            conn.query("SELECT * FROM nowhere")
    lines = logged(caplog, logging.DEBUG)
    assert any(line.startswith("connected to sqlite:///") and line.endswith(" with sqlite3") for line in lines)
    assert any(line.startswith("CREATE TABLE t (id INTEGER) (done, ") for line in lines)
    assert any(line.startswith("SELECT * FROM nowhere (failed: missing table, ") for line in lines)
    assert "closed after" in lines[-1]


SECRETS = {
    "postgresql": [
        "CREATE ROLE r LOGIN PASSWORD 'hunter2'",
        "ALTER ROLE r /* hunter2 */ PASSWORD $x$hunter2$x$ -- it's hunter2",
        "ALTER ROLE r PASSWORD E'\\'hunter2'",
        "CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'me', password 'hunter2')",
        "INSERT INTO users (name, phrase) VALUES ('me', 'hunter2')",
        "SELECT set_config('app.password', 'hunter2', false)",
        "SET app.password = hunter2",
        "CREATE ROLE r PASSWORD 'hunter2",
        "INSERT INTO t VALUES ('" + "x" * 3980 + "', 'a hunter2')",
    ],
    "sqlite": ["PRAGMA key = 'hunter2'", "INSERT INTO users VALUES (1, 'it''s hunter2')"],
}


@pytest.mark.parametrize(("engine", "sql"), [(engine, sql) for engine, sqls in SECRETS.items() for sql in sqls])
def test_no_value_is_logged(engine: str, sql: str) -> None:
    shown = logged_sql(sql, lexical_rules(engine))
    assert "hunter" not in shown and "***" in shown
    assert shown.split()[0] == sql.split()[0]


def test_long_statements_are_cut() -> None:
    assert logged_sql(f"SELECT {'a, ' * 10_000}b", lexical_rules("sqlite")).endswith("…")
    assert len(logged_sql(f"SELECT {'a, ' * 10_000}b", lexical_rules("sqlite"))) == LONGEST + 1


def test_no_password_of_a_url(pg: Place, caplog: pytest.LogCaptureFixture) -> None:
    password = Url.parse(pg.url).password
    assert password
    with connect(pg.url) as conn:
        conn.query("SELECT :secret AS x", {"secret": "hunter2"})
    assert "hunter2" not in caplog.text and password not in caplog.text
    assert "SELECT :secret AS x" in caplog.text


# -- the lock -----------------------------------------------------------------------------------------------------


def test_taken_waited_for_and_released(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    opener = lock_opener(place.connect, place.dialect, TABLES)
    with acquire(opener, NOW), pytest.raises(LockHeld), acquire(opener, LockRequest("rollback", wait=0.5)):
        pass
    taken, waiting, released = logged(caplog, logging.INFO)
    assert taken.startswith("migration lock taken by ") and taken.endswith(", migrate)")
    assert waiting.startswith("waiting up to 0.5 s for the migration lock, which is held by ")
    assert released == "migration lock released"


def test_lost_and_released_by_hand(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    opener = lock_opener(place.connect, place.dialect, TABLES)
    with acquire(opener, NOW) as held:
        session = lock._Session(opener, held.token, opener())
        assert unlock(lock_store(place.connect(), place.dialect, TABLES), force=True)
        session.beat()
        session.beat()
        session.store.close()
        with pytest.raises(LockLost):
            lock_store(place.connect(), place.dialect, TABLES).check_held(held.token)
    by_hand, lost, not_released = logged(caplog, logging.WARNING)
    assert by_hand.startswith("migration lock of ") and by_hand.endswith("released by hand")
    assert lost.startswith("the migration lock was released by somebody else")
    assert not_released.startswith("migration lock not released")


def test_taken_over(caplog: pytest.LogCaptureFixture) -> None:
    place = memory_store.Place()
    dead = memory_store.MemoryLock(place)
    assert dead.take(lock.this_holder("migrate", "ended"), "dead")
    with acquire(lambda: memory_store.MemoryLock(place), LockRequest("migrate", wait=0, recovery="auto")):
        pass
    [taken_over] = logged(caplog, logging.WARNING)
    assert taken_over.startswith("migration lock taken over from ") and taken_over.endswith(", who is gone")


# -- files --------------------------------------------------------------------------------------------------------


def test_files(lite: Place, run_of: Callable[..., ExecutionOptions], caplog: pytest.LogCaptureFixture) -> None:
    conn, options = lite.connect(), run_of(lite)
    upgrade(conn, lite.dialect, lite.file("0001_a.sql", "-- upgrade\nCREATE TABLE a (id INTEGER);\n"), options)
    with pytest.raises(MigrationFailed):
        upgrade(conn, lite.dialect, lite.file("0002_b.sql", "-- upgrade\nINSERT INTO b VALUES (1);\n"), options)
    assert "0001_a.sql: applied (1 statements, " in logged(caplog, logging.INFO)[-1]
    assert logged(caplog, logging.WARNING) == ["0002_b.sql: statement 1 of 1 failed (missing table)"]


# -- who listens --------------------------------------------------------------------------------------------------


def test_quiet_by_default() -> None:
    code = (
        "import dbwarden.runtime.connection, logging; logging.getLogger('dbwarden.runtime.lock').warning('lost');"
        "print(len(logging.getLogger().handlers))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_debug_shows_it(tmp_path: Path) -> None:
    migrations = write_project(tmp_path, f"sqlite:///{tmp_path}/app.db")
    write_migration(migrations, "0001_a", "CREATE TABLE a (name TEXT DEFAULT 'hunter2');", "DROP TABLE a;")
    assert "dbwarden.runtime" not in run(tmp_path, "migrate", "--dry-run")
    shown = run(tmp_path, "--debug", "migrate")
    assert "INFO dbwarden.runtime.lock: migration lock taken by " in shown
    assert "DEBUG dbwarden.runtime.connection: CREATE TABLE a (name TEXT DEFAULT '***') (done, " in shown
    assert "INFO dbwarden.runtime.runner: 0001_a.sql: applied (1 statements, " in shown
    assert "dbwarden.runtime" not in run(tmp_path, "status")


def test_structured_log(tmp_path: Path) -> None:
    """All of stderr is JSON, a line each, from INFO on: log, warnings, errors."""
    migrations = write_project(tmp_path, f"sqlite:///{tmp_path}/app.db")
    write_migration(migrations, "0001_a", "CREATE TABLE a (name TEXT DEFAULT 'hunter2');", "DROP TABLE a;")
    write_migration(migrations, "0002_b", "INSERT INTO nowhere VALUES (1);", "SELECT 1;")

    def lines(*argv: str, code: int, **more: str) -> list[dict[str, object]]:
        done = subprocess.run(
            [*COMMAND, *argv], cwd=tmp_path, env=environment(**more), capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
        if "--json" in argv:
            json.loads(done.stdout)
        return [json.loads(line) for line in done.stderr.splitlines()]

    run_log = lines("--log-format", "json", "migrate", "--json", code=1)
    assert {tuple(line)[:4] for line in run_log} == {("time", "level", "logger", "message")}
    applied = next(line for line in run_log if line.get("event") == "applied")
    assert applied | {"time": "", "duration": 0} == {
        "time": "", "level": "info", "logger": "dbwarden.runtime.runner", "message": applied["message"],
        "database": "primary", "file": "0001_a.sql", "event": "applied", "statements": 1, "duration": 0,
    }  # fmt: skip
    failed = next(line for line in run_log if line.get("event") == "failed")
    assert (failed["level"], failed["failure"]) == ("warning", "missing table")
    error = run_log[-1]
    assert (error["level"], error["code"], error["exit_code"]) == ("error", "MigrationFailed", 1) and error["hint"]
    assert all(line["level"] != "debug" for line in run_log)
    debug = lines("rollback", "--force", "--debug", code=0, DBWARDEN_LOG_FORMAT="json")
    assert any(line["level"] == "debug" and line.get("outcome") == "done" for line in debug)
    [usage] = lines("migrate", "--nonsense", code=2, DBWARDEN_LOG_FORMAT="json")
    assert (usage["code"], usage["exit_code"]) == ("UsageError", 2)
    assert "Invalid value for '--log-format'" in run(tmp_path, "status", "--log-format", "xml", code=2)
