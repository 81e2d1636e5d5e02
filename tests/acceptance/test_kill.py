"""``kill -9`` in the middle of a file: nothing stands that is not known, and the way out is what the documentation says."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.engine import SUPPORTED
from tests.support.command import SLOW, rows, run, start, write_migration, write_project

pytestmark = pytest.mark.acceptance


@pytest.fixture
def migrations(tmp_path: Path, database_url: str) -> Path:
    """A file that is finished, and one that is in the middle of itself for a long time."""
    folder = write_project(tmp_path, database_url)
    write_migration(folder, "0001_done", "CREATE TABLE done (n INTEGER);", "DROP TABLE done;")
    slow = SLOW[database_url.partition(":")[0]]
    upgrade = f"CREATE TABLE first (n INTEGER);\n{slow}\nCREATE TABLE last (n INTEGER);"
    write_migration(folder, "0002_slow", upgrade, "DROP TABLE last;\nDROP TABLE first;")
    return folder


def _in_the_middle(folder: Path) -> subprocess.Popen[str]:
    """A ``migrate`` that has begun its slow statement."""
    process = start(folder, "migrate", "--verbose")
    assert process.stdout is not None
    for line in process.stdout:
        if "2/3" in line:
            time.sleep(0.3)
            return process
    raise AssertionError(f"migrate ended with {process.wait()}")


def _only_what_commits_by_itself(folder: Path, url: str) -> None:
    """Nothing of the file, or its first statement where DDL commits by itself, which ``status`` says then."""
    atomic = dialects.get(SUPPORTED[url.partition(":")[0]].dialect).features.transactional_ddl
    shown = run(folder, "status")
    assert "1 applied, 1 pending" in shown
    assert ("statement 2 of 3" in shown) is not atomic, shown
    assert ("Table first" in run(folder, "check-db")) is not atomic


def test_killed(tmp_path: Path, database_url: str, migrations: Path) -> None:
    process = _in_the_middle(tmp_path)
    process.kill()
    process.communicate()
    _until(lambda: "Liveness:  gone" in run(tmp_path, "lock-status"))
    shown = run(tmp_path, "lock-status")
    assert shown.startswith("Migration lock: ACTIVE\nAnother migration process may be running.\n")
    assert f"pid {process.pid}, migrate" in shown
    _only_what_commits_by_itself(tmp_path, database_url)
    refusal = run(tmp_path, "migrate", "--lock-wait", "0", code=3)
    assert "who is gone" in refusal and "dbwarden unlock -d primary" in refusal
    assert run(tmp_path, "unlock") == "Migration lock released successfully.\n"
    write_migration(migrations, "0002_slow", "CREATE TABLE first (n INTEGER);\nCREATE TABLE last (n INTEGER);")
    assert "Applied 0002_slow.sql" in run(tmp_path, "migrate")
    assert rows(database_url, "SELECT migration, event FROM dbwarden_migrations ORDER BY id") == [
        ("0001", "applied"),
        ("0002", "applied"),
    ]
    assert run(tmp_path, "lock-status") == "Migration lock: INACTIVE\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(tmp_path: Path, database_url: str, migrations: Path, number: signal.Signals, code: int) -> None:
    """A signal that can be caught leaves nothing to clean up."""
    process = _in_the_middle(tmp_path)
    process.send_signal(number)
    output = process.communicate(timeout=20)[0]
    assert process.returncode == code, output
    assert number.name in output
    assert "Traceback" not in output
    assert run(tmp_path, "lock-status") == "Migration lock: INACTIVE\n"
    _only_what_commits_by_itself(tmp_path, database_url)
    write_migration(migrations, "0002_slow", "CREATE TABLE first (n INTEGER);\nCREATE TABLE last (n INTEGER);")
    assert "Applied 0002_slow.sql" in run(tmp_path, "migrate")


def test_the_server_ends_every_session(tmp_path: Path, postgresql_url: str) -> None:
    """As a restart does; the same command then goes on."""
    folder = write_project(tmp_path, postgresql_url)
    write_migration(folder, "0001_done", "CREATE TABLE done (n INTEGER);")
    write_migration(folder, "0002_slow", f"CREATE TABLE first (n INTEGER);\n{SLOW['postgresql']}\nSELECT 1;")
    process = _in_the_middle(tmp_path)
    with connect(postgresql_url) as other:
        ended = other.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert len(ended) == 2
    output = process.communicate(timeout=20)[0]
    assert process.returncode == 1, output
    assert "0002_slow.sql:3: statement 2 of 3 failed: terminating connection" in output
    assert "Nothing of the file remains in the database. The connection broke" in output
    assert run(tmp_path, "lock-status") == "Migration lock: INACTIVE\n"
    assert "1 applied, 1 pending" in run(tmp_path, "status")
    write_migration(folder, "0002_slow", "CREATE TABLE first (n INTEGER);")
    assert "Applied 0002_slow.sql" in run(tmp_path, "migrate")


def test_status_shows_a_statement_in_doubt(tmp_path: Path, postgresql_url: str) -> None:
    """Nobody wrote an event; the journal knows where the file stopped."""
    folder = write_project(tmp_path, postgresql_url)
    write_migration(folder, "0001_t", "CREATE TABLE t (n INTEGER);")
    run(tmp_path, "migrate")
    write_migration(folder, "0002_i", "CREATE INDEX CONCURRENTLY i ON t (n);\nSELECT 1;\nSELECT 2;", "DROP INDEX i;")
    with connect(postgresql_url) as other, other.transaction():
        other.execute("INSERT INTO t VALUES (1)")
        process = start(tmp_path, "migrate")
        _until(lambda: bool(rows(postgresql_url, "SELECT 1 FROM dbwarden_journal")))
        assert "stopped" not in run(tmp_path, "status")
        process.kill()
        process.communicate()
        _until(lambda: "Liveness:  gone" in run(tmp_path, "lock-status"))
        shown = run(tmp_path, "status")
    assert "0002_i.sql stopped in statement 1 of 3; whether that had its effect is not recorded." in shown
    assert "dbwarden migrate -d primary` checks whether" in shown
    assert "dbwarden unlock -d primary" in shown
    run(tmp_path, "unlock")
    entry = json.loads(run(tmp_path, "status", "--json"))["entries"][1]
    assert (entry["state"], entry["statements_done"], entry["statements_total"]) == ("stopped", 0, 3)
    assert "unlock" not in entry["advice"]
    run(tmp_path, "migrate")
    assert "2 applied, 0 pending" in run(tmp_path, "status")


def _until(true: Callable[[], bool]) -> None:
    for _ in range(50):
        if true():
            return
        time.sleep(0.2)
    raise AssertionError("it never came")
