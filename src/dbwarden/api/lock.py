"""lock-status, unlock: the migration lock as anyone sees it, and its release by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dbwarden.core.dialect import Liveness
from dbwarden.core.store import LockStatus
from dbwarden.runtime import lock

from .workspace import open_workspace


@dataclass(frozen=True, slots=True)
class LockReport:
    """Whether the lock is held; if so by whom, since when (``age`` and ``silence`` in seconds), and whether they live.

    ``silence`` is the time since the holder's last heartbeat. What the row does not say is ``None``: it may have been
    written by hand.
    """

    database: str
    active: bool
    host: str | None = None
    pid: int | None = None
    user: str | None = None
    command: str | None = None
    acquired_at: datetime | None = None
    age: float | None = None
    silence: float | None = None
    verdict: Liveness | None = None


@dataclass(frozen=True, slots=True)
class UnlockReport:
    """Whether a lock was released, and whose it was. ``released`` is false where nobody held it."""

    database: str
    released: bool
    held: LockReport


def lock_status(database: str | None = None, *, config: str | None = None, dev: bool = False) -> LockReport:
    """The migration lock of a database; writes and creates nothing. Raises ``ConnectionFailed``, ``DatabaseError``."""
    workspace = open_workspace(config, database, dev=dev)
    with workspace.connect(read_only=True) as conn:
        return _report(workspace.name, workspace.lock(conn).status())


def unlock(
    database: str | None = None, *, force: bool = False, config: str | None = None, dev: bool = False
) -> UnlockReport:
    """Release the migration lock of a process that is gone.

    Raises ``Refused`` while its holder lives, or may live, unless ``force``; a process that still runs then stops before
    its next change.
    """
    held = lock_status(database, config=config, dev=dev)
    if not held.active:
        return UnlockReport(held.database, False, held)
    workspace = open_workspace(config, database, dev=dev)
    with workspace.connect() as conn:
        released = lock.unlock(workspace.lock(conn), force=force)
    return UnlockReport(workspace.name, released, held)


def _report(database: str, found: LockStatus) -> LockReport:
    holder = found.holder
    return LockReport(
        database=database,
        active=found.active,
        host=holder.host or None if holder else None,
        pid=holder.pid or None if holder else None,
        user=holder.user or None if holder else None,
        command=holder.command or None if holder else None,
        acquired_at=found.acquired_at,
        age=found.age,
        silence=found.silence,
        verdict=found.liveness,
    )
