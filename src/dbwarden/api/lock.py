"""lock-status, unlock: shows the migration lock, and releases it by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dbwarden.core.dialect import Liveness
from dbwarden.core.store import LockStatus
from dbwarden.runtime import lock
from dbwarden.runtime.suspended_work import resume

from .workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class LockReport:
    """State of the migration lock: whether it is active, its holder, and whether the holder still runs (``liveness``).

    ``age`` and ``heartbeat_age`` (since the last heartbeat) are in seconds. Fields that the row does not have are ``None``: it
    may have been written by hand.
    """

    database: str
    active: bool
    host: str | None = None
    pid: int | None = None
    user: str | None = None
    command: str | None = None
    acquired_at: datetime | None = None
    age: float | None = None
    heartbeat_age: float | None = None
    liveness: Liveness | None = None
    kind: str = ""
    """What the lock is on this server: ``a row of the table dbwarden_lock``."""
    suspended: tuple[str, ...] = ()
    """Work of the server that a migration has suspended: ``merges of events``. Unless its process lives, it was interrupted."""


@dataclass(frozen=True, slots=True)
class UnlockReport:
    """Result of ``unlock``: whether a lock was released (false if none was active), and its state before. ``resumed`` is work of
    the server that goes on again."""

    database: str
    released: bool
    lock: LockReport
    resumed: tuple[str, ...] = ()


def lock_status(database: str | None = None, *, config: str | None = None, dev: bool = False) -> LockReport:
    """Read the migration lock of a database; writes and creates nothing. Raises ``ConnectionFailed``, ``DatabaseError``."""
    return workspace_lock_status(open_workspace(config, database, dev=dev))


def workspace_lock_status(workspace: Workspace) -> LockReport:
    """Read the migration lock of an open workspace. Raises as ``lock_status``."""
    with workspace.connect(read_only=True) as conn:
        store = workspace.lock(conn)
        report = replace(_report(workspace.label, store.status()), kind=store.kind())
        return replace(report, suspended=tuple(item.work for item in workspace.dialect.suspended_work(conn)))


def unlock(
    database: str | None = None, *, force: bool = False, config: str | None = None, dev: bool = False
) -> UnlockReport:
    """Release the migration lock of a process that is gone.

    Raises ``Refused`` if the holder is alive, or may be. With ``force`` the lock is released in any case: a holder that
    still runs stops before its next change. Work of the server that an interrupted migration has suspended goes on.
    """
    return unlock_workspace(open_workspace(config, database, dev=dev), force=force)


def unlock_workspace(workspace: Workspace, *, force: bool = False) -> UnlockReport:
    """Release the migration lock of an open workspace. Raises as ``unlock``."""
    before, resumed = workspace_lock_status(workspace), list[str]()
    if not before.active and not before.suspended:
        return UnlockReport(before.database, False, before)
    with workspace.connect() as conn:
        released = lock.unlock(
            workspace.lock(conn), force=force, before=lambda: resumed.extend(resume(conn, workspace.dialect))
        )
        if not released:
            resumed += resume(conn, workspace.dialect)
    return UnlockReport(workspace.label, released, before, tuple(resumed))


def _report(database: str, status: LockStatus) -> LockReport:
    holder = status.holder
    return LockReport(
        database=database,
        active=status.active,
        host=holder.host or None if holder else None,
        pid=holder.pid or None if holder else None,
        user=holder.user or None if holder else None,
        command=holder.command or None if holder else None,
        acquired_at=status.acquired_at,
        age=status.age,
        heartbeat_age=status.heartbeat_age,
        liveness=status.liveness,
    )
