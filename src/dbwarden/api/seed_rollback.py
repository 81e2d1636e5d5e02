"""seed rollback: the steps of ``rollback``, with the files and the history of the seeds."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from dbwarden.core.dialect import Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.record import Record
from dbwarden.core.resolve import RollbackStep, resolve_rollback
from dbwarden.errors import NothingToRollBack, errors_of_seeds, seed_refusal
from dbwarden.runtime import execute
from dbwarden.runtime.connection import DatabaseConnection

from .interpreter import Interpreter
from .migration_session import MigrationSession, PlannedFile, RunOptions, open_migration_session
from .observed_run import observed_run
from .progress import FileRun, report_work
from .python_seeds import PythonSeeds
from .safety_gate import refuse_unsafe, unsafe_rollback
from .seeds import planned_seed
from .workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class SeedRollbackReport:
    """Seeds rolled back, or with ``dry_run`` those that would be, in order. ``duration`` is the sum over them, in seconds."""

    database: str
    dry_run: bool
    target: str | None
    """The requested version."""
    seeds: tuple[FileRun, ...]
    planned: tuple[PlannedFile, ...]
    """Statements that would run, with ``dry_run``; else empty."""
    duration: float
    translation_losses: tuple[str, ...] = ()
    """Losses in files that were translated for the dev database."""


@dataclass(frozen=True, slots=True)
class _SeedRollback:
    """Which applied seeds to roll back, and the modules of those in Python."""

    workspace: Workspace
    options: RunOptions
    interpreter: Interpreter
    python: PythonSeeds
    count: int | None
    to_version: str | None

    def resolve(self, files: Sequence[MigrationFile], records: Sequence[Record]) -> tuple[RollbackStep, ...]:
        """Decide what to roll back, and import seeds in Python. Raises as ``seed_rollback``."""
        dialect = self.workspace.dialect
        files = self.interpreter.files(files) if self.interpreter.translates else files
        steps = resolve_rollback(
            files, records, dialect.lexical_rules, count=self.count, to_version=self.to_version, engine=dialect.name
        )
        self.python.load(_files(steps))
        return steps

    def judge(self, dialect: Dialect, conn: DatabaseConnection, steps: Sequence[RollbackStep]) -> None:
        """Refuse what destroys more than rows that it names, as ``rollback`` does; what is in Python cannot be read."""
        sql = [step for step in steps if step.file is None or step.file.is_sql]
        with report_work(self.options.events, "checking what the rollback destroys"):
            refusal = unsafe_rollback(self.workspace, dialect, conn, sql)
        if refusal is not None:
            refuse_unsafe(seed_refusal(refusal), self.options)

    def run(self, session: MigrationSession, steps: Sequence[RollbackStep]) -> tuple[FileRun, ...]:
        """Roll back in a session for seeds."""
        conn, dialect = session.conn, session.dialect
        session.begin(len(steps))
        for step in steps:
            script = self.python.script(step.file, "rollback", conn, dialect)
            options = session.execution_options(step.record.file)
            session.report_finished(execute.rollback(conn, dialect, step, options, script))
        return tuple(session.migrations)

    def report(self, steps: Sequence[RollbackStep], ran: tuple[FileRun, ...]) -> SeedRollbackReport:
        """The report of a run, or of a dry run."""
        planned = (
            planned_seed(step.record.file, step.file, [s.text for s in step.statements[step.done :]])
            for step in (steps if self.options.dry_run else ())
        )
        return SeedRollbackReport(
            database=self.workspace.label,
            dry_run=self.options.dry_run,
            target=self.to_version,
            seeds=ran,
            planned=tuple(planned),
            duration=sum(file.duration for file in ran),
            translation_losses=tuple(str(loss) for loss in self.interpreter.losses(_files(steps), "rollback")),
        )


_DEFAULT = RunOptions()


def seed_rollback(
    database: str | None = None,
    *,
    count: int | None = None,
    to_version: str | None = None,
    config: str | None = None,
    options: RunOptions = _DEFAULT,
) -> SeedRollbackReport:
    """Roll back the last seed, the last ``count`` seeds, or all above ``to_version`` (``0``: all).

    The SQL is that of the file if its text is the applied one, else the SQL stored in history; a seed in Python needs its file.
    Raises ``NoSeedApplied``, ``UnknownSeed``, ``Irreversible``, ``SeedWithoutRollback``, ``DependentSeed``,
    ``UnsafeSeedRollback``; otherwise as ``migrate``.
    """
    workspace = open_workspace(config, database, dev=options.dev).of_seeds
    with observed_run(workspace, "seed rollback", options) as observed:
        return _seed_rollback(observed, count, to_version, options)


def _seed_rollback(
    workspace: Workspace, count: int | None, to_version: str | None, options: RunOptions
) -> SeedRollbackReport:
    workspace.require_folder()
    interpreter = Interpreter(workspace, options)
    with errors_of_seeds(), ExitStack() as stack:
        python = stack.enter_context(PythonSeeds(workspace))
        work = _SeedRollback(workspace, options, interpreter, python, count, to_version)
        with workspace.connect(read_only=True) as conn:
            files, divided = workspace.read(conn, rollback_sql=True)
            steps = work.resolve(files, divided.ours)
            if not steps and to_version is None:
                raise NothingToRollBack(database=workspace.label)
            dialect = workspace.dialect_for(conn) if steps else workspace.dialect
            interpreter.report_losses(_files(steps), "rollback")
            work.judge(dialect, conn, steps)
        if options.dry_run or not steps:
            return work.report(steps, ())
        session = stack.enter_context(open_migration_session(workspace, dialect, "seed rollback", options))
        judged, steps = steps, work.resolve(files, session.records(files))
        if steps != judged:  # another process worked meanwhile
            work.judge(dialect, session.conn, steps)
        return work.report(steps, work.run(session, steps))


def _files(steps: Sequence[RollbackStep]) -> list[MigrationFile]:
    return [step.file for step in steps if step.file is not None]
