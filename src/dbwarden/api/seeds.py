"""seed apply: the steps of ``migrate``, with the files and the history of the seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dbwarden.core.dialect import Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.migration_names import find, reference
from dbwarden.core.record import Record
from dbwarden.core.resolve import (
    Resolution,
    ensure_clean,
    ensure_written,
    resolve_migrate,
)
from dbwarden.errors import DependencyMissing, errors_of_seeds, seed_refusal
from dbwarden.runtime import execute
from dbwarden.runtime.connection import DatabaseConnection

from .interpreter import Interpreter
from .migration_session import MigrationSession, PlannedFile, RunOptions, open_migration_session
from .observed_run import observed_run
from .progress import FileRun, report_work
from .python_seeds import PythonSeeds
from .safety_gate import refuse_unsafe, unsafe_upgrade
from .workspace import Workspace, open_workspace

SeedOptions = RunOptions
PYTHON = "Python"
"""The ``runner`` of a planned seed in Python."""


@dataclass(frozen=True, slots=True)
class SeedReport:
    """Seeds that ran, or with ``dry_run`` would run, in order. ``duration`` is the sum over them, in seconds."""

    database: str
    dry_run: bool
    seeds: tuple[FileRun, ...]
    planned: tuple[PlannedFile, ...]
    """Statements that would run, with ``dry_run``; else empty."""
    applied: int
    """Number of seeds with a version in effect, after this run."""
    remaining: int
    """Number of seeds that stay pending, because another one was asked for."""
    missing: tuple[str, ...]
    """Seeds in effect whose file is gone."""
    duration: float
    notes: tuple[str, ...] = ()
    translation_losses: tuple[str, ...] = ()
    """Losses in files that were translated for the dev database."""


_DEFAULT = RunOptions()
_JUDGING = "checking what the seeds destroy or block"


# -- apply --------------------------------------------------------------------------------------------------------


class SeedRun:
    """Run of the pending seeds, or of the one that was asked for. The context keeps the modules of seeds in Python.

    ``resolve`` and ``judge`` on a connection that only reads, then ``run`` under the lock, which repeats both if another
    process has applied seeds meanwhile.
    """

    def __init__(self, workspace: Workspace, options: RunOptions, version: str | None = None) -> None:
        self.workspace, self.options, self.version = workspace, options, version
        self.interpreter = Interpreter(workspace, options)
        self.files: Sequence[MigrationFile] = ()
        self.resolution = Resolution(())
        self._python = PythonSeeds(workspace)

    def __enter__(self) -> SeedRun:
        self._python.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._python.__exit__(*error)

    @property
    def to_run(self) -> tuple[MigrationFile, ...]:
        """The seeds to run, in order."""
        return self.resolution.to_run

    def resolve(self, conn: DatabaseConnection) -> bool:
        """Read files and history, import seeds in Python, and return whether there is anything to run; raise if files and
        history disagree."""
        with errors_of_seeds():
            self.files, divided = self.workspace.read(conn)
            self._resolve(divided.ours)
        return bool(self.to_run)

    def _resolve(self, records: Sequence[Record]) -> None:
        """Resolve the seeds to run. A seed whose file is gone stops nothing unless it stopped half-way."""
        resolution = resolve_migrate(self.files, records)
        if self.version is not None:
            resolution = self._only(resolution, self.version)
        unfinished = tuple(entry for entry in resolution.missing if entry.record and entry.record.unfinished)
        ensure_clean(replace(resolution, missing=unfinished))
        ensure_written(resolution.to_run)
        self.resolution = replace(resolution, to_run=self.interpreter.files(resolution.to_run))
        self._python.load(self.to_run)

    def _only(self, resolution: Resolution, version: str) -> Resolution:
        """The resolution for one seed. Raises ``DependencyMissing`` if it depends on one that is not applied."""
        wanted = find(self.files, version)
        to_run = tuple(file for file in resolution.to_run if file.identity == wanted.identity)
        pending = {file.identity: file for file in resolution.to_run}
        for name in wanted.depends_on if to_run else ():
            if needed := pending.get(reference(name, self.files)):
                reason = f"which is not applied: apply {needed.name} first"
                raise DependencyMissing(file=wanted.name, dependency=name, reason=reason)
        others = sum(1 for file in resolution.to_run if file.version is not None and file not in to_run)
        return replace(resolution, to_run=to_run, remaining=others)

    def judge(self, dialect: Dialect, conn: DatabaseConnection) -> None:
        """Refuse what destroys or blocks, as ``migrate`` does; what is in Python cannot be read."""
        files = [file for file in self.interpreter.with_translations(self.files) if file.is_sql]
        with errors_of_seeds():
            self.interpreter.report_losses(self.to_run)
            with report_work(self.options.events, _JUDGING):
                sql = [file for file in self.to_run if file.is_sql]
                refusal = unsafe_upgrade(self.workspace, dialect, conn, files, sql)
            if refusal is not None:
                refuse_unsafe(seed_refusal(refusal), self.options)

    def run(self, session: MigrationSession) -> SeedReport:
        """Apply the seeds in a session for seeds."""
        conn, dialect, before = session.conn, session.dialect, len(session.migrations)
        with errors_of_seeds():
            judged = self.to_run
            self._resolve(session.records(self.files, rollback_sql=False))
            if self.to_run != judged:
                self.judge(dialect, conn)
            for file in self.to_run:
                script = self._python.script(file, "upgrade", conn, dialect)
                options = session.execution_options(file.name)
                session.report_finished(execute.upgrade(conn, dialect, file, options, script=script))
        return self.report(tuple(session.migrations[before:]))

    def report(self, ran: tuple[FileRun, ...]) -> SeedReport:
        """The report of a run, or of a dry run."""
        resolution, engine = self.resolution, self.workspace.dialect.name
        stopped = {entry.name: entry.record.statements_done for entry in resolution.unfinished_upgrades if entry.record}
        planned = (
            planned_seed(file.name, file, [s.text for s in file.upgrade(engine)[stopped.get(file.name, 0) :]])
            for file in (self.to_run if self.options.dry_run else ())
        )
        return SeedReport(
            database=self.workspace.label,
            dry_run=self.options.dry_run,
            seeds=ran,
            planned=tuple(planned),
            applied=resolution.already + sum(1 for file in ran if file.kind.value == "versioned"),
            remaining=resolution.remaining,
            missing=tuple(entry.name for entry in resolution.missing),
            duration=sum(file.duration for file in ran),
            translation_losses=tuple(str(loss) for loss in self.interpreter.losses(self.to_run)),
        )


def seed_apply(
    database: str | None = None,
    *,
    version: str | None = None,
    config: str | None = None,
    options: RunOptions = _DEFAULT,
    optional: bool = False,
) -> SeedReport:
    """Apply the pending seeds, or only the one called ``version``, under the migration lock. With ``optional``, a missing
    folder of seeds is only noted.

    Everything is checked before anything runs: ``EditedSeed``, ``UnknownSeed``, ``DuplicateSeed``, ``SeedDependency``,
    ``EmptySeed``, ``UnsafeSeed``, ``ModelImportError`` for a seed in Python. Otherwise raises as ``migrate``.
    """
    workspace = open_workspace(config, database, dev=options.dev).of_seeds
    if optional and not workspace.folder.exists():
        return without_seeds(workspace, options.dry_run)
    with observed_run(workspace, "seed apply", options) as observed:
        return _seed_apply(observed, version, options)


def _seed_apply(workspace: Workspace, version: str | None, options: RunOptions) -> SeedReport:
    workspace.require_folder()
    with SeedRun(workspace, options, version) as seeds:
        with workspace.connect(read_only=True) as conn:
            pending = seeds.resolve(conn)
            dialect = workspace.dialect_for(conn) if pending else workspace.dialect
            seeds.judge(dialect, conn)
        if options.dry_run or not pending:
            return seeds.report(())
        with open_migration_session(workspace, dialect, "seed apply", options) as session:
            session.begin(len(seeds.to_run))
            return seeds.run(session)


def without_seeds(workspace: Workspace, dry_run: bool) -> SeedReport:
    """The report about a database without a folder of seeds."""
    note = f"Database {workspace.label} has no folder of seeds"
    return SeedReport(workspace.label, dry_run, (), (), 0, 0, (), 0.0, notes=(note,))


def planned_seed(name: str, file: MigrationFile | None, statements: Sequence[str]) -> PlannedFile:
    """A seed of a dry run; one in Python without statements."""
    if file is not None and not file.is_sql:
        return PlannedFile(name, (), PYTHON)
    return PlannedFile(name, tuple(statements))
