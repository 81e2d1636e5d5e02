"""Runs the ALTER TABLE statements of a file through another program (``core.table_runner``), instead of executing them.

1. Before the journal's *intent*, ``ensure_possible`` looks into the catalogue: what the program would refuse or damage, and
   whether one is at work on the table already.
2. ``run`` starts the program in a session of its own, so that a Ctrl-C reaches it once: a signal is passed on, and the program
   gets the time to end. Its output is reported line by line; it goes through a pipe, so that a program whose parent was
   killed ends at its next line.
3. While it works, the token of the migration lock is checked; if the lock was lost, the program is stopped.

The exit code alone proves nothing: ``FileRunner`` looks into the catalogue for the effect. If there is none, what the program
left is removed (pt-online-schema-change 3.2 leaves its triggers and the new table after a signal).
"""

from __future__ import annotations

import logging
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from dbwarden.core.dialect import Connection, RunnerDialect
from dbwarden.core.sqltext import SqlStatement
from dbwarden.core.suggestions import did_you_mean
from dbwarden.core.table_runner import TableChange, TableRunners, Words, fill
from dbwarden.errors import (
    ConnectionLost,
    DatabaseError,
    LockLost,
    MissingRunner,
    RunnerFailed,
    RunnerRefused,
    RunnerUnfinished,
    StatementCancelled,
    UnknownRunner,
)

from .file_progress import excerpt
from .interrupt import Interruption

_log = logging.getLogger(__name__)

POLL = 0.1
"""Seconds between two checks for a signal."""
LOCK_CHECK = 5.0
"""Seconds between two checks of the migration lock."""
_LAST_LINES = 8
"""Lines of the program's output in an error message."""


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """How runners are started."""

    commands: Mapping[str, Words]
    """Commands of the configuration, by name."""
    database: str
    """Name of the database in messages."""
    on_output: Callable[[str, str], None] = lambda runner, line: None
    """Called with the name of the runner and each line of its output."""


@dataclass(frozen=True, slots=True)
class TableRunner:
    """The runner of one file, with its command and what it is asked for by each statement."""

    runners: TableRunners
    file: str
    name: str
    command: Words
    statements: Sequence[SqlStatement]
    changes: tuple[TableChange, ...]
    on_output: Callable[[str, str], None]

    @classmethod
    def of(
        cls, dialect: RunnerDialect, options: RunnerOptions, file: str, name: str, statements: Sequence[SqlStatement]
    ) -> TableRunner:
        """The runner ``name`` for the statements of a file. Raises ``UnknownRunner``, ``MissingRunner``, ``RunnerRefused``."""
        runners = dialect.table_runners
        if runners is None:
            product = dialect.server.product or dialect.name
            reason = f"but no program changes tables of {product} in the place of ALTER TABLE"
            hint = f"Nothing was executed. Remove the line `-- runner: {name}` from the file."
            raise UnknownRunner(file=file, runner=name, reason=reason, known="", hint=hint)
        command = _command(runners, options, file, name)
        changes = []
        for statement in statements:
            change = runners.change(statement.text)
            if isinstance(change, str):
                raise _refused(file, statement, name, change)
            changes.append(change)
        return cls(runners, file, name, command, statements, tuple(changes), options.on_output)

    def ensure_possible(self, conn: Connection, number: int) -> None:
        """Raise ``RunnerRefused`` if the program would refuse or damage the table of a statement, ``RunnerUnfinished`` if one
        is at work on it."""
        statement, table = self.statements[number - 1], self.changes[number - 1].table
        if reason := self.runners.obstacle(conn, self.name, table):
            raise _refused(self.file, statement, self.name, reason)
        if unfinished := self.runners.unfinished(conn, table):
            listed = "\n    ".join(f"{sql};" for sql in unfinished)
            raise RunnerUnfinished(file=self.file, line=statement.line, table=table.name, statements=listed)

    def remove_leftovers(self, conn: Connection, number: int) -> tuple[str, ...]:
        """Remove what the program of a statement has left, after its end. Returns the statements that did not succeed.

        Nothing was there before it started (``ensure_possible``), so all of it is the program's own.
        """
        left = self.runners.unfinished(conn, self.changes[number - 1].table)
        for done, sql in enumerate(left):
            try:
                conn.execute(sql)
            except (ConnectionLost, StatementCancelled):
                raise
            except DatabaseError as error:
                _log.warning("%s: what %s left remains (%s)", self.file, self.name, error.failure.value)
                return left[done:]
        return ()

    def run(self, conn: Connection, number: int, stop: Interruption | None, check_lock: Callable[[], None]) -> None:
        """Run a statement's program to its end. Raises ``RunnerFailed``, and what ``check_lock`` raises, after the program
        has ended."""
        change = self.changes[number - 1]
        access = self.runners.access(conn, change)
        with _option_files(access.files) as paths:
            argv = fill(self.command, {**access.values, **paths})
            _log.info("%s: %s changes %s", self.file, self.name, change.table.name)
            program = _Program(argv, access.secrets, lambda line: self.on_output(self.name, line))
            program.run(stop, check_lock)


