"""The real command on a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import termios
import time
from pathlib import Path

from tests.support.command import COMMAND, environment


def answered(folder: Path, answers: dict[str, str], *argv: str, **more: str) -> tuple[str, int]:
    """The command on a terminal of its own: what it printed, where each question was answered by the first word of
    ``answers`` that it contains, and its exit code."""
    leader, terminal = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *argv], cwd=folder, env=environment(TERM="xterm", NO_COLOR="1", **more),
        stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(terminal)
    shown, seen, end = "", 0, time.monotonic() + 60
    try:
        while time.monotonic() < end:
            if not select.select([leader], [], [], 0.2)[0]:
                continue
            try:
                data = os.read(leader, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            shown += data.decode()
            question = re.search(r"\[y/N\]: $", shown)
            if question and question.start() > seen:
                asked, seen = shown[seen:], question.start()
                word = next(word for word in answers if word in asked)
                os.write(leader, f"{answers[word]}\n".encode())
        return shown.replace("\r\n", "\n"), process.wait(30)
    finally:
        process.kill()
        process.wait()
        os.close(leader)
