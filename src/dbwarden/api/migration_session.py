"""Session under the migration lock, in which ``migrate``, ``rollback`` and ``restore`` work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from dbwarden.core.attempt import with_attempts
from dbwarden.core.dialect import Dialect
from dbwarden.core.divided_history import divide
from dbwarden.core.file import MigrationFile
from dbwarden.core.record import Record
from dbwarden.core.sqltext import SqlStatement
from dbwarden.core.store import LockStatus
from dbwarden.errors import DatabaseInMemory, DBWardenError, Refused, UsageError
from dbwarden.runtime import lock
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.execute import ExecutionOptions
from dbwarden.runtime.file_groups import attempts_under_lock
from dbwarden.runtime.interrupt import Interruption, interruptible
from dbwarden.runtime.stores import history_store, journal_store
from dbwarden.runtime.suspended_work import resume

from . import table_runners
from .progress import (
    CompletedStatement,
    Events,
    FileRun,
    LockUnreleased,
    RunnerOutput,
    RunStarted,
    StatementProgress,
    StatementStarted,
    Waiting,
    silent,
)
from .version import installed
from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of running migrations.

    ``dry_run`` checks everything and executes nothing. ``lock_wait`` is how many seconds to wait for the lock (default: the
    setting). ``assume`` says whether an interrupted statement had its effect, if the database does not show it. ``events``
    is called with progress events. ``strict_translation`` refuses files without an exact translation for the dev database's
    engine.

    A run that destroys data is refused (``UnsafeMigration``, ``UnsafeRollback``, ``NotEmpty``) unless ``force`` is set, or
    ``confirm``, called with the error, returns true. ``with_backup`` makes a backup before the first change, in
    ``backup_dir`` or the configured folder; if it fails, nothing is changed.
    """

    dry_run: bool = False
    lock_wait: float | None = None
    assume: bool | None = None
    dev: bool = False
    events: Events = silent
    strict_translation: bool = field(default=False, kw_only=True)
    force: bool = field(default=False, kw_only=True)
    confirm: Callable[[Refused], bool] | None = field(default=None, kw_only=True)
    with_backup: bool = field(default=False, kw_only=True)
    backup_dir: Path | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.backup_dir is not None and not self.with_backup:
            raise UsageError("--backup-dir needs --with-backup")


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file and its statements that would run, exactly as written."""

    file: str
    statements: tuple[str, ...]
    runner: str | None = None
    """Name of the program that would run the statements."""


class MigrationSession:
    """Connection on which files run one after the other while the migration lock is held."""

    def __init__(
        self, workspace: Workspace, conn: DatabaseConnection, dialect: Dialect, held: lock.HeldLock, options: RunOptions
    ) -> None:
        self.conn, self.dialect, self.options = conn, dialect, options
        self.taken_over = held.taken_over
        self.migrations: list[FileRun] = []
        self._workspace, self._held, self._token = workspace, held, held.token
        self._by = lock.identity()
        self._version = installed("dbwarden") or "0"
        self._tables, self._name = workspace.tables, workspace.name
        self._variant = workspace.variant
        self._runners = table_runners.options_of(workspace)
        self._unfinished: frozenset[str] | None = None
        self._stop: Interruption | None = None
        self._completed: list[CompletedStatement] = []

    def records(self, files: Sequence[MigrationFile], *, rollback_sql: bool = True) -> tuple[Record, ...]:
        """Read our part of the history, and adopt the records that an earlier version wrote without a project's name."""
        history = history_store(self.conn, self.dialect, self._tables)
        divided = divide(history.read_held(rollback_sql=rollback_sql), self._name, files)
        if divided.claims and not self._workspace.seeds:  # no earlier version applied seeds
            history.adopt_unclaimed(self._token)
        journal = journal_store(self.conn, self.dialect, self._tables)
        attempts = attempts_under_lock(journal, divided.ours, self._token)
        self._unfinished = frozenset(attempt.key for attempt in attempts)
        return with_attempts(divided.ours, attempts, files, self._variant)

    def for_seeds(self) -> MigrationSession:
        """A session for seeds under the same lock, on the same connection, with the same list of finished files."""
        session = MigrationSession(self._workspace.of_seeds, self.conn, self.dialect, self._held, self.options)
        session.migrations, session._stop = self.migrations, self._stop
        return session

    def stoppable(self, stop: Interruption) -> None:
        """Let a signal cancel the running statement of this connection."""
        self._stop = stop
        stop.conn = self.conn

    def check(self, state: str = "") -> None:
        """Raise ``Interrupted`` if a signal came; ``state`` ends its message."""
        if self._stop is not None:
            self._stop.check(state)

    def begin(self, files: int) -> None:
        """Let what an interrupted run has suspended go on, and report how many files will run."""
        resumed = resume(self.conn, self.dialect)
        holder = lock.describe(LockStatus(True, self.taken_over)) if self.taken_over else None
        self.options.events(RunStarted(files, holder, resumed))

    def execution_options(self, file: str) -> ExecutionOptions:
        """Options for running one file."""

        def on_statement(number: int, total: int, statement: SqlStatement) -> None:
            self.options.events(StatementStarted(file, number, total, statement.line, statement.text))

        last = ""

        def on_progress(words: str) -> None:
            nonlocal last
            if words != last:
                last = words
                self.options.events(StatementProgress(file, words))

        def on_output(runner: str, line: str) -> None:
            self.options.events(RunnerOutput(file, runner, line))

        def on_completed(number: int, hosts: Sequence[str]) -> None:
            event = CompletedStatement(file, number, (*hosts,))
            self._completed.append(event)
            self.options.events(event)

        return ExecutionOptions(
            token=self._token,
            by=self._by,
            tool_version=self._version,
            on_statement=on_statement,
            observer=self._workspace.watch.observer if self._workspace.watch is not None else None,
            on_progress=on_progress,
            assume=self.options.assume,
            connect_host=self._workspace.connect_host if self._workspace.is_cluster else None,
            on_completed=on_completed,
            stop=self._stop,
            unfinished=self._unfinished,
            tables=self._tables,
            runners=replace(self._runners, on_output=on_output) if self._runners is not None else None,
        )

    def report_finished(self, record: Record) -> None:
        """Report a file whose event is recorded."""
        seed = record.seed or self._workspace.seeds
        completed = tuple(event for event in self._completed if event.file == record.file)
        numbers = record.statements_done, record.duration
        finished = FileRun(record.file, record.key, record.kind, record.event, *numbers, seed, completed)
        self.migrations.append(finished)
        if self._workspace.watch is not None:
            self._workspace.watch.files.append(finished)
        self.options.events(finished)


