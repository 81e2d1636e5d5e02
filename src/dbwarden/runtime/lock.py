"""The migration lock: one row is the truth; the dialect's native lock only tells whether its holder still lives.

The row is taken by one atomic UPDATE that is committed at once, on a connection of its own. Who migrates carries the row's
token into every transaction (``history.append``), so that a lock that was taken away stops the next one from committing.
"""

from __future__ import annotations

import getpass
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from dbwarden.core.dialect import Connection, Dialect, Holder, Locker, Verdict
from dbwarden.core.tables import LOCK, OWNER, UNCLAIMED, OwnTables
from dbwarden.errors import ConnectionLost, DatabaseBusy, DatabaseError, DBWardenError, LockHeld, Refused

from .history import LockTaken, either, ensure_row, ensure_tables
from .rows import Check, check, is_flag, is_optional_flag, is_optional_moment, is_optional_text, is_process, moment

HEARTBEAT = 10.0
"""Seconds between two heartbeats of a holder."""
PATIENCE = 3.5
"""Seconds that a last heartbeat, which may hang with its connection, is waited for."""
SILENCE = 60.0
"""Seconds without a heartbeat after which a holder of whom nothing else is known may be taken for gone by ``unlock``."""


@dataclass(frozen=True, slots=True)
class Claim:
    """How to take the lock."""

    command: str
    """What people see: ``migrate``."""
    wait: float = 10.0
    """Seconds."""
    recovery: str = "manual"
    """``auto`` takes over a lock whose holder is certainly gone."""
    on_wait: Callable[[LockStatus], None] | None = None
    """Told once, for whom we wait."""
    check: Callable[[], None] | None = None
    """Called while waiting; raises to give up (a signal)."""
    database: str | None = None
    """The name for ``-d`` in hints."""


@dataclass(frozen=True, slots=True)
class HeldLock:
    """The lock, held by this process."""

    token: str
    taken_over: Holder | None = None
    """From whom, where its holder was gone."""


@dataclass(frozen=True, slots=True)
class LockStatus:
    """The lock as anyone sees it; without a lock table it is not active."""

    active: bool
    holder: Holder | None = None
    acquired_at: datetime | None = None
    age: float | None = None
    """Seconds since it was taken, by the server's clock."""
    silence: float | None = None
    """Seconds since the holder's last heartbeat."""
    verdict: Verdict | None = None
    token: str = ""
    earlier: bool = False
    """Whether the table is that of an earlier version, with one row for everybody."""


def identity() -> str:
    """``user@host`` of this process: who applied a migration."""
    return f"{_user()}@{socket.gethostname()}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"


# -- looking ------------------------------------------------------------------------------------------------------

_COLUMNS = "locked, acquired_at, host, pid, holder_user, command, session, heartbeat, token, CURRENT_TIMESTAMP"


_CHECKS: tuple[Check, ...] = (
    is_flag, is_optional_moment, is_optional_text, is_process, is_optional_text, is_optional_text, is_optional_text,
    is_optional_moment, is_optional_text,
)  # fmt: skip
"""What each of ``_COLUMNS`` holds."""


def _rows(conn: Connection, tables: OwnTables) -> Any:
    """The row of our lock, of an earlier version's table its only one; None where there is no table."""
    row = f"SELECT {_COLUMNS}, {OWNER} FROM {tables.lock} WHERE {OWNER} = :owner"
    earlier = f"SELECT {_COLUMNS}, '{UNCLAIMED}' FROM {tables.lock} WHERE id = 1"
    return either(conn, (row, earlier), tables, LOCK)


def _locker(conn: Connection, dialect: Dialect, tables: OwnTables, owner: str) -> Locker:
    """The native lock beside a row; all projects of earlier versions had the same one."""
    return dialect.locker(conn, LOCK if owner == UNCLAIMED else tables.key)


