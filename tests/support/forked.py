"""The command in a forked child of this process: isolated as a process of its own is, without the time that imports take."""

from __future__ import annotations

import os
import pkgutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import sqlalchemy.ext.declarative
import sqlalchemy.orm  # noqa: F401  the child has it then

import dbwarden
from dbwarden.cli import app

for module in pkgutil.walk_packages(dbwarden.__path__, "dbwarden."):
    if not module.name.endswith(".__main__"):
        try:
            import_module(module.name)  # all of it: what is imported when it is first used, too
        except ModuleNotFoundError as missing:  # a driver that this environment does without
            if str(missing.name).startswith("dbwarden"):
                raise

BIN = Path(sys.executable).parent
SECONDS = 30
"""After which a child that hangs is ended."""


def run_forked(
    folder: Path,
    argv: list[str],
    env: Mapping[str, str],
    before: Callable[[], object] | None = None,
    meanwhile: Callable[[int, int], object] | None = None,
    *,
    program: Callable[[list[str]], int] = app.run,
    seconds: int = SECONDS,
    together: bool = False,
) -> tuple[str, str, int]:
    """What the command (or another ``program``) wrote to stdout and stderr, and its exit code; negative: the signal that ended
    it, SIGALRM after ``seconds``. ``together``: all of it as the first, in the order in which it was written.

    ``meanwhile`` is called with the child's process number and a file descriptor that can be read when the child has ended.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        sys.stdout.flush()
        sys.stderr.flush()
        ended, alive = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ended)
            outputs = out.fileno(), (out if together else err).fileno()
            _child(_Order(folder, program, argv, env, outputs, seconds), before)
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


@dataclass(frozen=True, slots=True)
class _Order:
    """A command line and what its process is given."""

    folder: Path
    program: Callable[[list[str]], int]
    argv: list[str]
    env: Mapping[str, str]
    outputs: tuple[int, int]
    """File descriptors of stdout and stderr."""
    seconds: int


def _child(order: _Order, before: Callable[[], object] | None) -> NoReturn:
    code = 70
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(order.seconds)
        os.chdir(order.folder)
        os.environ.clear()
        os.environ.update(order.env)
        for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (order.outputs[0], 1), (order.outputs[1], 2)):
            os.dup2(source, target)
        sys.argv = [str(BIN / "dbwarden"), *order.argv]
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        sys.excepthook = sys.__excepthook__
        if before is not None:
            before()
        code = order.program(order.argv)
    except BaseException as error:  # noqa: BLE001 - as the interpreter does with what nobody catches
        code = 1
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
