"""``status --watch``: on a terminal, in a pipe, and what it leaves behind."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.api.status import status
from dbwarden.api.workspace import Workspace
from dbwarden.core.overview import State
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.store import JournalEntry, JournalKey, StatementState
from dbwarden.runtime.stores import journal_store
from tests.support.command import COMMAND, environment, run, write_migration, write_project


@pytest.fixture
def project(database_url: str, tmp_path: Path) -> Path:
    migrations = write_project(tmp_path, database_url)
    write_migration(migrations, "0001_t", "CREATE TABLE t (id INTEGER);", "DROP TABLE t;")
    return tmp_path


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def lines_of(folder: Path, *argv: str) -> tuple[subprocess.Popen[str], Path]:
    """A watch into a file."""
    file = folder / "watched"
    with file.open("w") as output:
        process = subprocess.Popen(
            [*COMMAND, "status", "--watch", "--interval", "0.1", *argv], cwd=folder, env=environment(), stdout=output, text=True,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    return process, file


def test_a_pipe_gets_each_change_and_errors_end_nothing(project: Path) -> None:
    process, file = lines_of(project)
    try:
        see_changes(project, file)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
    # What is seen while the migration runs depends on the moment.
    passing = ("locked by", "1 problem")
    lines = [line for line in file.read_text().splitlines() if not any(words in line for words in passing)]
    assert len(lines) == 4 and "Interrupted" not in file.read_text(), lines
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  primary: ", line) for line in lines)


def see_changes(project: Path, file: Path) -> None:
    wait_for(lambda: "0 applied, 1 pending" in file.read_text())
    run(project, "migrate")
    wait_for(lambda: "1 applied, 0 pending" in file.read_text())
    write_migration(project / "migrations" / "primary", "0001_again", "SELECT 1;")
    wait_for(lambda: "0001_again.sql" in file.read_text())
    (project / "migrations" / "primary" / "0001_again.sql").unlink()
    wait_for(lambda: file.read_text().count("1 applied, 0 pending") == 2)


def test_documents_and_sigterm(sqlite_url: str, tmp_path: Path) -> None:
    migrations = write_project(tmp_path, sqlite_url)
    write_migration(migrations, "0001_t", "CREATE TABLE t (id INTEGER);", "DROP TABLE t;")
    process, file = lines_of(tmp_path, "--json", "--all")
    wait_for(lambda: file.read_text().endswith("\n"))
    process.terminate()
    assert process.wait(30) == 143
    [document] = map(json.loads, file.read_text().splitlines())
    assert (document["database"], document["pending"], document["lock"]["active"]) == ("primary", 1, False)


def test_it_leaves_no_trace(sqlite_url: str, tmp_path: Path) -> None:
    migrations = write_project(tmp_path, sqlite_url)
    write_migration(migrations, "0001_t", "CREATE TABLE t (id INTEGER);", "DROP TABLE t;")
    run(tmp_path, "migrate")

    def digests() -> dict[str, str]:
        names = [
            path
            for path in tmp_path.rglob("*")
            if path.is_file() and path.name != "watched" and "__pycache__" not in path.parts
        ]
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in names}

    before = digests()
    process, file = lines_of(tmp_path)
    wait_for(lambda: "1 applied" in file.read_text())
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    process.wait(30)
    assert digests() == before


def test_a_terminal_is_redrawn_until_ctrl_c(sqlite_url: str, tmp_path: Path) -> None:
    migrations = write_project(tmp_path, sqlite_url)
    for number in range(1, 41):
        write_migration(migrations, f"{number:04}_t", f"CREATE TABLE t{number} (id INTEGER);", f"DROP TABLE t{number};")
    run(tmp_path, "migrate", "--count", "39")
    leader, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [*COMMAND, "status", "--watch", "--interval", "0.1"], cwd=tmp_path,
        env={**environment(TERM="xterm"), "COLUMNS": "80", "LINES": "24"}, stdin=terminal, stdout=terminal, stderr=terminal,
        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(terminal)
    shown, end = "", time.monotonic() + 30

    def read_until(text: str) -> None:
        nonlocal shown
        while text not in shown and time.monotonic() < end:
            if select.select([leader], [], [], 0.2)[0]:
                try:
                    shown += os.read(leader, 65536).decode(errors="replace")
                except OSError:
                    break
        assert text in shown, shown[-2000:]

    read_until("39 applied, 1 pending")
    run(tmp_path, "migrate")
    read_until("40 applied, 0 pending")
    shown = ""
    os.write(leader, b"\x03")
    read_until("\x1b[?25h")
    assert process.wait(30) == 0
    os.close(leader)
    assert "Traceback" not in shown and "Interrupted" not in shown
    last = shown[shown.rindex("Ctrl-C ends") :]
    assert "0040_t.sql" in last and "older ones are applied" in last and len(last.splitlines()) < 24, "it fits"


@pytest.mark.parametrize(
    "argv",
    [["--watch", "--exit-code"], ["--watch", "--per-node"], ["--interval", "1"], ["--watch", "-d", "primary", "--all"]],
)
def test_what_does_not_go_together(argv: list[str], tmp_path: Path) -> None:
    run(tmp_path, "status", *argv, code=2)


def test_the_first_reading_has_to_succeed(tmp_path: Path) -> None:
    write_project(tmp_path, "postgresql://nobody@127.0.0.1:1/x")
    assert "127.0.0.1" in run(tmp_path, "status", "--watch", code=1)


@pytest.mark.parametrize("ended", [True, False])
def test_a_run_that_ends_while_the_journal_is_read_is_not_a_stopped_one(
    ended: bool, mariadb_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrations = write_project(tmp_path, mariadb_url)
    write_migration(migrations, "0001_t", "CREATE TABLE t (id INTEGER);", "DROP TABLE t;")
    run(tmp_path, "migrate")
    write_migration(migrations, "0002_u", "CREATE TABLE u (id INTEGER);", "DROP TABLE u;")
    tables, key = OwnTables("primary"), JournalKey("0002", "upgrade")
    with connect(mariadb_url) as conn:
        conn.execute(f"UPDATE {tables.lock} SET locked = TRUE, acquired_at = now(), token = 'x'")
        journal = journal_store(conn, dialects.get("mariadb"), tables)
        journal.append_if_held(key, {1: JournalEntry("x", StatementState.INTENT)}, "x")

        def release(workspace: Workspace, reading: object) -> bool:
            conn.execute(f"UPDATE {tables.lock} SET locked = FALSE")
            if ended:
                journal.clear(key)
            return False

        monkeypatch.setattr(Workspace, "_holder_lives", release)
        monkeypatch.chdir(tmp_path)
        state = status().entries[-1].state
    assert state is (State.PENDING if ended else State.STOPPED)