def _refused(file: str, statement: SqlStatement, runner: str, reason: str) -> RunnerRefused:
    return RunnerRefused(file=file, line=statement.line, excerpt=excerpt(statement.text), runner=runner, reason=reason)


def _command(runners: TableRunners, options: RunnerOptions, file: str, name: str) -> Words:
    commands = {**runners.commands, **options.commands}
    if name not in commands:
        reason = f"which is not known{did_you_mean(name, commands)}"
        raise UnknownRunner(file=file, runner=name, reason=reason, known=", ".join(commands))
    if shutil.which(commands[name][0]) is None:
        raise MissingRunner(file=file, runner=name, program=commands[name][0], database=options.database)
    return commands[name]


@contextmanager
def _option_files(texts: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Files with these texts, readable for this account only, and removed at the end; their paths by name."""
    with tempfile.TemporaryDirectory(prefix="dbwarden-runner-") as folder:  # mode 0700
        paths = {}
        for name, text in texts.items():
            path = Path(folder) / f"{name}.cnf"
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            paths[name] = str(path)
        yield paths


# -- the process --------------------------------------------------------------------------------------------------


@dataclass
class _Program:
    """A program while it runs."""

    argv: Words
    secrets: tuple[str, ...]
    report: Callable[[str], None]
    last: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_LINES))
    """The last lines of its output."""
    ending: str = ""
    """Why it was told to end; empty if it was not."""

    @property
    def name(self) -> str:
        return Path(self.argv[0]).name

    def run(self, stop: Interruption | None, check_lock: Callable[[], None]) -> None:
        """Run the program to its end. Raises ``RunnerFailed``, and ``LockLost`` after the program has ended."""
        try:
            process = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise RunnerFailed(f"{self.name} could not be started: {error.strerror}") from error
        try:
            lost = self._follow(process, stop, check_lock)
        finally:
            if process.poll() is None:
                _signal(process, signal.SIGKILL)
            process.wait()
        if lost is not None:
            raise lost
        if process.returncode != 0:
            raise RunnerFailed(self._failure(process.returncode))

    def _follow(
        self, process: subprocess.Popen[bytes], stop: Interruption | None, check_lock: Callable[[], None]
    ) -> LockLost | None:
        """Report the output until the program ends, pass signals on, and check the lock. Returns the loss of the lock."""
        lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=_read, args=(process, lines), name="dbwarden-runner", daemon=True).start()
        checked, watching, lost = time.monotonic(), True, None
        while (line := _next(lines)) is not None:
            if line:
                self._tell(line)
            if stop is not None and stop.received:
                self._end(process, stop)
            if watching and time.monotonic() - checked >= LOCK_CHECK:
                checked = time.monotonic()
                try:
                    check_lock()
                except LockLost as error:
                    lost, watching = error, False
                    _signal(process, signal.SIGINT)
                except DatabaseError as error:  # the program has connections of its own; the journal will find out
                    watching = False
                    _log.warning("the migration lock cannot be checked: %s", error.failure.value)
        while process.poll() is None:  # it closed its output, and works on
            if stop is not None and stop.received:
                self._end(process, stop)
            time.sleep(POLL)
        return lost

    def _end(self, process: subprocess.Popen[bytes], stop: Interruption) -> None:
        """Pass a signal on, once; after a second signal, which severs our connections, kill the program."""
        if not self.ending:
            self.ending = stop.name
            _signal(process, signal.Signals[stop.name])
        elif stop.severed:
            _signal(process, signal.SIGKILL)

    def _tell(self, line: str) -> None:
        for secret in self.secrets:
            line = line.replace(secret, "***") if len(secret) > 2 else line
        self.last.append(line)
        self.report(line)

    def _failure(self, code: int) -> str:
        ended = (
            f"{self.name} was ended by {signal.Signals(-code).name}" if code < 0 else f"{self.name} ended with {code}"
        )
        return "\n    ".join((ended, *self.last))


def _read(process: subprocess.Popen[bytes], lines: queue.SimpleQueue[str | None]) -> None:
    """Put the lines of the program's output into ``lines``, and None at the end; called in another thread."""
    assert process.stdout is not None
    with process.stdout, suppress(OSError, ValueError):
        for line in process.stdout:
            if text := line.decode(errors="replace").rstrip():
                lines.put(text)
    lines.put(None)


def _next(lines: queue.SimpleQueue[str | None]) -> str | None:
    """The next line; empty if none comes soon, None at the end."""
    try:
        return lines.get(timeout=POLL)
    except queue.Empty:
        return ""


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to the program and its children, as a terminal does."""
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
