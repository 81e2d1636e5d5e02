"""A server that does not answer any more: one signal ends the command, and the next run goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.own_tables import OwnTables
from tests.support.command import environment, rows, run, start, write_migration, write_project
from tests.support.stalled import StalledLink, stalled_link

pytestmark = pytest.mark.acceptance

both_drivers = pytest.mark.parametrize("folder", ["psycopg", "psycopg2"], indirect=True)
psycopg2_only = pytest.mark.parametrize("folder", ["psycopg2"], indirect=True)
IMPATIENT = (
    "import dbwarden.runtime.interrupt as interrupt, dbwarden.runtime.lock as lock; from dbwarden.cli.app import main;"
    " interrupt.CANCELLING, interrupt.GRACE, lock.HEARTBEAT = 0.3, 0.8, {heartbeat}; main()"
)
"""The command with less patience; ``test_in_a_statement`` waits as long as people do."""
SILENT = "The server did not answer, and the connection was given up"
NOTHING = "Nothing of the file remains in the database"


@pytest.fixture
def link(postgresql_url: str) -> Iterator[StalledLink]:
    with stalled_link(postgresql_url) as link:
        yield link


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path, link: StalledLink) -> Path:
    """A project whose database is behind the link, with one migration that is applied and one that is not."""
    url = link.url.replace("postgresql://", f"postgresql+{getattr(request, 'param', 'psycopg')}://")
    migrations = write_project(tmp_path, url)
    write_migration(migrations, "0001_done", "CREATE TABLE done (n INTEGER);", "DROP TABLE done;")
    run(tmp_path, "migrate")
    upgrade = "CREATE TABLE first (n INTEGER);\nSELECT pg_sleep(0.01);\nCREATE TABLE last (n INTEGER);"
    write_migration(migrations, "0002_next", upgrade, "DROP TABLE last;\nDROP TABLE first;")
    return tmp_path


def _start(folder: Path, *argv: str, heartbeat: float = 10) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", IMPATIENT.format(heartbeat=heartbeat), *argv], cwd=folder, env=environment(), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def _ended_by(link: StalledLink, process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    """Exit code and output of a command that gets one signal after the link is dead."""
    assert link.held.wait(30), process.communicate()
    process.send_signal(number)
    try:
        output = process.communicate(timeout=30)[0]
    finally:
        process.kill()
    return process.returncode, output


def _goes_on(folder: Path, link: StalledLink, url: str, unlock: bool = True) -> None:
    """The link is back: the file is applied once, and nobody holds the lock for ever."""
    link.release()
    _until_gone(folder)
    if unlock:
        run(folder, "unlock")
    run(folder, "migrate")
    assert "2 applied, 0 pending" in run(folder, "status")
    assert rows(url, "SELECT migration FROM dbwarden_migrations WHERE event = 'applied' ORDER BY id") == [
        ("0001",),
        ("0002",),
    ]
    assert run(folder, "lock-status") == "Migration lock: INACTIVE\n"


def _until_gone(folder: Path) -> None:
    """The server notices that the client has left when it next reads from it."""
    for _ in range(100):
        shown = run(folder, "lock-status")
        if "gone" in shown or "INACTIVE" in shown:
            return
    raise AssertionError(shown)


@both_drivers
def test_in_a_statement(folder: Path, link: StalledLink, postgresql_url: str) -> None:
    link.hold_at(b"pg_sleep")
    ended, output = _ended_by(link, start(folder, "migrate"), signal.SIGINT)
    assert ended == 130, output
    assert f"SIGINT. {SILENT}. {NOTHING}" in output
    assert "`dbwarden unlock` releases it" in output and "Traceback" not in output
    _goes_on(folder, link, postgresql_url)


@psycopg2_only
def test_in_a_commit(folder: Path, link: StalledLink, postgresql_url: str) -> None:
    link.hold_at(b"CREATE TABLE last", b"COMMIT")
    ended, output = _ended_by(link, _start(folder, "migrate"), signal.SIGINT)
    assert ended == 130, output
    assert SILENT in output and "Whether the file was committed is not known; `dbwarden status` tells" in output
    _goes_on(folder, link, postgresql_url)


def test_in_a_statement_outside_a_transaction(folder: Path, link: StalledLink, postgresql_url: str) -> None:
    migrations = folder / "migrations" / "primary"
    write_migration(migrations, "0002_next", "CREATE INDEX CONCURRENTLY i ON done (n);", "DROP INDEX i;")
    link.hold_at(b"CREATE INDEX CONCURRENTLY")
    ended, output = _ended_by(link, _start(folder, "migrate"), signal.SIGTERM)
    assert ended == 143, output
    assert "Whether statement 1 had its effect is not known; the next run finds out" in output
    _goes_on(folder, link, postgresql_url)


def test_while_the_lock_is_waited_for(folder: Path, link: StalledLink, postgresql_url: str) -> None:
    with connect(postgresql_url) as conn:
        conn.execute(f"UPDATE {OwnTables('primary').lock} SET locked = TRUE, acquired_at = now(), token = 'x'")
        link.hold_at(b"SELECT locked", b"SELECT locked", b"SELECT locked")
        ended, output = _ended_by(link, _start(folder, "migrate", "--lock-wait", "60"), signal.SIGINT)
        assert ended == 130, output
        assert SILENT in output and "`dbwarden lock-status`" in output
        conn.execute(f"UPDATE {OwnTables('primary').lock} SET locked = FALSE")
    _goes_on(folder, link, postgresql_url, unlock=False)


def test_in_a_heartbeat(folder: Path, link: StalledLink, postgresql_url: str) -> None:
    """The lock's connection hangs as well as the one that works."""
    write_migration(folder / "migrations" / "primary", "0002_next", "SELECT pg_sleep(2);")
    link.hold_at(b"pg_sleep", b"SET heartbeat")
    ended, output = _ended_by(link, _start(folder, "migrate", heartbeat=0.3), signal.SIGINT)
    assert ended == 130, output
    assert f"{SILENT}. {NOTHING}" in output
    _goes_on(folder, link, postgresql_url)


