"""status: shows the state of every migration, from files and history alone (no models, no catalogue)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from dbwarden.core.dialect import Liveness
from dbwarden.core.filename import Kind
from dbwarden.core.overview import Entry, Overview, State, state
from dbwarden.core.proof_claim import ProofStatus, claim
from dbwarden.core.record import Event, Record

from .other_projects import OtherProject, other_projects
from .workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from dbwarden.core.dialect import Cluster, Connection

    from .host_drift import HostDrift

_PROBLEMS = (State.EDITED, State.MISSING, State.FAILED, State.STOPPED)
_IN_EFFECT = (State.APPLIED, State.BASELINED, State.EDITED, State.MISSING)


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """One migration. ``at`` is the time of its last event, or for one that stopped half-way, of its last journal entry."""

    key: str
    file: str
    kind: Kind
    state: State
    seed: bool
    at: datetime | None
    statements_done: int
    statements_total: int
    error: str | None
    advice: str | None
    """What to do, if there is a problem."""
    failed_statement: int | None = None
    """Number of the statement that failed. Those between ``statements_done`` and it shared its transaction, and were undone."""
    proof: ProofStatus = ProofStatus.NONE
    """State of the proof in a pending file's header."""
    last_in_doubt: int | None = None
    """Number of the last of several statements that may have had their effect; the first is that behind ``statements_done``."""

    @property
    def problem(self) -> bool:
        """Whether ``migrate`` would stop at this migration, or has stopped in it."""
        return self.state in _PROBLEMS


@dataclass(frozen=True, slots=True)
class SeedCounts:
    """The seeds of a database, by their state; ``wrong`` are the files with a problem."""

    applied: int
    pending: int
    problems: int
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusReport:
    """All migrations in the order they run."""

    database: str
    applied: int
    """Number of versions and repeatable migrations in effect."""
    pending: int
    """Number of files that ``migrate`` would run, without those that run always and ran before."""
    problems: int
    entries: tuple[StatusEntry, ...]
    other_projects: tuple[OtherProject, ...] = ()
    """Other projects with a history in the same database."""
    restore: str | None = None
    """What a restore that was killed has left, and how to finish it; ``None`` if there is no such restore."""
    cluster: Cluster | None = None
    """The servers on which the database exists; ``None`` if the engine has no clusters."""
    suspended: tuple[str, ...] = ()
    """Work of the server that a migration has suspended: ``merges of events``."""
    running: bool = False
    """Whether the holder of the migration lock lives, where work is suspended."""
    seeds: SeedCounts | None = None
    """``None`` if the project has no folder of seeds for the database."""
    host_drift: HostDrift | None = None
    """Differences between the hosts of the cluster; ``None`` without one."""

    @property
    def clean(self) -> bool:
        """Whether no migration is pending, there is no problem, with seeds neither, and the hosts of the cluster agree."""
        troubled = self.problems or (self.seeds is not None and self.seeds.problems)
        drift = self.host_drift is not None and self.host_drift.differences
        return not self.pending and not troubled and self.restore is None and not drift


def status(database: str | None = None, *, config: str | None = None, dev: bool = False) -> StatusReport:
    """Report the state of every migration of a database; writes and creates nothing.

    Raises ``DuplicateVersion``, ``FileFormatError``, ``ConnectionFailed`` and ``ConfigurationError``, of which one is
    ``UnknownCluster``.
    """
    return workspace_status(open_workspace(config, database, dev=dev))


def workspace_status(workspace: Workspace) -> StatusReport:
    """Report the state of every migration of an open workspace. Raises as ``status``."""
    workspace.require_folder()
    with workspace.connect(read_only=True) as conn:
        cluster = workspace.dialect.cluster_of(conn)
        files, divided = workspace.read(conn)
        suspended = tuple(item.work for item in workspace.dialect.suspended_work(conn))
        running = bool(suspended) and workspace.lock(conn).status().liveness is Liveness.ALIVE
        restore = _killed_restore(workspace, conn)
        seeds = _seeds(workspace, conn)
    overview = state(files, divided.ours)
    under_lock = [attempt.key for attempt in divided.attempts if attempt.lock_held]
    report = _report(workspace, overview, under_lock)
    shown = replace(report, other_projects=other_projects(divided.others), restore=restore, cluster=cluster)
    return replace(shown, suspended=suspended, running=running, seeds=seeds, host_drift=_host_drift(workspace))


def _seeds(workspace: Workspace, conn: Connection) -> SeedCounts | None:
    """The seeds, if there is a folder of them: two queries more."""
    if not workspace.of_seeds.folder.exists():
        return None
    from .seed_list import seeds_on  # deferred: many projects have none

    listed = seeds_on(workspace.of_seeds, conn)
    wrong = tuple(seed.file for seed in listed.seeds if seed.state in _PROBLEMS)
    return SeedCounts(listed.applied, listed.pending, listed.problems, wrong)


