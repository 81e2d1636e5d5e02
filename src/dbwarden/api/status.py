"""status: how every migration stands. Reads files and history, nothing else: no models, no catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from dbwarden.core.claim import Claim, claim
from dbwarden.core.file import Kind
from dbwarden.core.overview import Entry, Event, Overview, State, state
from dbwarden.runtime import journal
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.journal import Doubt

from .others import OtherProject, other_projects
from .workspace import Workspace, open_workspace

_PROBLEMS = (State.EDITED, State.MISSING, State.FAILED, State.STOPPED)
_IN_EFFECT = (State.APPLIED, State.BASELINED, State.EDITED, State.MISSING)


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """One migration. ``state`` is a word of ``core.overview.State``; ``kind`` one of versioned, runs_always,
    runs_on_change. ``at`` is when its last event happened; of one that stopped, when its last statement was begun."""

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
    """What to do about it, where something is to be done."""
    claim: Claim = Claim.NONE
    """What the header of a pending file says is proven, and whether it was edited since."""

    @property
    def problem(self) -> bool:
        """Whether ``migrate`` stops here, or had stopped."""
        return self.state in _PROBLEMS


@dataclass(frozen=True, slots=True)
class StatusReport:
    """All migrations in the order they run, and how many stand how."""

    database: str
    applied: int
    """Versions and repeatables that are in effect."""
    pending: int
    """What ``migrate`` would run; files that run always and ran before are not counted."""
    problems: int
    entries: tuple[StatusEntry, ...]
    others: tuple[OtherProject, ...] = ()
    """Other projects that keep their history in the same database."""

    @property
    def clean(self) -> bool:
        """Whether nothing is pending and nothing is wrong."""
        return not self.pending and not self.problems


def status(database: str | None = None, *, config: str | None = None, dev: bool = False) -> StatusReport:
    """How every migration of a database stands; writes and creates nothing.

    Raises ``DuplicateVersion``, ``FileFormatError``, ``ConnectionFailed`` and ``ConfigurationError``.
    """
    workspace = open_workspace(config, database, dev=dev)
    files = workspace.files()
    with workspace.connect(read_only=True) as conn:
        divided = workspace.divided(conn, files)
        doubts = journal.doubts(conn, workspace.tables, divided.claims)
        if any(doubt.held for doubt in doubts.values()) and _alive(workspace, conn):
            doubts = {}  # it is being done just now
    overview = state(files, divided.ours)
    return replace(_report(workspace, overview, doubts), others=other_projects(divided.others))


def _alive(workspace: Workspace, conn: DatabaseConnection) -> bool:
    """Whether the holder of the lock certainly lives. Imported here: only a statement in doubt needs a dialect."""
    from dbwarden.core.dialect import Verdict
    from dbwarden.runtime import lock

    return lock.status(conn, workspace.dialect_for(conn), workspace.tables).verdict is Verdict.ALIVE


def _report(workspace: Workspace, overview: Overview, doubts: Mapping[str, Doubt]) -> StatusReport:
    database = workspace.name
    entries = tuple(
        _stopped(entry, doubts[entry.key], workspace) if entry.file and entry.key in doubts else _entry(entry, database)
        for entry in overview.entries
    )
    return StatusReport(
        database=database,
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
        advice=_advice(entry, database),
        claim=claim(entry.file) if entry.file and entry.needs_run else Claim.NONE,
    )


def _stopped(entry: Entry, doubt: Doubt, workspace: Workspace) -> StatusEntry:
    """An entry whose last statement is in doubt, whatever the last event was."""
    assert entry.file is not None
    engine, command = workspace.variant, "migrate" if doubt.direction == "upgrade" else "rollback"
    statements = entry.file.upgrade(engine) if doubt.direction == "upgrade" else entry.file.rollback(engine)
    advice = (
        f"`dbwarden {command} -d {workspace.name}` looks whether the statement had its effect, and goes on behind it or"
        " repeats it"
    )
    if doubt.held:
        advice += (
            f"; the lock is still held: `dbwarden lock-status -d {workspace.name}` says by whom,"
            f" `dbwarden unlock -d {workspace.name}` releases it"
        )
    return replace(
        _entry(entry, workspace.name),
        state=State.STOPPED,
        at=doubt.at,
        statements_done=doubt.statement - 1,
        statements_total=max(len(statements), doubt.statement),
        error=None,
        advice=advice,
    )


def _advice(entry: Entry, database: str) -> str | None:
    if entry.state is State.EDITED:
        return (
            f"restore {entry.name} as it was applied (git), or `dbwarden rollback -d {database}` to before it and apply"
            " it again"
        )
    if entry.state is State.MISSING:
        return f"restore the file (git), or `dbwarden rollback -d {database}`: the way back is stored in the database"
    if entry.state is not State.FAILED or entry.record is None:
        return None
    if entry.record.event is Event.ROLLBACK_FAILED:
        return f"finish it with `dbwarden rollback -d {database}`"
    return f"`dbwarden migrate -d {database}` goes on at the statement that failed"