@both_drivers
def test_while_connecting(folder: Path, link: StalledLink, postgresql_url: str) -> None:
    (folder / "warden.py").write_text((folder / "warden.py").read_text().replace(")\n", ", connect_timeout=60)\n"))
    link.hold_at(b"user")  # in the message that begins a session
    ended, output = _ended_by(link, _start(folder, "migrate"), signal.SIGINT)
    assert ended == 130, output
    _goes_on(folder, link, postgresql_url, unlock=False)


@pytest.mark.parametrize(
    ("folder", "command"), [("psycopg", "status"), ("psycopg2", "status"), ("psycopg", "diff")], indirect=["folder"]
)
def test_in_a_command_that_only_looks(folder: Path, link: StalledLink, command: str) -> None:
    (folder / "models.py").write_text("from sqlalchemy import MetaData\nmetadata = MetaData()\n")
    link.hold_at(b"pg_namespace" if command == "diff" else b"dbwarden_migrations")
    ended, output = _ended_by(link, _start(folder, command), signal.SIGINT)
    assert ended == 130, output
    assert "Interrupted by SIGINT" in output and "Traceback" not in output
    link.release()
    assert "1 applied, 1 pending" in run(folder, "status")


def test_a_second_signal_does_not_wait(folder: Path, link: StalledLink, postgresql_url: str) -> None:
    link.hold_at(b"pg_sleep")
    process = _start(folder, "migrate")
    assert link.held.wait(30)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
    ended, output = process.wait(30), process.communicate()[0]
    assert ended == 130, output
    assert "Traceback" not in output
    _goes_on(folder, link, postgresql_url)


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_in_a_statement_that_commits_by_itself(tmp_path: Path, request: pytest.FixtureRequest, engine: str) -> None:
    """The statement is on its way when the network dies: the next run looks for its effect."""
    url: str = request.getfixturevalue(f"{engine}_url")
    with stalled_link(url) as link:
        migrations = write_project(tmp_path, f"{link.url}?ssl_mode=DISABLED")  # so that the link can read along
        write_migration(migrations, "0001_done", "CREATE TABLE done (n INTEGER);", "DROP TABLE done;")
        run(tmp_path, "migrate")
        write_migration(
            migrations, "0002_next", "ALTER TABLE done ADD COLUMN m INTEGER;\nINSERT INTO done VALUES (1, 2);"
        )
        link.hold_at(b"ALTER TABLE done")
        ended, output = _ended_by(link, _start(tmp_path, "migrate"), signal.SIGTERM)
        assert ended == 143, output
        assert SILENT in output and "Whether statement 1 had its effect is not known" in output
        assert "Traceback" not in output
        _goes_on(tmp_path, link, url)
    assert rows(url, "SELECT n, m FROM done") == [(1, 2)]
