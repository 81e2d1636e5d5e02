"""rollback, downgrade: rolls applied migrations back, in reverse order. The steps are those of ``migrate``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dbwarden.core.file import MigrationFile
from dbwarden.core.record import Record
from dbwarden.core.resolve import RollbackStep, resolve_rollback
from dbwarden.errors import NothingToRollBack
from dbwarden.runtime import execute

from . import backup
from .interpreter import Interpreter
from .migration_session import PlannedFile, RunOptions, open_migration_session
from .observed_run import observed_run
from .progress import FileRun, report_work
from .qualified_names import refuse_qualified_names
from .safety_gate import refuse_unsafe, unsafe_rollback
from .table_runners import ensure_runnable, of_rollbacks
from .workspace import Workspace, open_workspace

RollbackOptions = RunOptions


@dataclass(frozen=True, slots=True)
class RollbackReport:
    """Files rolled back, or with ``dry_run`` those that would be, in order. ``duration`` is the sum over the files, in seconds."""

    database: str
    dry_run: bool
    target: str | None
    """The requested version."""
    migrations: tuple[FileRun, ...]
    planned: tuple[PlannedFile, ...]
    """Statements that would run, with ``dry_run``; else empty."""
    duration: float
    backup: Path | None = None
    """The backup that was made."""
    translation_losses: tuple[str, ...] = ()
    """Losses in files that were translated for the dev database."""


@dataclass(frozen=True, slots=True)
class _RollbackSelection:
    """The files of a folder, and the options that choose which applied ones to roll back."""

    workspace: Workspace
    files: Sequence[MigrationFile]
    interpreter: Interpreter
    count: int | None
    to_version: str | None

    def resolve(self, records: Sequence[Record]) -> tuple[RollbackStep, ...]:
        """Decide what to roll back. Raises as ``rollback``."""
        steps = self._resolve(self.files, records)
        concerned = _files(steps)
        if self.interpreter.files(concerned) == tuple(concerned):
            return steps
        return self._resolve(self.interpreter.with_translations(self.files), records)

    def _resolve(self, files: Sequence[MigrationFile], records: Sequence[Record]) -> tuple[RollbackStep, ...]:
        dialect = self.workspace.dialect
        return resolve_rollback(
            files, records, dialect.lexical_rules, count=self.count, to_version=self.to_version, engine=dialect.name
        )


_DEFAULT = RunOptions()
_JUDGING = "checking what the rollback destroys"


def rollback(
    database: str | None = None,
    *,
    count: int | None = None,
    to_version: str | None = None,
    config: str | None = None,
    options: RunOptions = _DEFAULT,
) -> RollbackReport:
    """Roll back the last version, the last ``count`` versions, or all above ``to_version`` (``0``: all).

    The SQL is that of the file if its text is the applied one, else the SQL stored in history. Everything is checked before
    anything runs: ``NothingToRollBack``, ``UnknownVersion``, ``Irreversible``, ``MissingRollback``, ``BaselinedRollback``,
    ``DependentApplied``, ``UnsafeRollback`` (rows would be destroyed; see ``RunOptions``). If ``to_version`` is the present one,
    nothing happens. Otherwise raises as ``migrate``.
    """
    return rollback_workspace(open_workspace(config, database, dev=options.dev), (count, to_version), options)


def rollback_workspace(
    workspace: Workspace, limit: tuple[int | None, str | None], options: RunOptions
) -> RollbackReport:
    """Roll back files of an open workspace; ``limit`` is ``count`` and ``to_version``. Raises as ``rollback``."""
    workspace.require_target()
    with observed_run(workspace, "rollback", options) as observed:
        return _rollback(observed, *limit, options)


def _rollback(workspace: Workspace, count: int | None, to_version: str | None, options: RunOptions) -> RollbackReport:
    interpreter = Interpreter(workspace, options)
    workspace.require_folder()
    with workspace.connect(read_only=True) as conn:
        files, divided = workspace.read(conn, rollback_sql=True)
        selection = _RollbackSelection(workspace, files, interpreter, count, to_version)
        steps = selection.resolve(divided.ours)
        if not steps and to_version is None:
            raise NothingToRollBack(database=workspace.label)
        dialect = workspace.dialect_for(conn) if steps else workspace.dialect
        interpreter.report_losses(_files(steps), "rollback")
        texts = [(step.record.file, step.statements) for step in steps]
        refuse_qualified_names(workspace, dialect, texts, options)
        ensure_runnable(workspace, dialect, conn, of_rollbacks(steps))
        with report_work(options.events, _JUDGING):
            refusal = unsafe_rollback(workspace, dialect, conn, steps)
        refuse_unsafe(refusal, options)
        if options.dry_run or not steps:
            return _report(workspace, steps, (), options, to_version, interpreter)
        folder = backup.prepare(workspace, dialect, conn, options.backup_dir) if options.with_backup else None
    saved: Path | None = None
    with open_migration_session(workspace, dialect, "rollback", options) as session:
        records = session.records(selection.files)
        judged, steps = steps, selection.resolve(records)
        if steps != judged:  # another process migrated meanwhile
            with report_work(options.events, _JUDGING):
                refusal = unsafe_rollback(workspace, dialect, session.conn, steps)
            refuse_unsafe(refusal, options)
        if folder is not None and steps:
            saved = backup.take(workspace, session, folder, records)
        session.begin(len(steps))
        execute.rollback_all(session.conn, dialect, steps, session.execution_options, session.report_finished)
    report = _report(workspace, steps, tuple(session.migrations), options, to_version, interpreter)
    return replace(report, backup=saved)


def _files(steps: Sequence[RollbackStep]) -> list[MigrationFile]:
    return [step.file for step in steps if step.file is not None]


def downgrade(
    database: str | None = None, *, to: str, config: str | None = None, options: RunOptions = _DEFAULT
) -> RollbackReport:
    """Roll back all versions above ``to``; ``0`` rolls back all. Raises as ``rollback``."""
    return rollback(database, to_version=to, config=config, options=options)


def _report(
    workspace: Workspace,
    steps: Sequence[RollbackStep],
    ran: tuple[FileRun, ...],
    options: RunOptions,
    target: str | None,
    interpreter: Interpreter,
) -> RollbackReport:
    planned = (
        PlannedFile(
            step.record.file,
            tuple(statement.text for statement in step.statements[step.done :]),
            step.runner if not interpreter.translates else None,
        )
        for step in (steps if options.dry_run else ())
    )
    return RollbackReport(
        database=workspace.label,
        dry_run=options.dry_run,
        target=target,
        migrations=ran,
        planned=tuple(planned),
        duration=sum(file.duration for file in ran),
        translation_losses=tuple(str(loss) for loss in interpreter.losses(_files(steps), "rollback")),
    )
