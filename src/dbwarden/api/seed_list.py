"""seed list: the state of every seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dbwarden.core.dialect import Connection
from dbwarden.core.filename import Kind
from dbwarden.core.overview import Entry, State, state
from dbwarden.core.record import Event
from dbwarden.errors import errors_of_seeds

from .workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class SeedEntry:
    """One seed. ``at`` is the time of its last event, or for one that stopped half-way, of its last journal entry."""

    key: str
    file: str
    kind: Kind
    python: bool
    state: State
    at: datetime | None
    by: str | None
    statements_done: int
    statements_total: int
    error: str | None
    advice: str | None
    """What to do, if there is a problem."""


@dataclass(frozen=True, slots=True)
class SeedListReport:
    """All seeds in the order in which they run."""

    database: str
    applied: int
    pending: int
    problems: int
    """Number of edited, failed and interrupted seeds."""
    seeds: tuple[SeedEntry, ...]
    notes: tuple[str, ...] = ()


_PROBLEMS = frozenset((State.EDITED, State.FAILED, State.STOPPED))


def seed_list(database: str | None = None, *, config: str | None = None, dev: bool = False) -> SeedListReport:
    """Report the state of every seed; writes and creates nothing. Without a folder of seeds, those that are applied."""
    workspace = open_workspace(config, database, dev=dev).of_seeds
    with workspace.connect(read_only=True) as conn:
        return seeds_on(workspace, conn)


def seeds_on(workspace: Workspace, conn: Connection) -> SeedListReport:
    """The state of every seed of a workspace of seeds, by a connection to its database."""
    notes: tuple[str, ...] = ()
    with errors_of_seeds():
        if workspace.folder.exists():
            files, divided = workspace.read(conn)
        else:
            files, divided = (), workspace.divided_history(conn, ())
            notes = (
                f"There is no folder of seeds yet: `dbwarden seed create NAME -d {workspace.label}` writes the first one",
            )
        overview = state(files, divided.ours)
    entries = tuple(_entry(entry, workspace.label) for entry in overview.entries)
    return SeedListReport(
        database=workspace.label,
        applied=sum(1 for entry in entries if entry.state is State.APPLIED),
        pending=len(overview.pending),
        problems=sum(1 for entry in entries if entry.state in _PROBLEMS),
        seeds=entries,
        notes=notes,
    )


def _entry(entry: Entry, database: str) -> SeedEntry:
    record = entry.record
    failed = record is not None and (entry.state in _PROBLEMS or record.event is Event.FAILED)
    return SeedEntry(
        key=entry.key,
        file=entry.name,
        kind=entry.kind,
        python=entry.name.endswith(".py"),
        state=entry.state,
        at=record.at if record else None,
        by=(record.by or None) if record else None,
        statements_done=record.statements_done if record else 0,
        statements_total=record.statements_total if record else 0,
        error=record.error if record and failed else None,
        advice=_advice(entry, database),
    )


def _advice(entry: Entry, database: str) -> str | None:
    record = entry.record
    if entry.state is State.EDITED:
        return (
            f"restore {entry.name} as it was applied (git), or `dbwarden seed rollback -d {database}` to before it and apply it"
            " again"
        )
    if record is None or not record.unfinished:
        return None
    command = f"dbwarden seed {'apply' if record.unfinished_upgrade else 'rollback'} -d {database}"
    restore = "restore the file (git); " if entry.file is None else ""
    if record.error is not None and record.event in (Event.STOPPED, Event.ROLLBACK_STOPPED):
        return (
            f"{restore}`{command}` finds out whether the statement had its effect, or asks for `--assume done|not-done`"
        )
    return f"{restore}`{command}` continues after the statements that are in effect"