def status(conn: Connection, dialect: Dialect, tables: OwnTables) -> LockStatus:
    """Who holds the lock, since when, and whether they live. Only reads."""
    rows = _rows(conn, tables)
    return _status(rows[0], _locker(conn, dialect, tables, rows[0][-1])) if rows else LockStatus(False)


def _status(row: tuple[Any, ...], locker: Locker) -> LockStatus:
    locked, acquired_at, host, pid, user, command, session, heartbeat, token, now, owner = row
    # Whatever else Python takes for false is not FALSE to the statement that takes the lock.
    check(LOCK, ("locked",), (is_optional_flag,), row)
    if not locked:
        return LockStatus(False, earlier=owner == UNCLAIMED)
    check(LOCK, _COLUMNS.split(", "), _CHECKS, row)
    holder = Holder(host or "", pid or 0, user or "", command or "", session or "")
    return LockStatus(
        active=True,
        holder=holder,
        acquired_at=moment(acquired_at) if acquired_at else None,
        age=_between(acquired_at, now),
        silence=_between(heartbeat or acquired_at, now),
        verdict=locker.verdict(holder) if session else Verdict.UNKNOWN,
        token=token or "",
        earlier=owner == UNCLAIMED,
    )


def _between(then: Any, now: Any) -> float | None:
    return max(0.0, (moment(now) - moment(then)).total_seconds()) if then else None


def describe(found: LockStatus) -> str:
    """``deploy@web-1 (pid 4711, migrate), for 12 s``."""
    if not found.active:
        return "another program, which is writing to the database"
    holder = found.holder
    if holder is None or not (holder.host or holder.user):
        return "an unknown holder"
    who = f"{holder.user}@{holder.host} (pid {holder.pid}, {holder.command})"
    return who if found.age is None else f"{who}, for {_duration(found.age)}"


