"""migrate: applies pending files in order.

1. On a read-only connection: read files and history, decide what to run, check everything (``safety_gate``), and check that
   a backup can be made.
2. Take the lock (``migration_session``), and read the history again: another process may have migrated meanwhile.
3. Make the backup, then run file after file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dbwarden.core import row_limits
from dbwarden.core.dialect import Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.proof_claim import ProofStatus, claim
from dbwarden.core.record import Record
from dbwarden.core.resolve import Resolution, ensure_clean, ensure_written, resolve_migrate
from dbwarden.errors import UsageError
from dbwarden.runtime import execute
from dbwarden.runtime.connection import DatabaseConnection

from . import backup
from .interpreter import Interpreter
from .migration_session import MigrationSession, PlannedFile, RunOptions, open_migration_session
from .observed_run import observed_run
from .progress import Events, FileRun, Unsafe, report_work
from .qualified_names import refuse_qualified_names
from .safety_gate import refuse_unsafe, unsafe_upgrade
from .table_runners import ensure_runnable, of_upgrades
from .workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from .preflight import PreflightReport
    from .sandbox import SandboxReport
    from .seeds import SeedReport, SeedRun


@dataclass(frozen=True, slots=True)
class MigrateOptions(RunOptions):
    """Options of ``migrate``.

    ``baseline`` marks versions as applied without executing them. ``sandbox`` runs everything on a scratch database instead
    (upgrade, rollback, upgrade), with up to ``with_data`` sample rows per table; the database itself is only read.
    ``preflight`` says whether to look for rows that make a statement fail: ``None`` in small tables (``row_limits.CHEAP``), true
    in all, false in none.
    """

    baseline: bool = False
    sandbox: bool = False
    with_data: int = 0
    preflight: bool | None = None
    apply_seeds: bool = field(default=False, kw_only=True)
    """Whether to apply the pending seeds afterwards, under the same lock."""
    seeds_optional: bool = field(default=False, kw_only=True)
    """Whether a missing folder of seeds is only noted, not an error."""


@dataclass(frozen=True, slots=True)
class MigrateReport:
    """Files that ran, or with ``dry_run`` would run, in order; none with ``sandbox``.

    ``duration`` is the sum over the files, in seconds.
    """

    database: str
    dry_run: bool
    baseline: bool
    migrations: tuple[FileRun, ...]
    planned: tuple[PlannedFile, ...]
    """Statements that would run, with ``dry_run``; else empty."""
    out_of_order: tuple[str, ...]
    """Files that run although a newer version is applied."""
    applied: int
    """Number of versions in effect, after this run."""
    remaining: int
    """Number of versions that stay pending because of ``count`` or ``to_version``."""
    duration: float
    backup: Path | None = None
    """The backup that was made."""
    sandbox: SandboxReport | None = None
    """Outcome with ``sandbox``, if something is pending."""
    stale_proofs: tuple[str, ...] = ()
    """Files whose header claims a proof, but whose statements have changed since."""
    notes: tuple[str, ...] = ()
    """Warnings about the folder of migrations."""
    translation_losses: tuple[str, ...] = ()
    """Losses in files that were translated for the dev database."""
    preflight: PreflightReport | None = None
    """What the rows say about the files; ``None`` if nobody looked."""
    seeds: SeedReport | None = None
    """Outcome of applying the seeds, with ``apply_seeds``."""


@dataclass(frozen=True, slots=True)
class _Selection:
    """The files of a folder, and the options that choose among them."""

    files: Sequence[MigrationFile]
    interpreter: Interpreter
    count: int | None
    to_version: str | None
    options: MigrateOptions

    def resolve(self, records: Sequence[Record]) -> Resolution:
        """Resolve the files to run; raise if files and history disagree."""
        resolution = resolve_migrate(
            self.files, records, count=self.count, to_version=self.to_version, baseline=self.options.baseline
        )
        ensure_clean(resolution)
        ensure_written(resolution.to_run)
        return replace(resolution, to_run=self.interpreter.files(resolution.to_run))


_DEFAULT = MigrateOptions()
_LOOKING = "looking for rows on which the pending migrations would fail"
_JUDGING = "checking what the pending migrations destroy or block"


def migrate(
    database: str | None = None,
    *,
    count: int | None = None,
    to_version: str | None = None,
    config: str | None = None,
    options: MigrateOptions = _DEFAULT,
) -> MigrateReport:
    """Apply pending files: at most ``count`` versions, or those up to ``to_version``.

    Everything is checked before anything runs: ``DuplicateVersion``, ``EditedMigration``, ``VanishedMigration``,
    ``DependencyMissing``, ``DependencyCycle``, ``UnknownVersion``, ``FileFormatError``, ``LossyTranslation`` (with
    ``options.strict_translation``), ``UnsafeMigration`` (CRITICAL findings of ``check``; see ``RunOptions``). Then,
    under the lock, the history is read again, the backup is made if requested (``BackupFailed``), and the files run in
    order. Raises ``LockHeld``, ``LockLost``, ``MigrationFailed``, ``Interrupted``; ``error.finished`` are the files that
    were finished before. If nothing is to run, nothing is changed.
    """
    return migrate_workspace(open_workspace(config, database, dev=options.dev), (count, to_version), options)


def migrate_workspace(
    workspace: Workspace, limit: tuple[int | None, str | None], options: MigrateOptions
) -> MigrateReport:
    """Apply pending files of an open workspace; ``limit`` is ``count`` and ``to_version``. Raises as ``migrate``."""
    count, to_version = limit
    if options.baseline and count is not None:
        raise UsageError("--baseline goes with --to-version, or alone; not with --count")
    if options.sandbox and (options.baseline or options.dry_run or options.with_backup):
        raise UsageError("--sandbox changes nothing; it does not go with --baseline, --dry-run or --with-backup")
    if options.apply_seeds and (options.baseline or options.sandbox or count is not None or to_version is not None):
        limits = "--baseline, --sandbox, --count or --to-version"
        raise UsageError(f"--apply-seeds needs all migrations to be applied; it does not go with {limits}")
    if options.with_data and not options.sandbox:
        raise UsageError("--with-data needs --sandbox")
    workspace.require_target()
    with observed_run(workspace, "migrate", options) as observed:
        return _migrate_with_seeds(observed, (count, to_version), options)


def _migrate_with_seeds(
    workspace: Workspace, limit: tuple[int | None, str | None], options: MigrateOptions
) -> MigrateReport:
    """Apply the migrations, and with ``options.apply_seeds`` the seeds."""
    interpreter = Interpreter(workspace, options)
    workspace.require_folder()
    if not options.apply_seeds:
        return _migrate(workspace, interpreter, limit, options, None)
    from .seeds import SeedRun, without_seeds  # deferred: few ask for it

    if options.seeds_optional and not workspace.of_seeds.folder.exists():
        report = _migrate(workspace, interpreter, limit, options, None)
        return replace(report, seeds=without_seeds(workspace, options.dry_run))
    workspace.of_seeds.require_folder()
    with SeedRun(workspace.of_seeds, options) as seeds:
        return _migrate(workspace, interpreter, limit, options, seeds)


def migrate_new(workspace: Workspace) -> MigrateReport:
    """Apply all migrations of a workspace whose database is new and has nobody's rows."""
    options = MigrateOptions(force=True, preflight=False)
    return _migrate(workspace, Interpreter(workspace, options), (None, None), options, None)


