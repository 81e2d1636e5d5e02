"""Events of migrations, as the history has them: append-only, sorted by ``Record.id``. Versions are compared as numbers:
``V__0012`` and ``12`` are one migration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from .filename import Kind

Identity = int | str


class Event(Enum):
    """Event of a migration in the history."""

    APPLIED = "applied"
    BASELINED = "baselined"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"
    ROLLBACK_FAILED = "rollback_failed"
    STOPPED = "stopped"
    """Interrupted upgrade. Derived from the journal, never stored."""
    ROLLBACK_STOPPED = "rollback_stopped"
    """Interrupted rollback. Derived from the journal, never stored."""


_FAILED_STEP = re.compile(r"(?:COMMIT of |the journal entry of )?statement (\d+) of \d+: ")
"""Beginning of the ``error`` of a failed event."""
_IN_DOUBT = re.compile(r"interrupted; which of the statements \d+ to (\d+) had")
"""Beginning of the ``error`` of a *stopped* event that concerns several statements."""


@dataclass(frozen=True, slots=True)
class Record:
    """One event of the history: the columns of ``dbwarden_migrations``, in their order."""

    id: int
    key: str
    kind: Kind
    file: str
    description: str
    checksum: str
    event: Event
    statements_done: int
    statements_total: int
    at: datetime
    duration: float
    """Duration in seconds."""
    by: str
    tool_version: str
    seed: bool = False
    error: str | None = None
    rollback_sql: str | None = None
    """Rollback SQL of an *applied* event, see ``MigrationFile.rollback_sql``."""
    database_name: str = ""
    """Name of the configured database that recorded it; empty if an earlier version did."""
    file_digest: str | None = None
    """``MigrationFile.digest``; ``None`` if an earlier version recorded it."""

    @property
    def identity(self) -> Identity:
        return identity(self.key)

    @property
    def undone(self) -> bool:
        """Whether it failed and was rolled back completely."""
        return self.event in (Event.FAILED, Event.ROLLBACK_FAILED) and not self.statements_done

    @property
    def failed_statement(self) -> int:
        """Number of the statement that failed, or for which a step failed; without one, of the first that is not in effect."""
        named = _FAILED_STEP.match(self.error or "")
        return int(named[1]) if named else min(self.statements_done + 1, max(self.statements_total, 1))

    @property
    def last_in_doubt(self) -> int | None:
        """Number of the last statement that may have had its effect, if there are several; the first one is that behind
        ``statements_done``."""
        several = _IN_DOUBT.match(self.error or "")
        return int(several[1]) if several else None

    @property
    def in_effect(self) -> bool:
        """Whether the database has the migration's effects, or part of them after a failed rollback."""
        return self.event in (Event.APPLIED, Event.BASELINED, Event.ROLLBACK_FAILED, Event.ROLLBACK_STOPPED)

    @property
    def unfinished_upgrade(self) -> bool:
        """Whether part of an upgrade had its effect, or may have had it."""
        return self.event is Event.STOPPED or (self.event is Event.FAILED and self.statements_done > 0)

    @property
    def unfinished_rollback(self) -> bool:
        """Whether part of a rollback had its effect, or may have had it."""
        return self.event is Event.ROLLBACK_STOPPED or (
            self.event is Event.ROLLBACK_FAILED and self.statements_done > 0
        )

    @property
    def unfinished(self) -> bool:
        """Whether it left the database between two versions."""
        return self.unfinished_upgrade or self.unfinished_rollback


def last_events(history: Iterable[Record]) -> dict[Identity, Record]:
    """The last event of each migration. A failure that was rolled back completely counts only if it is the only event."""
    last: dict[Identity, Record] = {}
    for record in sorted(history, key=lambda record: record.id):
        if not record.undone or last.get(record.identity, record).undone:
            last[record.identity] = record
    return last


def identity(key: str) -> Identity:
    """The identity of a migration: the number of a version, the key of a repeatable."""
    return int(key) if key.isdecimal() else key


def kind_of(key: str) -> Kind:
    """The kind of a migration by its key: ``0001``, ``RA__grants``, ``ROC__views``."""
    if key.isdecimal():
        return Kind.VERSIONED
    return Kind.RUNS_ALWAYS if key.startswith("RA__") else Kind.RUNS_ON_CHANGE