def _duration(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


# -- taking -------------------------------------------------------------------------------------------------------

_SET = (
    "locked = TRUE, acquired_at = CURRENT_TIMESTAMP, release_at = NULL, host = :host, pid = :pid, holder_user = :user,"
    " command = :command, session = :session, heartbeat = CURRENT_TIMESTAMP, token = :token"
)
_MINE = f"WHERE {OWNER} = :owner"
_TAKE = f"SET {_SET} {_MINE} AND (locked = FALSE OR locked IS NULL)"
_TAKE_OVER = f"SET {_SET} {_MINE} AND locked AND COALESCE(token, '') = :old"
_SESSION = "SET session = :session WHERE locked AND token = :token"
_RELEASE = (
    "SET locked = FALSE, release_at = CURRENT_TIMESTAMP, token = NULL {} AND locked AND COALESCE(token, '') = :token"
)
_BEAT = "SET heartbeat = CURRENT_TIMESTAMP WHERE locked AND token = :token"


def _update(conn: Connection, tables: OwnTables, what: str, values: Mapping[str, Any]) -> bool:
    with conn.transaction():  # which has our time limits, behind a pooler too
        return conn.execute(f"UPDATE {tables.lock} {what}", values) > 0


@contextmanager
def acquire(connect: Callable[[], Connection], dialect: Dialect, tables: OwnTables, claim: Claim) -> Iterator[HeldLock]:
    """Hold the migration lock of one project; makes our tables where they are missing.

    Raises ``LockHeld`` after ``claim.wait`` seconds.

    Released at the end, after errors too, except one whose ``data`` says ``in_doubt``: then it stays active, and
    ``status`` will say that its holder is gone.
    """
    conn, process = connect(), os.getpid()
    with ExitStack() as undo:
        undo.push(conn.__exit__)
        locker = _locker(conn, dialect, tables, tables.owner)
        held = _wait(conn, dialect, tables, locker, claim)
        undo.pop_all()
    session = _Session(connect, dialect, tables, held.token, conn, locker)
    try:
        beating = _Heartbeat(session)
        release = True
        try:
            yield held
        except DBWardenError as error:
            release = not error.data.get("in_doubt")
            raise
        finally:
            beating.stop()
            if release and os.getpid() == process:
                session.release()
    finally:
        if os.getpid() == process:
            session.conn.close()


@dataclass(slots=True)
class _Session:
    """The connection that holds the lock. It idles while files run, and what idles is cut by some servers and firewalls:
    then another one takes its place."""

    connect: Callable[[], Connection]
    dialect: Dialect
    tables: OwnTables
    token: str
    conn: Connection
    locker: Locker

    ended: bool = False
    """Whether the holder is about to release the lock: then a heartbeat leaves the connection alone."""

    def beat(self) -> None:
        """Say that the holder lives."""
        try:
            _update(self.conn, self.tables, _BEAT, {"token": self.token})
        except ConnectionLost:
            if not self.ended:
                self._replace()

    def release(self) -> None:
        """First the native lock, then the row: who takes the row next finds the native lock free."""
        with suppress(DatabaseError):  # the server is gone: the row stays, and the verdict will be "gone"
            try:
                self._release()
            except ConnectionLost:
                self._replace()
                self._release()

    def _release(self) -> None:
        self.locker.leave()
        _release(self.conn, self.tables, self.token)

    def _replace(self) -> None:
        self.conn.close()
        self.conn = self.connect()
        self.locker = _locker(self.conn, self.dialect, self.tables, self.tables.owner)
        values = {"session": self.locker.enter(), "token": self.token}
        if not _update(self.conn, self.tables, _SESSION, values):
            self.locker.leave()  # somebody has taken the lock away


def _release(conn: Connection, tables: OwnTables, token: str, earlier: bool = False) -> bool:
    mine = "WHERE id = 1" if earlier else _MINE
    values = {"token": token} if earlier else {"token": token, "owner": tables.owner}
    return _update(conn, tables, _RELEASE.format(mine), values)


def _wait(conn: Connection, dialect: Dialect, tables: OwnTables, locker: Locker, claim: Claim) -> HeldLock:
    """Take the row, waiting for it with growing pauses."""
    deadline, pause, told = time.monotonic() + claim.wait, 0.05, False
    while True:
        found, busy = LockStatus(False), False
        try:
            found = _look(conn, dialect, tables)
            recoverable = claim.recovery == "auto" and found.verdict is Verdict.GONE
            if found.earlier and (not found.active or recoverable):
                found = _brought_up_to_date(conn, dialect, tables, found)
            if not found.earlier and (not found.active or recoverable):
                token = _take(conn, tables, locker, claim, found)
                if token is not None:
                    return HeldLock(token, found.holder if found.active else None)
                continue
        except DatabaseBusy:  # SQLite: its file is being written; the holder cannot even be read
            busy = True
        if time.monotonic() >= deadline:
            raise _held(found, claim) if found.active or not busy else _written(claim)
        if claim.on_wait is not None and not told:
            told = True
            claim.on_wait(found)
        if claim.check is not None:
            claim.check()
        time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        pause = min(pause * 1.5, 1.0)


def _look(conn: Connection, dialect: Dialect, tables: OwnTables) -> LockStatus:
    """The lock as it stands; makes the tables and the row where they are missing."""
    rows = _rows(conn, tables)
    if rows is None:
        ensure_tables(conn, dialect, tables)
        rows = _rows(conn, tables)
    if not rows:
        ensure_row(conn, tables)
        rows = _rows(conn, tables)
    return _status(rows[0], _locker(conn, dialect, tables, rows[0][-1]))


def _brought_up_to_date(conn: Connection, dialect: Dialect, tables: OwnTables, found: LockStatus) -> LockStatus:
    """The lock after the tables of an earlier version got their new column; whose holder is gone keeps it meanwhile."""
    try:
        ensure_tables(conn, dialect, tables, despite_holder=found.active)
    except LockTaken:  # by an earlier version, just now
        return _look(conn, dialect, tables)
    return replace(_look(conn, dialect, tables), verdict=found.verdict)


def _take(conn: Connection, tables: OwnTables, locker: Locker, claim: Claim, found: LockStatus) -> str | None:
    """The token, or None where another process was faster."""
    token = str(uuid4())
    session = locker.enter()
    values: Mapping[str, Any] = {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "user": _user(),
        "command": claim.command,
        "session": session,
        "token": token,
        "owner": tables.owner,
    }
    if found.active:
        taken = _update(conn, tables, _TAKE_OVER, {**values, "old": found.token})
    else:
        taken = _update(conn, tables, _TAKE, values)
    if not taken:
        locker.leave()
        return None
    for _ in range(5):
        if session or conn.pooled:
            break
        # Somebody who tried at the same moment holds the native lock, and gives it back at once.
        time.sleep(0.02)
        locker.leave()
        session = locker.enter()
        if session:
            _update(conn, tables, _SESSION, {"session": session, "token": token})
    return token


def _held(found: LockStatus, claim: Claim) -> LockHeld:
    option = f" -d {claim.database}" if claim.database else ""
    look = f"`dbwarden lock-status{option}`"
    if found.verdict is Verdict.GONE:
        state, hint = (
            "who is gone",
            f"Look with {look} and at the database, then release it: `dbwarden unlock{option}`.",
        )
    elif found.verdict is Verdict.ALIVE:
        state, hint = "who is alive", f"Wait for it, with a longer --lock-wait if need be; {look} shows how it stands."
    else:
        state, hint = "of whom nothing is known", f"{look} shows how it stands."
    return LockHeld(
        f"The migration lock is held by {describe(found)}, {state}",
        hint=hint,
        holder=found.holder,
        age=found.age,
        verdict=found.verdict,
    )


def _written(claim: Claim) -> LockHeld:
    return LockHeld(
        "The migration lock could not be taken: another program is writing to the database, or has not ended its transaction",
        hint=f"Try again later, or wait longer than {claim.wait:g} s with --lock-wait.",
    )


class _Heartbeat:
    """Says every ten seconds that the holder lives, on the lock's connection, which is idle meanwhile."""

    def __init__(self, session: _Session) -> None:
        self._session = session
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dbwarden-heartbeat", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(HEARTBEAT):
            # A busy database, or one that is gone: what is recorded is guarded by the token, not by this.
            with suppress(DatabaseError):
                self._session.beat()

    def stop(self) -> None:
        """End the thread; the connection is the caller's again. One that hangs (a firewall may forget about it in silence)
        is severed, and replaced by whoever uses it next."""
        self._session.ended = True
        self._stop.set()
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            severed = self._session.conn.sever()
            self._thread.join(PATIENCE if severed else None)


def other_holders(conn: Connection, tables: OwnTables) -> tuple[str, ...]:
    """The other projects that have a lock of their own in the same database."""
    rows = conn.query(f"SELECT {OWNER} FROM {tables.lock} WHERE {OWNER} <> :owner", {"owner": tables.owner})
    return tuple(sorted(row[0] for row in rows))


# -- releasing by hand --------------------------------------------------------------------------------------------


def unlock(conn: Connection, dialect: Dialect, tables: OwnTables, force: bool = False) -> bool:
    """Release the lock of a holder that is gone; False where nobody holds it.

    Raises ``Refused`` while the holder is alive, or may be (nothing is known of it, but its last heartbeat is younger than
    ``SILENCE``), unless ``force``. A ``migrate`` that still runs then stops before its next change.
    """
    found = status(conn, dialect, tables)
    if not found.active:
        return False
    quiet = found.silence is None or found.silence >= SILENCE
    if not force and (found.verdict is Verdict.ALIVE or (found.verdict is Verdict.UNKNOWN and not quiet)):
        state = "is alive" if found.verdict is Verdict.ALIVE else f"was there {found.silence:.0f} s ago"
        raise Refused(
            f"The migration lock is not released: its holder {state}: {describe(found)}",
            hint="Stop it first, or release the lock all the same with `--force`.",
            holder=found.holder,
            verdict=found.verdict,
        )
    return _release(conn, tables, found.token, found.earlier)