def _host_drift(workspace: Workspace) -> HostDrift | None:
    if not workspace.is_cluster:
        return None
    from .host_drift import host_drift  # deferred: it needs the classes of the schema

    return host_drift(workspace)


def _killed_restore(workspace: Workspace, conn: Connection) -> str | None:
    """Words about a restore that was killed; ``None`` while it runs."""
    remains = workspace.dialect.restore_in_progress(conn)
    if not remains:
        return None
    lock = workspace.lock(conn).status()
    if lock.active and lock.liveness is Liveness.ALIVE:
        return None
    unlock = f"`dbwarden unlock -d {workspace.label}`, then " if lock.active else ""
    return f"A restore stopped before its end: {remains}. Repeat it: {unlock}`dbwarden restore FILE -d {workspace.label} --force`."


def _report(workspace: Workspace, overview: Overview, under_lock: Collection[str]) -> StatusReport:
    """Make the report; ``under_lock`` are the keys of files that stopped half-way and whose lock is still held."""
    entries = tuple(
        _stopped_entry(entry, workspace, entry.key in under_lock)
        if entry.state is State.STOPPED
        else _entry(entry, workspace.label)
        for entry in overview.entries
    )
    return StatusReport(
        database=workspace.label,
        applied=sum(1 for entry in entries if entry.state in _IN_EFFECT),
        pending=len(overview.pending),
        problems=sum(1 for entry in entries if entry.problem),
        entries=entries,
    )


def _entry(entry: Entry, database: str) -> StatusEntry:
    record = entry.record
    seed = entry.file.seed if entry.file else bool(record and record.seed)
    failed = entry.state is State.FAILED or (record is not None and record.event is Event.FAILED)
    return StatusEntry(
        key=entry.key,
        file=entry.name,
        kind=entry.kind,
        state=entry.state,
        seed=seed,
        at=record.at if record else None,
        statements_done=record.statements_done if record else 0,
        statements_total=record.statements_total if record else 0,
        error=record.error if record and failed else None,
        failed_statement=record.failed_statement if record and entry.state is State.FAILED else None,
        advice=_advice(entry, database),
        proof=claim(entry.file) if entry.file and entry.needs_run else ProofStatus.NONE,
    )


def _stopped_entry(entry: Entry, workspace: Workspace, lock_held: bool) -> StatusEntry:
    """Status of a file that stopped half-way; only the journal has its progress."""
    assert entry.record is not None
    advice = _next(entry, entry.record, workspace)
    if lock_held:
        advice += (
            f"; the lock is still held: `dbwarden lock-status -d {workspace.label}` says by whom,"
            f" `dbwarden unlock -d {workspace.label}` releases it"
        )
    last = entry.record.last_in_doubt
    return replace(_entry(entry, workspace.label), error=entry.record.error, advice=advice, last_in_doubt=last)


def _next(entry: Entry, record: Record, workspace: Workspace) -> str:
    """Advice on what the next run does with the file."""
    upgrade = record.unfinished_upgrade
    command = f"dbwarden {'migrate' if upgrade else 'rollback'} -d {workspace.label}"
    if entry.file is None:
        return f"restore the file (git), then finish it with `{command}`"
    if record.error is None:
        return f"`{command}` continues after the statements that are in effect"
    if record.last_in_doubt is not None:  # only of statements that the catalogue shows
        return f"`{command}` checks which of the statements had their effect, and continues after the last one of them"
    from dbwarden.core.statement import Evidence  # deferred, as the dialect's modules are: seldom is there such a file

    statements = entry.file.upgrade(workspace.variant) if upgrade else entry.file.rollback(workspace.variant)
    begun = statements[record.statements_done : record.statements_done + 1]
    evidence = workspace.dialect.recovery(begun[0].text).evidence if begun else Evidence.NONE
    match evidence:
        case Evidence.CATALOGUE:
            return f"`{command}` checks whether the statement had its effect, and continues after it or repeats it"
        case Evidence.REPEATABLE:
            return f"`{command}` runs the statement again, which does no harm, and continues after it"
    return (
        f"look at the database, which does not show it to a program; then `{command} --assume done` or"
        " `--assume not-done`"
    )


def _advice(entry: Entry, database: str) -> str | None:
    if entry.state is State.EDITED:
        return (
            f"restore {entry.name} as it was applied (git), or `dbwarden rollback -d {database}` to before it and apply"
            " it again"
        )
    if entry.record is not None and entry.record.unfinished and entry.file is None:
        return f"restore the file (git): it stopped in the middle, and `dbwarden migrate -d {database}` finishes it"
    if entry.state is State.MISSING:
        return f"restore the file (git), or `dbwarden rollback -d {database}`: the way back is stored in the database"
    if entry.state is not State.FAILED or entry.record is None:
        return None
    if entry.record.event is Event.ROLLBACK_FAILED:
        return f"finish it with `dbwarden rollback -d {database}`"
    first = entry.record.statements_done + 1
    place = "that statement" if first == entry.record.failed_statement else f"statement {first}"
    return f"`dbwarden migrate -d {database}` continues at {place}"
