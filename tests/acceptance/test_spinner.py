"""What a terminal shows while a statement takes long, and that nothing of it remains."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from tests.support.command import COMMAND, environment, run, write_migration, write_project

pytestmark = pytest.mark.acceptance


def on_terminal(folder: Path, *argv: str, width: int = 100, until: str = "", **more: str) -> tuple[str, str, int]:
    """What the command writes to a terminal, what is left on it in the end, and the exit code; SIGINT as soon as ``until``
    appears."""
    leader, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    variables = {**environment(TERM="xterm"), **more}
    variables.pop("COLUMNS")
    process = subprocess.Popen(
        [*COMMAND, *argv], cwd=folder, env=variables, stdin=terminal, stdout=terminal, stderr=terminal,
        start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    shown = b""
    try:
        while data := _read(leader):
            shown += data
            if until and until in shown.decode(errors="replace"):
                process.send_signal(signal.SIGINT)
                until = ""
        return shown.decode(), left(shown.decode()), process.wait(60)
    finally:
        process.kill()
        process.wait()
        os.close(leader)


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 65536)
    except OSError:  # the other end is closed
        return b""


def left(shown: str) -> str:
    """The text on the screen after all lines that were erased."""
    lines = [line.rpartition("\x1b[2K")[2] for line in shown.replace("\r\n", "\n").split("\n")]
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", "\n".join(lines))


@pytest.fixture
def folder(tmp_path: Path, postgresql_url: str) -> Path:
    migrations = write_project(tmp_path, postgresql_url)
    write_migration(migrations, "0001_slow", "CREATE TABLE t (n INTEGER);\nSELECT /* \x1b[31m */ pg_sleep(2);")
    return tmp_path


def test_the_statement_and_its_time_appear_and_go(folder: Path) -> None:
    shown, screen, code = on_terminal(folder, "migrate", NO_COLOR="1")
    assert code == 0
    assert re.search(r"[|/\\-] [1-9]\d* s  0001_slow\.sql 2/2 SELECT /\* \\x1b\[31m \*/ pg_sleep\(2\)", shown)
    assert re.fullmatch(r"Applied 0001_slow\.sql \(.*\)\nDatabase primary: 1 migration applied in .*\n", screen)


def test_a_narrow_terminal_is_one_line(folder: Path) -> None:
    shown, screen, code = on_terminal(folder, "migrate", width=30)
    drawn = [text.partition("\r")[0] for text in shown.split("\x1b[2K") if "0001_slow.sql 2" in text.partition("\r")[0]]
    assert code == 0 and drawn and max(map(len, drawn)) < 30
    assert "2/2" not in screen


def test_nothing_is_left_after_an_interrupt_or_an_error(folder: Path) -> None:
    shown, screen, code = on_terminal(folder, "migrate", until="pg_sleep")
    assert code == 130 and "pg_sleep(2)" in shown and " s  0001" not in screen
    write_migration(
        folder / "migrations" / "primary", "0001_slow", "SELECT 1 / (n - 3) FROM (SELECT 3 n, pg_sleep(2)) t;"
    )
    shown, screen, code = on_terminal(folder, "migrate")
    assert code == 1 and " s  0001_slow.sql 1/1" in shown
    assert " s  0001" not in screen and "division by zero" in screen


def test_where_it_cannot_be_erased_it_is_not_drawn(folder: Path) -> None:
    shown, _, code = on_terminal(folder, "migrate", TERM="dumb")
    assert code == 0 and "pg_sleep" not in shown and "\x1b" not in shown


def test_a_pipe_has_nothing_of_it(folder: Path) -> None:
    assert "pg_sleep" not in run(folder, "migrate")


def test_a_migration_that_is_tried_out_shows_itself(folder: Path) -> None:
    shown, screen, code = on_terminal(folder, "migrate", "--sandbox")
    assert code in (0, 1) and re.search(r" [1-9]\d* s  trying out 0001_slow\.sql", shown)
    assert "trying out" not in screen and "Tried out on" in screen
