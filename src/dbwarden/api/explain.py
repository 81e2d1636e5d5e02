"""explain: what each statement of a migration locks, rewrites and breaks, and for how long at the size of the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dbwarden.checks.rule import Context
from dbwarden.checks.run import check_context, contexts
from dbwarden.core.migration_names import find
from dbwarden.impact.usage import Usage

from .check import CheckFinding, report_finding
from .check_impact import Affected, check_impact
from .explained import Duration as Duration
from .explained import ExplainedLock, ExplainedStatement, forecast_of
from .live_state import DatabaseState, environment_of, read_live
from .progress import Events, report_work, silent
from .safety_gate import ordered_files
from .workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class ExplainReport:
    """What a migration does, statement by statement, before it runs."""

    database: str
    dialect: str
    file: str
    path: Path
    connected: bool
    """Whether the database could be read; otherwise sizes and durations are missing."""
    applied: bool
    """Whether the history has it as applied already."""
    transaction: bool
    """Whether its statements share a transaction, apart from those that cannot run in one."""
    statements: tuple[ExplainedStatement, ...]
    locks: tuple[ExplainedLock, ...]
    findings: tuple[CheckFinding, ...]
    affected: tuple[Affected, ...]
    """Objects that it drops, renames or narrows."""
    uses: tuple[Usage, ...]
    """Places in the code that use them."""
    notes: tuple[str, ...]


def explain(
    file: str,
    database: str | None = None,
    *,
    scan_paths: Sequence[str | Path] = (),
    config: str | None = None,
    dev: bool = False,
    events: Events = silent,
) -> ExplainReport:
    """Forecast what the upgrade of ``file`` (a version or file name) does to the database as it is now.

    ``scan_paths`` are searched for code that the migration breaks (default: the project's folder). Executes and writes
    nothing; without a database the statements are judged by their text. Raises ``UnknownVersion`` with the nearest names,
    ``UsageError``, ``FileFormatError``, ``ConfigurationError``.
    """
    workspace = open_workspace(config, database, dev=dev)
    files = ordered_files(workspace.files())
    migration = find(files, Path(file).name if len(Path(file).parts) > 1 else file)
    notes: list[str] = []
    with report_work(events, f"reading database {workspace.label}"):
        live = read_live(workspace, files, notes)
    dialect = live.dialect if live else workspace.dialect
    context = next(
        contexts(
            files,
            [migration],
            dialect,
            environment_of(workspace, live),
            engine=workspace.variant,
            schema=live.schema if live and live.overview.pending else None,
        )
    )
    with report_work(events, "searching the code"):
        impact = check_impact(migration.name, workspace.label, scan_paths=scan_paths, config=config, dev=dev)
    return _report(workspace, context, live, notes, impact.affected, impact.uses)


def _report(
    workspace: Workspace,
    context: Context,
    live: DatabaseState | None,
    notes: Sequence[str],
    affected: tuple[Affected, ...],
    uses: tuple[Usage, ...],
) -> ExplainReport:
    statements, locks = forecast_of(context)
    applied = live is not None and any(
        entry.file is not None and entry.file.name == context.name and entry not in live.overview.pending
        for entry in live.overview.entries
    )
    return ExplainReport(
        database=workspace.label,
        dialect=context.dialect.name,
        file=context.name,
        path=workspace.folder / context.name,
        connected=live is not None,
        applied=applied,
        transaction=context.transaction,
        statements=statements,
        locks=locks,
        findings=tuple(report_finding(finding, workspace) for finding in check_context(context)),
        affected=affected,
        uses=uses,
        notes=tuple(notes),
    )
