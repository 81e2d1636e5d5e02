"""The command in a forked child of this process: isolated as a process of its own is, without the time that imports take."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

import sqlalchemy.ext.declarative
import sqlalchemy.orm  # noqa: F401  the child has it then

import dbwarden.api.check
import dbwarden.api.make_migrations
import dbwarden.api.migrate
import dbwarden.dialects.sqlite.dialect  # noqa: F401
from dbwarden.cli import app

SECONDS = 30
"""After which a child that hangs is ended."""


def run_forked(
    folder: Path,
    argv: list[str],
    env: Mapping[str, str],
    before: Callable[[], object] | None = None,
    meanwhile: Callable[[int, int], object] | None = None,
) -> tuple[str, str, int]:
    """What the command wrote to stdout and stderr, and its exit code; negative: the signal that ended it.

    ``meanwhile`` is called with the child's process number and a file descriptor that can be read when the child has ended.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        sys.stdout.flush()
        sys.stderr.flush()
        ended, alive = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ended)
            _child(folder, argv, env, (out.fileno(), err.fileno()), before)
        os.close(alive)
        try:
            if meanwhile is not None:
                meanwhile(child, ended)
        finally:
            os.close(ended)
            _, status = os.waitpid(child, 0)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="backslashreplace"))
    return texts[0], texts[1], os.waitstatus_to_exitcode(status)


def _child(
    folder: Path, argv: list[str], env: Mapping[str, str], outputs: tuple[int, int], before: Callable[[], object] | None
) -> NoReturn:
    code = 70
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(SECONDS)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(env)
        for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (outputs[0], 1), (outputs[1], 2)):
            os.dup2(source, target)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        sys.excepthook = sys.__excepthook__
        if before is not None:
            before()
        code = app.run(argv)
    except BaseException as error:  # noqa: BLE001 - as the interpreter does with what nobody catches
        code = 1
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