@contextmanager
def open_migration_session(
    workspace: Workspace, dialect: Dialect, command: str, options: RunOptions
) -> Iterator[MigrationSession]:
    """Hold the migration lock, with a connection for running files. SIGINT and SIGTERM cancel the running statement.

    An error that leaves the block carries the finished files in ``error.finished``. Raises ``LockHeld``, ``Interrupted``,
    ``DatabaseInMemory``.
    """
    settings = workspace.database
    if settings.in_memory(workspace.dev):
        url = settings.shown_url(workspace.dev)
        raise DatabaseInMemory(source=settings.source, name=workspace.label, url=url)
    wait = settings.lock_wait if options.lock_wait is None else options.lock_wait
    with interruptible() as stop:
        request = lock.LockRequest(
            command=command,
            wait=wait,
            recovery=settings.lock_recovery,
            on_wait=lambda status: options.events(Waiting(lock.describe(status), wait)),
            check=stop.check,
            database=workspace.label,
            on_unreleased=lambda error: options.events(LockUnreleased.of(workspace.label, error)),
        )
        with ExitStack() as stack:
            with workspace.watch.lock_wait() if workspace.watch is not None else nullcontext():
                held_lock = stack.enter_context(lock.acquire(workspace.lock_opener(dialect), request))
            conn = stack.enter_context(workspace.connect(background=True))
            session = MigrationSession(workspace, conn, dialect, held_lock, options)
            session.stoppable(stop)
            try:
                yield session
            except DBWardenError as error:
                error.finished = tuple(session.migrations)
                raise
            finally:
                stop.conn = None
