"""Fleets: migrates, rolls back, examines and unlocks many databases or schemas with one folder of migrations.

The list of targets is read and checked first, and the files are read once. Each target then goes the way of the command for one
database, with its own lock and history; its report shrinks to a ``TargetResult`` at once, so that memory does not grow with the
number of targets beyond these.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dbwarden.core.fleet import FleetTarget
from dbwarden.errors import DBWardenError, UsageError
from dbwarden.runtime.idle_connections import IdleConnections

from .fleet_results import (
    TargetError,
    TargetGroup,
    TargetResult,
    TargetState,
    failed_result,
    grouped,
    not_started,
)
from .fleet_run import FleetOptions, FleetRun, TargetOutcome
from .fleet_targets import Fleet, open_fleet
from .migrate import MigrateOptions, MigrateReport, migrate_workspace
from .migration_session import PlannedFile, RunOptions
from .rollback import RollbackReport, rollback_workspace
from .status import StatusReport, workspace_status

if TYPE_CHECKING:
    from .comparison import CompareOptions
    from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class FleetReport:
    """Where each target of a fleet stands after a command, in the order of their list."""

    fleet: str
    total: int
    """Number of targets in the list."""
    selected: int
    """Number of them that were meant, by shard and name."""
    shard: str | None
    stopped: bool
    """Whether failures stopped the run before its end."""
    interrupted: TargetError | None
    """The signal that stopped it."""
    duration: float
    counts: dict[str, int]
    """Number of targets by state."""
    groups: tuple[TargetGroup, ...]
    targets: tuple[TargetResult, ...]
    planned: tuple[PlannedFile, ...] = ()
    """With a dry run, the statements of each file that would run somewhere."""

    @property
    def exit_code(self) -> int:
        """Exit code of the command: that of the signal, or 1 if it failed for a target."""
        if self.interrupted is not None:
            return self.interrupted.exit_code
        return 1 if self.stopped or any(result.broken for result in self.targets) else 0

    @property
    def clean(self) -> bool:
        """Whether all targets are up to date, or equal to the models."""
        return all(result.state in (TargetState.UP_TO_DATE, TargetState.EQUAL) for result in self.targets)


@dataclass(frozen=True, slots=True)
class FleetEvents:
    """Functions that are called while a fleet is under way, in the thread of the caller."""

    on_start: Callable[[int, int], object] = lambda selected, total: None
    """With the number of targets that are meant, and of all."""
    on_wave: Callable[[int, int, int], object] = lambda number, size, waves: None
    on_result: Callable[[TargetResult], object] = lambda result: None


COLLECTED = 50
"""Targets after which cyclic garbage is collected: a command otherwise leaves it to the end of its process."""
CONNECTIONS_OF_A_RUN = 3
"""Connections of one target at once: for the lock, for the files, and one more while a heartbeat replaces a lost one."""

_ALL = FleetOptions()
_SILENT = FleetEvents()
_MIGRATE = MigrateOptions()
_ROLLBACK = RunOptions()


def migrate_fleet(
    name: str,
    *,
    fleet: FleetOptions = _ALL,
    limit: tuple[int | None, str | None] = (None, None),
    config: str | None = None,
    options: MigrateOptions = _MIGRATE,
    events: FleetEvents = _SILENT,
) -> FleetReport:
    """Apply pending files to the targets of a fleet; ``limit`` is ``count`` and ``to_version`` of ``migrate``.

    Nobody is asked: what ``migrate`` would ask about fails for its target unless ``options.force``. Raises only what concerns
    the fleet as a whole: ``UsageError``, ``ConfigurationError``, ``FileFormatError``, errors of the control database.
    """
    _refuse_for_many(options)
    planned = dict[str, PlannedFile]()

    def use(workspace: Workspace) -> TargetResult:
        report = migrate_workspace(workspace, limit, options)
        for file in report.planned:
            planned.setdefault(file.file, file)
        return _migrated(workspace, report)

    return replace(_run(open_fleet(name, config), use, fleet, events), planned=tuple(planned.values()))


def rollback_fleet(
    name: str,
    *,
    to_version: str,
    fleet: FleetOptions = _ALL,
    config: str | None = None,
    options: RunOptions = _ROLLBACK,
    events: FleetEvents = _SILENT,
) -> FleetReport:
    """Roll the targets of a fleet back to one version; those that are there or below stay as they are. Raises as
    ``migrate_fleet``."""
    _refuse_for_many(options)
    planned = dict[str, PlannedFile]()

    def use(workspace: Workspace) -> TargetResult:
        report = rollback_workspace(workspace, (None, to_version), options)
        for file in report.planned:
            planned.setdefault(file.file, file)
        return _rolled_back(workspace, report)

    return replace(_run(open_fleet(name, config), use, fleet, events), planned=tuple(planned.values()))


def fleet_status(
    name: str, *, fleet: FleetOptions = _ALL, config: str | None = None, events: FleetEvents = _SILENT
) -> FleetReport:
    """Report where each target of a fleet stands; writes nothing. Raises as ``migrate_fleet``."""
    return _run(
        open_fleet(name, config), lambda workspace: _standing(workspace, workspace_status(workspace)), fleet, events
    )


def diff_fleet(
    name: str,
    *,
    fleet: FleetOptions = _ALL,
    config: str | None = None,
    options: CompareOptions | None = None,
    events: FleetEvents = _SILENT,
) -> FleetReport:
    """Compare the targets of a fleet with the models; read-only. Targets with equal schema and history are compared once.

    Raises as ``migrate_fleet``, and ``ConfigurationError`` for models that cannot be read.
    """
    from .fleet_drift import FleetComparison  # deferred: it imports the models

    opened = open_fleet(name, config)
    return _run(opened, FleetComparison(opened.workspace, options).compare, fleet, events)


def unlock_fleet(
    name: str,
    *,
    force: bool = False,
    fleet: FleetOptions = _ALL,
    config: str | None = None,
    events: FleetEvents = _SILENT,
) -> FleetReport:
    """Release the migration locks of processes that are gone. Raises as ``migrate_fleet``."""
    from .lock import unlock_workspace

    def use(workspace: Workspace) -> TargetResult:
        released = unlock_workspace(workspace, force=force).released
        return _result(workspace, TargetState.RELEASED if released else TargetState.NOT_LOCKED)

    return _run(open_fleet(name, config), use, fleet, events, files=False)


def _refuse_for_many(options: RunOptions) -> None:
    if isinstance(options, MigrateOptions) and options.sandbox:
        raise UsageError("--sandbox is for one target: name it with -d NAME@TARGET")
    if options.with_backup:
        hint = "Save the databases before, or one target with `dbwarden migrate -d NAME@TARGET --with-backup`."
        raise UsageError("--with-backup is for one target, not for a fleet", hint=hint)
    if options.dev:
        raise UsageError("--dev and --fleet cannot be given together: there is one development database")


# -- running ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Collector:
    """Results as they come; equal lists of files are stored once."""

    fleet: Fleet
    events: FleetEvents
    results: list[TargetResult] = field(default_factory=list)
    _shared: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def add(self, outcome: TargetOutcome[TargetResult], duration: float) -> None:
        if outcome.report is not None:
            result = replace(outcome.report, wave=outcome.wave, duration=duration)
        else:
            assert outcome.error is not None
            state = TargetState.INTERRUPTED if outcome.interrupted else TargetState.FAILED
            result = failed_result(self.fleet.open(outcome.target), outcome.error, state, outcome.wave, duration)
        if len(self.results) % COLLECTED == COLLECTED - 1:
            gc.collect()
        result = replace(result, migrations=self._shared.setdefault(result.migrations, result.migrations))
        self.results.append(result)
        self.events.on_result(result)


def _run(
    fleet: Fleet,
    use: Callable[[Workspace], TargetResult],
    options: FleetOptions,
    events: FleetEvents,
    *,
    files: bool = True,
) -> FleetReport:
    began = time.monotonic()
    selected = options.select(fleet)
    fleet = fleet.with_files() if files else fleet
    idle = IdleConnections(CONNECTIONS_OF_A_RUN * options.jobs)
    fleet = replace(fleet, workspace=replace(fleet.workspace, idle=idle))
    durations = dict[FleetTarget, float]()

    def timed(target: FleetTarget) -> TargetResult:
        start = time.monotonic()
        try:
            return use(fleet.open(target))
        finally:
            durations[target] = time.monotonic() - start

    events.on_start(len(selected), len(fleet.targets))
    collector = _Collector(fleet, events)
    run = FleetRun(selected, timed, options, events.on_wave)
    try:
        for outcome in run.outcomes():
            collector.add(outcome, durations.pop(outcome.target))
    finally:
        idle.close()
    rest = not_started(fleet.name, selected[run.started :])
    order = {f"{fleet.name}@{target.name}": at for at, target in enumerate(selected)}
    results = (*sorted(collector.results, key=lambda result: order[result.database]), *rest)
    return FleetReport(
        fleet=fleet.name,
        total=len(fleet.targets),
        selected=len(selected),
        shard=str(options.part()) if options.shard else None,
        stopped=run.stopped,
        interrupted=_signal(run.interrupted),
        duration=time.monotonic() - began,
        counts=_counts(results),
        groups=grouped(results),
        targets=results,
    )


def _signal(error: DBWardenError | None) -> TargetError | None:
    return None if error is None else TargetError(error.code, error.message, error.hint, error.exit_code)


def _counts(results: Sequence[TargetResult]) -> dict[str, int]:
    states = [result.state for result in results]
    return {state.value: states.count(state) for state in TargetState if state in states}


# -- results ------------------------------------------------------------------------------------------------------


def _result(workspace: Workspace, state: TargetState, **more: object) -> TargetResult:
    assert workspace.target is not None
    return TargetResult(workspace.target.name, workspace.label, state, **more)  # type: ignore[arg-type]


def _migrated(workspace: Workspace, report: MigrateReport) -> TargetResult:
    files = tuple(file.file for file in (report.planned if report.dry_run else report.migrations))
    ran = TargetState.BASELINED if report.baseline else TargetState.APPLIED
    done = ran if files else TargetState.UP_TO_DATE if not report.remaining else TargetState.PENDING
    detail = f"{report.remaining} still pending" if report.remaining else ""
    return _result(
        workspace, TargetState.WOULD_RUN if report.dry_run and files else done, migrations=files, detail=detail
    )


def _rolled_back(workspace: Workspace, report: RollbackReport) -> TargetResult:
    files = tuple(file.file for file in (report.planned if report.dry_run else report.migrations))
    done = TargetState.ROLLED_BACK if files else TargetState.UP_TO_DATE
    return _result(workspace, TargetState.WOULD_RUN if report.dry_run and files else done, migrations=files)


def _standing(workspace: Workspace, report: StatusReport) -> TargetResult:
    """Where a target stands: its highest version, what is pending, and the first problem."""
    in_effect = [
        entry for entry in report.entries if entry.state.value in ("applied", "baselined", "edited", "missing")
    ]
    versions = [entry.key for entry in in_effect if entry.kind.value == "versioned"]
    problems = [entry for entry in report.entries if entry.problem]
    pending = tuple(
        entry.file for entry in report.entries if entry.state.value in ("pending", "out of order", "changed")
    )
    detail = "; ".join(f"{entry.file} {entry.state.value}" for entry in problems)
    if report.restore:
        detail = "; ".join(filter(None, (detail, "a restore stopped before its end")))
    state = TargetState.PROBLEM if detail else TargetState.PENDING if report.pending else TargetState.UP_TO_DATE
    tried = next((entry for entry in report.entries if entry.error and not entry.problem), None)
    if state is TargetState.PENDING and tried is not None and tried.error is not None:
        detail = f"failed when it was tried last: {tried.error.splitlines()[0]}"
    if state is TargetState.UP_TO_DATE:
        pending = ()
    return _result(workspace, state, version=versions[-1] if versions else None, migrations=pending, detail=detail)
