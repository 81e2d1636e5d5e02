"""history: shows all events of migrations, the newest last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dbwarden.core.filename import Kind
from dbwarden.core.own_tables import UNCLAIMED
from dbwarden.core.record import Event

from .other_projects import OtherProject, other_projects
from .workspace import open_workspace

_FAILURES = (Event.FAILED, Event.ROLLBACK_FAILED)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """Event of a migration; ``duration`` in seconds, ``by`` as ``user@host``."""

    id: int
    key: str
    file: str
    kind: Kind
    event: Event
    at: datetime
    duration: float
    by: str
    seed: bool
    statements_done: int
    statements_total: int
    checksum: str
    tool_version: str
    error: str | None
    failed_statement: int | None = None
    """Number of the statement that failed."""
    last_in_doubt: int | None = None
    """Number of the last of several statements that may have had their effect; the first is that behind ``statements_done``."""


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """All events of a database, in their order."""

    database: str
    events: tuple[HistoryEntry, ...]
    other_projects: tuple[OtherProject, ...] = ()
    """Other projects with a history in the same database; ``events`` does not include theirs."""


def history(database: str | None = None, *, config: str | None = None, dev: bool = False) -> HistoryReport:
    """Read all events of a database; writes and creates nothing. Raises ``ConnectionFailed``, ``ConfigurationError``."""
    workspace = open_workspace(config, database, dev=dev)
    with workspace.connect(read_only=True) as conn:
        divided = workspace.divided_history(conn, ())
        known = (*divided.ours, *divided.others)
        if any(record.database_name == UNCLAIMED for record in known):
            divided = workspace.divided_history(conn, workspace.files())
        elif any(record.unfinished for record in divided.ours):
            divided = workspace.divided_history(conn, workspace.readable_files())
    entries = (
        HistoryEntry(
            id=record.id,
            key=record.key,
            file=record.file,
            kind=record.kind,
            event=record.event,
            at=record.at,
            duration=record.duration,
            by=record.by,
            seed=record.seed,
            statements_done=record.statements_done,
            statements_total=record.statements_total,
            checksum=record.checksum,
            tool_version=record.tool_version,
            error=record.error,
            failed_statement=record.failed_statement if record.event in _FAILURES else None,
            last_in_doubt=record.last_in_doubt,
        )
        for record in divided.ours
    )
    return HistoryReport(workspace.label, tuple(entries), other_projects(divided.others))