def mark_applied(workspace: Workspace, version: str, events: Events) -> MigrateReport:
    """Mark the migrations up to ``version`` as applied, without executing them."""
    options = MigrateOptions(baseline=True, events=events)
    return _migrate(workspace, Interpreter(workspace, options), (None, version), options, None)


def _migrate(
    workspace: Workspace,
    interpreter: Interpreter,
    limit: tuple[int | None, str | None],
    options: MigrateOptions,
    seeds: SeedRun | None,
) -> MigrateReport:
    rows: PreflightReport | None = None
    with workspace.connect(read_only=True) as conn:
        files, divided = workspace.read(conn)
        selection = _Selection(files, interpreter, *limit, options)
        resolution = selection.resolve(divided.ours)
        pending_seeds = seeds is not None and seeds.resolve(conn)
        pending = bool(resolution.to_run) or pending_seeds
        dialect = workspace.dialect_for(conn) if pending else workspace.dialect
        if not options.baseline:
            interpreter.report_losses(resolution.to_run)
        if not (options.baseline or options.sandbox):
            texts = [(file.name, file.upgrade(dialect.name)) for file in resolution.to_run]
            refuse_qualified_names(workspace, dialect, texts, options)
            files = interpreter.with_translations(selection.files)
            stopped = [entry.name for entry in resolution.unfinished_upgrades]
            ensure_runnable(workspace, dialect, conn, of_upgrades(resolution.to_run, stopped))
            with report_work(options.events, _JUDGING):
                refusal = unsafe_upgrade(workspace, dialect, conn, files, resolution.to_run)
            refuse_unsafe(refusal, options)
            rows = _look_at_rows(workspace, dialect, conn, resolution, options)
        if seeds is not None and pending:
            seeds.judge(dialect, conn)
        if options.dry_run or not pending:
            report = _report(workspace, resolution, (), selection)
            unchanged = seeds.report(()) if seeds is not None else None
            return replace(report, notes=workspace.folder_notes(selection.files), seeds=unchanged, preflight=rows)
        if options.sandbox:
            tried = _run_sandbox(workspace, dialect, conn, resolution, selection)
            return replace(_report(workspace, resolution, (), selection), sandbox=tried, stale_proofs=())
        folder = backup.prepare(workspace, dialect, conn, options.backup_dir) if options.with_backup else None
    saved: Path | None = None
    with open_migration_session(workspace, dialect, "migrate", options) as session:
        records = session.records(selection.files, rollback_sql=False)
        judged, resolution = resolution, selection.resolve(records)
        if resolution.to_run != judged.to_run and not options.baseline:  # another process migrated meanwhile
            files = interpreter.with_translations(selection.files)
            with report_work(options.events, _JUDGING):
                refusal = unsafe_upgrade(workspace, dialect, session.conn, files, resolution.to_run)
            refuse_unsafe(refusal, options)
        if folder is not None and (resolution.to_run or (seeds is not None and seeds.to_run)):
            saved = backup.take(workspace, session, folder, records)
        session.begin(len(resolution.to_run) + (len(seeds.to_run) if seeds is not None else 0))
        ran = _run_files(session, resolution.to_run, workspace.label, options)
        applied = seeds.run(session.for_seeds()) if seeds is not None else None
    return replace(_report(workspace, resolution, ran, selection, saved), seeds=applied, preflight=rows)


