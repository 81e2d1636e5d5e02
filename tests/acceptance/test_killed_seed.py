"""``seed apply``, killed between its statements: what stands is known, and the next run continues or asks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.command import environment, rows, run, start, write_migration, write_project

pytestmark = pytest.mark.acceptance

KILLED = """
import os, signal, sys
from dbwarden.runtime.connection import DatabaseConnection
send = DatabaseConnection.execute

def execute(conn, sql, params=None):
    if sys.argv[1] == "before" and {word!r} in sql:
        os.kill(os.getpid(), signal.SIGKILL)
    answer = send(conn, sql, params)
    if {word!r} in sql:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

DatabaseConnection.execute = execute
from dbwarden.cli.app import run
run(["seed", "apply"])
"""
CREATE = {
    "clickhouse": "CREATE TABLE users (id Int32, name String) ENGINE = MergeTree ORDER BY id;",
}


def _killed(folder: Path, word: str, when: str) -> None:
    program = KILLED.format(word=word)
    done = subprocess.run([sys.executable, "-c", program, when], cwd=folder, env=environment(), check=False)
    assert done.returncode == -signal.SIGKILL


def _ids(url: str) -> list[int]:
    return [row[0] for row in rows(url, "SELECT id FROM users ORDER BY id")]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("database_url", ["postgresql", "mysql", "clickhouse"], indirect=True)
def test_killed_between_statements(tmp_path: Path, database_url: str, when: str) -> None:
    engine = database_url.partition(":")[0]
    create = CREATE.get(engine, "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(9));")
    write_migration(write_project(tmp_path, database_url), "0001_users", create)
    run(tmp_path, "migrate")
    seeds = tmp_path / "seeds" / "primary"
    seeds.mkdir(parents=True)
    inserts = "\n".join(f"INSERT INTO users (id, name) VALUES ({n}, 'user{n}');" for n in (1, 2, 3))
    (seeds / "0001_users.sql").write_text(f"-- transaction: off\n\n-- upgrade\n{inserts}\n")
    _killed(tmp_path, "'user2'", when)
    assert "seed apply" in run(tmp_path, "lock-status")
    run(tmp_path, "unlock")
    # With a transaction, a statement and its entry are one; without, a person knows whether it was done.
    atomic = engine != "clickhouse"
    assert _ids(database_url) == ([1] if atomic or when == "before" else [1, 2])
    shown = run(tmp_path, "seed", "list")
    assert ("stopped at statement 2 of 3" in shown) and "dbwarden seed apply -d primary" in shown
    assert "1 applied, 0 pending" in run(tmp_path, "status")
    if not atomic:
        assert "--assume" in run(tmp_path, "seed", "apply", code=1)
    answer = ("--assume", "done" if when == "after" else "not-done")
    assert "Applied 0001_users.sql" in run(tmp_path, "seed", "apply", *(() if atomic else answer))
    assert _ids(database_url) == [1, 2, 3]
    assert "1 applied, 0 pending\n" in run(tmp_path, "seed", "list")
    assert "seed apply" not in run(tmp_path, "lock-status")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a signal ends the process, which this system does not have")
@pytest.mark.parametrize("database_url", ["mariadb", "sqlite", "clickhouse"], indirect=True)
@pytest.mark.parametrize("header", ["", 'transaction = "off"\n'], ids=["together", "alone"])
def test_killed_in_python(tmp_path: Path, database_url: str, header: str) -> None:
    """One unit: nothing of it stands, or a person is asked. Without transactions (ClickHouse) the first row stands."""
    engine = database_url.partition(":")[0]
    create = CREATE.get(engine, "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(9));")
    write_migration(write_project(tmp_path, database_url), "0001_users", create)
    run(tmp_path, "migrate")
    seeds = tmp_path / "seeds" / "primary"
    seeds.mkdir(parents=True)
    insert = "    session.execute(text('INSERT INTO users (id) VALUES (:n)'), {'n': 1})\n    session.commit()\n"
    kill = "    if not os.path.exists('going'):\n        open('going', 'w').close()\n        os.kill(os.getpid(), 9)\n"
    (seeds / "0001_users.py").write_text(
        f"import os\nfrom sqlalchemy import text\n{header}\ndef upgrade(session):\n{kill if header else insert}"
        f"{insert if header else kill}"
    )
    _killed(tmp_path, "never", "")
    run(tmp_path, "unlock")
    asked = bool(header) or engine == "clickhouse"
    assert _ids(database_url) == ([1] if asked and not header else [])
    if asked:
        assert "stopped at statement 1 of 1" in run(tmp_path, "seed", "list")
        assert "Seeds: 0 applied, 1 pending, 1 problem" in run(tmp_path, "status")
        assert "--assume" in run(tmp_path, "seed", "apply", code=1)
    run(tmp_path, "seed", "apply", *(("--assume", "not-done" if header else "done") if asked else ()))
    assert _ids(database_url) == [1]
    assert "1 applied, 0 pending" in run(tmp_path, "seed", "list")


SLOW = {"postgresql": "SELECT pg_sleep(30)", "mysql": "SELECT SLEEP(30) FROM users"}


@pytest.mark.parametrize("database_url", ["postgresql", "mysql"], indirect=True)
def test_a_signal_cancels_the_statement_of_python(tmp_path: Path, database_url: str) -> None:
    create = "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(9));"
    write_migration(write_project(tmp_path, database_url), "0001_users", create)
    run(tmp_path, "migrate")
    seeds = tmp_path / "seeds" / "primary"
    seeds.mkdir(parents=True)
    (seeds / "0001_slow.py").write_text(
        "import pathlib\nfrom sqlalchemy import text\n\ndef upgrade(session):\n"
        "    session.execute(text('INSERT INTO users (id) VALUES (1)'))\n    pathlib.Path('going').touch()\n"
        f"    session.execute(text('{SLOW[database_url.partition(':')[0]]}'))\n"
    )
    process = start(tmp_path, "seed", "apply")
    while not (tmp_path / "going").exists():
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    output = process.communicate(timeout=20)[0]
    assert process.returncode == 143, output
    assert "Traceback" not in output and "SIGTERM" in output
    assert _ids(database_url) == []
    assert run(tmp_path, "lock-status") == "Migration lock: INACTIVE\n"
    assert "0 applied, 1 pending" in run(tmp_path, "seed", "list")
