"""check: findings of the rules in pending files, and in the difference between models and database."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dbwarden.checks.rule import Finding, Severity
from dbwarden.checks.run import check_context, check_plan, contexts, rule
from dbwarden.core import resolve
from dbwarden.core.file import MigrationFile
from dbwarden.core.resolve import unfinished_notes
from dbwarden.errors import DependencyMissing, PendingMigrations, Unsupported

from .check_selection import CheckSelection, SelectedFiles, select_files, without_database
from .checked_files import CheckedFile, checked_file
from .comparison import CompareOptions, Comparison, compare
from .host_drift import HostDrift, host_drift
from .live_state import DatabaseState, environment_of, read_live
from .progress import Events, report_work, silent
from .safety_gate import ordered_files
from .workspace import Workspace, open_workspace

LEVELS = tuple(severity.name for severity in Severity)
"""SAFE, INFO, WARN, CRITICAL: the severities, mildest first."""


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One finding. ``file`` is the name of a migration, or ``models`` for a statement that would lead from the database to
    the models: ``path`` is then ``None`` and ``line`` 0."""

    severity: str
    rule: str
    file: str
    path: Path | None
    line: int
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Result of ``check``. ``severity`` is the worst among the findings, SAFE if there are none."""

    database: str
    dialect: str
    severity: str
    findings: tuple[CheckFinding, ...]
    files: tuple[str, ...]
    """Files that were checked: the selected ones, else the pending ones, or without a database the new ones."""
    connected: bool
    """Whether the database could be read."""
    differences: tuple[str, ...] | None
    """Differences between models and database; ``None`` if they were not compared, for the reason in ``notes``."""
    notes: tuple[str, ...]
    root: Path
    """The project's folder."""
    compared_with: str = "database"
    """What the models were compared with: ``database``, or the path of the state file."""
    selection: str = "pending file"
    """Description of the files that were checked: ``pending file``, ``file new since main``."""
    pending: int = 0
    """Number of files that ``migrate`` would run, checked here or not; 0 if no database was reached."""
    host_drift: HostDrift | None = None
    """Differences between the hosts of the cluster; ``None`` without one."""
    migrations: tuple[CheckedFile, ...] = ()
    """What each of ``files`` does."""

    def reaches(self, level: str) -> bool:
        """Whether a finding is at least as severe as ``level``."""
        return LEVELS.index(self.severity) >= max(LEVELS.index(level), 1)

    @property
    def clean(self) -> bool:
        """Whether nothing is pending, and neither models and database nor the hosts of the cluster differ."""
        return not self.differences and not self.pending and not (self.host_drift and self.host_drift.differences)


@dataclass(frozen=True)
class Drift:
    """Differences between models and database as text (``None`` if they are unknown), and the findings in them."""

    differences: tuple[str, ...] | None = None
    findings: Sequence[Finding] = ()
    comparison: Comparison | None = None


@dataclass(frozen=True)
class Examination:
    """Result of ``check`` with what it was made from."""

    report: CheckReport
    files: tuple[MigrationFile, ...] = ()
    """All files in the order in which they run."""
    selected: tuple[MigrationFile, ...] = ()
    """Files that were checked."""
    live: DatabaseState | None = None
    comparison: Comparison | None = None
    """Comparison of the models with the database as it is after its pending files; ``None`` if they were not compared."""


_DEFAULT = CheckSelection()


def check(
    database: str | None = None,
    *,
    config: str | None = None,
    dev: bool = False,
    offline: bool = False,
    selection: CheckSelection = _DEFAULT,
    events: Events = silent,
) -> CheckReport:
    """Apply the rules to the files that ``migrate`` would run, or to ``selection``, and to the difference between models
    and database.

    Pending files are run in a scratch database first; the difference is what remains after them. If the database cannot be
    reached, files are checked by their text alone: those new in the branch of the repository, else all. With ``offline`` no
    server is contacted, and the models are compared with the state file. Nothing is written or applied. Raises
    ``ConfigurationError`` for files, models, a state file or a configuration that cannot be read, and ``GitFailed``.
    """
    return examine(
        open_workspace(config, database, dev=dev), offline=offline, selection=selection, events=events
    ).report


def examine(
    workspace: Workspace,
    *,
    offline: bool = False,
    selection: CheckSelection = _DEFAULT,
    events: Events = silent,
) -> Examination:
    """``check`` of one database, for whoever shows more than its report."""
    ordered = ordered_files(workspace.files())
    _ensure_order(ordered)
    notes = list(workspace.folder_notes(ordered))
    selected = select_files(workspace, ordered, selection)
    with report_work(events, f"reading {workspace.state_name if offline else f'database {workspace.label}'}"):
        live = None if offline else read_live(workspace, ordered, notes)
    pending = () if live is None else tuple(e.file for e in live.overview.pending if e.file is not None)
    if selected is None:
        selected = SelectedFiles(pending, "pending file") if live else _new_files(workspace, ordered, notes, offline)
    findings, migrations = _check_files(workspace, ordered, selected.files, live)
    drift = _compare(workspace, None, notes, events) if offline else _drift(workspace, live, pending, notes, events)
    findings += drift.findings
    report = CheckReport(
        database=workspace.label,
        dialect=workspace.dialect.name,
        severity=max((finding.severity for finding in findings), default=Severity.SAFE).name,
        findings=tuple(report_finding(finding, workspace) for finding in findings),
        files=tuple(file.name for file in selected.files),
        connected=live is not None,
        differences=drift.differences,
        notes=tuple(notes),
        root=workspace.project.root,
        compared_with=workspace.state_name if offline else "database",
        selection=selected.words,
        pending=len(pending),
        host_drift=host_drift(workspace) if live is not None else None,
        migrations=migrations,
    )
    return Examination(report, tuple(ordered), tuple(selected.files), live, drift.comparison)