def _run_files(
    session: MigrationSession, files: Sequence[MigrationFile], name: str, options: MigrateOptions
) -> tuple[FileRun, ...]:
    """Run files in order, or only mark them as applied for a ``baseline``."""
    conn, dialect = session.conn, session.dialect
    if options.baseline:
        marking = report_work(options.events, f"marking files of database {name} as applied")
        with marking, conn.transaction():  # all of them are marked, or none
            for file in files:
                session.report_finished(execute.baseline(conn, dialect, file, session.execution_options(file.name)))
    else:
        execute.upgrade_all(conn, dialect, files, session.execution_options, session.report_finished)
    return tuple(session.migrations)


def _look_at_rows(
    workspace: Workspace,
    dialect: Dialect,
    conn: DatabaseConnection,
    resolution: Resolution,
    options: MigrateOptions,
) -> PreflightReport | None:
    """Look for rows on which a statement would fail. Raises ``UnmetDemands``; a dry run reports them."""
    if options.preflight is False or not resolution.to_run:
        return None
    from . import preflight  # deferred: most runs only create

    done = {entry.name: entry.record.statements_done for entry in resolution.unfinished_upgrades if entry.record}
    pending = preflight.pending_files(resolution.to_run, dialect, done)
    if not preflight.makes_demands(dialect, pending):
        return preflight.PreflightReport()
    limits = row_limits.WHOLE if options.preflight else row_limits.CHEAP
    with report_work(options.events, _LOOKING):
        report = preflight.look_at_rows(dialect, conn, pending, limits)
    refusal = preflight.unmet_demands(workspace, report)
    if refusal is not None and not options.dry_run:
        raise refusal
    if refusal is not None:
        options.events(Unsafe(tuple(line.rstrip() for line in refusal.listed.split("\n    "))))
    return report


def _run_sandbox(
    workspace: Workspace,
    dialect: Dialect,
    conn: DatabaseConnection,
    resolution: Resolution,
    selection: _Selection,
) -> SandboxReport:
    """Run the files in a sandbox, and renew the proofs in their headers."""
    from . import prove, sandbox  # deferred: they import the models, which applying files does not need

    complete, rows = not resolution.remaining, selection.options.with_data
    report = sandbox.try_out(
        sandbox.SandboxPlan(workspace, dialect, conn, resolution.to_run, complete, rows, selection.options.events)
    )
    if workspace.variant is not None:  # the files ran for another engine than their headers are about
        return report
    return replace(report, renewed_proofs=prove.renew(workspace, selection.files, report))


def _report(
    workspace: Workspace,
    resolution: Resolution,
    ran: tuple[FileRun, ...],
    selection: _Selection,
    saved: Path | None = None,
) -> MigrateReport:
    engine, options = workspace.dialect.name, selection.options
    done = {entry.name: entry.record.statements_done for entry in resolution.unfinished_upgrades if entry.record}
    planned = (
        PlannedFile(
            file.name,
            tuple(statement.text for statement in file.upgrade(engine)[done.get(file.name, 0) :]),
            file.runner if workspace.variant is None else None,
        )
        for file in (resolution.to_run if options.dry_run else ())
    )
    names = {file.name for file in resolution.to_run}
    return MigrateReport(
        database=workspace.label,
        dry_run=options.dry_run,
        baseline=options.baseline,
        migrations=ran,
        planned=tuple(planned),
        out_of_order=tuple(file.name for file in resolution.out_of_order),
        applied=resolution.already + sum(1 for file in ran if file.kind.value == "versioned"),
        remaining=resolution.remaining,
        duration=sum(file.duration for file in ran),
        backup=saved,
        stale_proofs=tuple(
            file.name for file in selection.files if file.name in names and claim(file) is ProofStatus.STALE
        ),
        translation_losses=_losses(selection.interpreter, resolution) if not options.baseline else (),
    )


def _losses(interpreter: Interpreter, resolution: Resolution) -> tuple[str, ...]:
    return tuple(str(loss) for loss in interpreter.losses(resolution.to_run))