def file_order(database: str | None = None, *, config: str | None = None) -> tuple[str, ...]:
    """Names of the files in the order in which they run on an empty database. Raises ``DuplicateVersion``,
    ``DependencyMissing``, ``DependencyCycle``, ``FileFormatError``."""
    return tuple(file.name for file in resolve.ordered(ordered_files(open_workspace(config, database).files())))


def check_text(database: str | None = None, *, config: str | None = None) -> tuple[CheckFinding, ...]:
    """Findings in the text of the files that are new on the branch of the repository, or else in all files. Asks no
    database."""
    workspace = open_workspace(config, database)
    ordered = ordered_files(workspace.files())
    findings, _ = _check_files(workspace, ordered, without_database(workspace, ordered).files, None)
    return tuple(report_finding(finding, workspace) for finding in findings)


def source_line(finding: CheckFinding) -> str:
    """Line of the file that a finding is about; empty if there is none, or the file can no longer be read."""
    if finding.path is None or finding.line < 1:
        return ""
    try:
        lines = finding.path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    return lines[finding.line - 1].strip() if finding.line <= len(lines) else ""


def explain(slug: str) -> str:
    """Documentation page of a rule. Raises ``UsageError``, with the nearest name, for a rule that does not exist."""
    return rule(slug).documentation


def _ensure_order(files: Sequence[MigrationFile]) -> None:
    """Raise ``DependencyCycle``. A dependency without a file is no error here: it may be applied, which only history knows."""
    with suppress(DependencyMissing):
        resolve.ordered(files)


def _new_files(
    workspace: Workspace, ordered: Sequence[MigrationFile], notes: list[str], offline: bool
) -> SelectedFiles:
    """Files to check if the database was not read, with a note."""
    selected = without_database(workspace, ordered)
    if len(selected.files) < len(ordered):
        notes.append(
            f"Checked by its text: every {selected.words}. `--since 0` checks all, `--git-base` names another base."
        )
    elif ordered and not offline:
        notes.append(
            "All files were checked by their text alone, applied or not; `--since VERSION` leaves out older ones."
        )
    return selected


def _check_files(
    workspace: Workspace, files: Sequence[MigrationFile], wanted: Sequence[MigrationFile], live: DatabaseState | None
) -> tuple[list[Finding], tuple[CheckedFile, ...]]:
    """Findings in the files ``wanted``, and what each of them does."""
    dialect = live.dialect if live else workspace.dialect
    schema = live.schema if live else None
    environment = environment_of(workspace, live)
    by_name = {file.name: file for file in wanted}
    findings: list[Finding] = []
    checked = []
    for context in contexts(files, wanted, dialect, environment, engine=workspace.variant, schema=schema):
        here = check_context(context)
        findings += here
        checked.append(checked_file(context, by_name[context.name], here, workspace))
    return findings, tuple(checked)


def _drift(
    workspace: Workspace,
    live: DatabaseState | None,
    pending: Sequence[MigrationFile],
    notes: list[str],
    events: Events,
) -> Drift:
    if live is None:
        return Drift()
    notes += unfinished_notes(live.overview)
    if any(entry.record and entry.record.unfinished for entry in live.overview.entries):
        notes.append("Drift was not checked: the database is between two versions.")
        return Drift()
    if not workspace.database.model_paths:
        notes.append("Drift was not checked: the configuration names no models (model_paths).")
        return Drift()
    if workspace.dev:
        notes.append("Drift was not checked: models are compared with the primary database, without --dev.")
        return Drift()
    try:
        return _compare(workspace, live, notes, events, behind=bool(pending))
    except PendingMigrations as error:
        notes.append(f"Drift was not checked: the schema after the pending files is unknown: {error.reason}")
        return Drift()
    except Unsupported as error:
        # No migration leads from the database to the models; the files are checked all the same.
        return Drift((error.message,))


def _compare(
    workspace: Workspace, live: DatabaseState | None, notes: list[str], events: Events, *, behind: bool = False
) -> Drift:
    """Compare the models with the database (with ``behind``, after its pending files) or, without one, the state file."""
    comparison = compare(workspace, CompareOptions(offline=live is None, events=events), after_pending=behind)
    other = "database" if live is not None else "state file"
    differences = tuple(line.drift(other) for line in comparison.changes)
    unchanged = (*comparison.models.notes, *filter(None, (comparison.runner_note,)))
    notes += comparison.notes if differences else unchanged
    if not differences:
        return Drift((), (), comparison)
    environment = environment_of(workspace, live)
    findings = check_plan(
        comparison.plan.upgrade(), differences, comparison.dialect, comparison.pair.current, environment
    )
    return Drift(differences, findings, comparison)


def report_finding(finding: Finding, workspace: Workspace) -> CheckFinding:
    """A finding as reports have it."""
    path = workspace.folder / finding.file if finding.line else None
    return CheckFinding(
        finding.severity.name, finding.rule, finding.file, path, finding.line, finding.message, finding.advice
    )
