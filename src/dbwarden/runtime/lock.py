"""Migration lock over any ``LockStore``: waiting, taking, taking over, heartbeat and release.

The lock has two parts. The *row* decides who holds it. The *native lock* of the holder's session (PostgreSQL: an
advisory lock; SQLite: the identity of the process) decides nothing: it shows others whether the holder is still alive.

How a command holds the lock (``acquire``):

1. ``_wait`` reads the row on a connection of its own, and again after growing pauses, until the row is free or
   ``request.wait`` is over. With ``recovery="auto"``, a row whose holder is gone counts as free.
2. ``_take`` takes the native lock without waiting, then the row in one atomic statement, with a new token. If another
   process was faster, it releases the native lock, and step 1 goes on. If the answer is lost with the connection, the row
   is released by its token on another one.
3. A thread writes a heartbeat every ten seconds on the lock's connection, which is idle otherwise. If that connection
   breaks, a new one takes the native lock and writes its session into the row.
4. Each transaction of the command checks the token (``append_if_held``): if the lock was taken away, it cannot commit.
5. At the end the native lock is released first, then the row: whoever takes the row next can take the native lock at
   once. After an error that is ``in_doubt`` the row stays, for a person to look at the database first.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from uuid import uuid4

from dbwarden.core.dialect import Holder, Liveness
from dbwarden.core.store import LockStatus, LockStore, LockTaken
from dbwarden.errors import ConnectionLost, DatabaseBusy, DatabaseError, DBWardenError, LockHeld, Refused

_log = logging.getLogger(__name__)

HEARTBEAT = 10.0
"""Seconds between two heartbeats of a holder."""
PATIENCE = 3.5
"""Seconds to wait, at the end, for a heartbeat that may hang with its connection."""
SILENCE = 60.0
"""Seconds without a heartbeat after which ``unlock`` may release the lock of a holder of unknown liveness."""


@dataclass(frozen=True, slots=True)
class LockRequest:
    """Options for taking the lock."""

    command: str
    """Command that takes the lock, such as ``migrate``."""
    wait: float = 10.0
    """Seconds to wait for it."""
    recovery: str = "manual"
    """``auto`` takes over a lock whose holder is certainly gone."""
    on_wait: Callable[[LockStatus], None] | None = None
    """Called once with the lock's status, if we have to wait."""
    check: Callable[[], None] | None = None
    """Called between two attempts; an error that it raises (for a signal) ends the wait."""
    database: str | None = None
    """Database name for the ``-d`` option in hints; None leaves the option out."""
    on_unreleased: Callable[[DatabaseError], None] | None = None
    """Called at the end with the reason, if the lock could not be released."""


@dataclass(frozen=True, slots=True)
class HeldLock:
    """The lock, held by this process."""

    token: str
    taken_over: Holder | None = None
    """The former holder, if the lock was taken over."""


def identity() -> str:
    """``user@host`` of this process, which history records as who applied a migration."""
    return f"{_user()}@{socket.gethostname()}"


def this_holder(command: str, session: str = "") -> Holder:
    """This process as the holder of a lock."""
    return Holder(socket.gethostname(), os.getpid(), _user(), command, session)


def _user() -> str:
    try:
        import getpass  # deferred: only who takes the lock needs it, and it imports terminals

        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"


# -- in words -----------------------------------------------------------------------------------------------------


def describe(status: LockStatus) -> str:
    """Describe the holder: ``deploy@web-1 (pid 4711, migrate), for 12 s``."""
    if not status.active:
        return "another program, which is writing to the database"
    holder = status.holder
    if holder is None or not (holder.host or holder.user):
        return "an unknown holder"
    who = f"{holder.user}@{holder.host} (pid {holder.pid}, {holder.command})"
    return who if status.age is None else f"{who}, for {_duration(status.age)}"


def _duration(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


# -- taking -------------------------------------------------------------------------------------------------------


@contextmanager
def acquire(open_store: Callable[[], LockStore], request: LockRequest) -> Iterator[HeldLock]:
    """Hold the migration lock of one project; creates our tables if they are missing.

    The lock is released at the end, also after errors. Only an error that is ``in_doubt`` leaves it active, with a
    holder that ``lock-status`` shows as gone. Raises ``LockHeld`` after ``request.wait`` seconds.
    """
    store, process, token = open_store(), os.getpid(), str(uuid4())
    with ExitStack() as undo:
        undo.push(store.__exit__)
        try:
            lock = _wait(store, request, token)
        except ConnectionLost:
            _release_unanswered(open_store, token)
            raise
        undo.pop_all()
    session = _Session(open_store, lock.token, store)
    try:
        beating = _Heartbeat(session)
        release = True
        try:
            yield lock
        except DBWardenError as error:
            release = not error.in_doubt
            raise
        finally:
            beating.stop()
            if release and os.getpid() == process:
                failure = session.release()
                if failure is not None and request.on_unreleased is not None:
                    request.on_unreleased(failure)
    finally:
        if os.getpid() == process:
            session.store.close()


@dataclass(slots=True)
class _Session:
    """Connection that holds the lock. Some servers and firewalls close idle connections: then a new one replaces it."""

    open_store: Callable[[], LockStore]
    token: str
    store: LockStore

    ended: bool = False
    """Whether the holder is about to release the lock, so that a heartbeat no longer replaces a lost connection."""
    lost: bool = False
    """Whether a heartbeat has noticed that we no longer hold the lock."""

    def beat(self) -> None:
        """Write a heartbeat."""
        try:
            if not self.store.beat(self.token) and not self.lost:
                self.lost = True
                _log.warning("the migration lock was released by somebody else; the run stops before its next change")
        except ConnectionLost:
            if not self.ended:
                self._replace()

    def release(self) -> DatabaseError | None:
        """Release the native lock, then the row: the next holder of the row can take the native lock at once.

        Return the error if the server is gone: the row stays then, with a holder that will count as gone.
        """
        try:
            try:
                self._release()
            except ConnectionLost:
                self._replace()
                self._release()
        except DatabaseError as error:
            _log.warning("migration lock not released: %s", error.failure.value)
            return error
        return None

    def _release(self) -> None:
        self.store.leave()
        if self.store.release(self.token):
            _log.info("migration lock released")
        else:
            _log.warning("migration lock not released: it is held by somebody else, or by nobody")

    def _replace(self) -> None:
        _log.warning("the connection that holds the migration lock broke; another one takes its place")
        self.store.close()
        self.store = self.open_store()
        if not self.store.rename_session(self.token, self.store.enter()):
            self.store.leave()  # somebody has taken the lock away


def _release_unanswered(open_store: Callable[[], LockStore], token: str) -> None:
    """Release the lock that we may have taken without getting the answer. If the server is gone, a lock that it has recorded
    stays, with a holder that will count as gone."""
    with suppress(DatabaseError):
        store = open_store()
        try:
            store.release(token)
        finally:
            store.close()


def _wait(store: LockStore, request: LockRequest, token: str) -> HeldLock:
    """Wait for the lock with growing pauses, and take it. Raises ``LockHeld``."""
    deadline, pause, reported = time.monotonic() + request.wait, 0.05, False
    while True:
        current, busy = LockStatus(False), False
        try:
            current = store.prepare()
            recoverable = request.recovery == "auto" and current.liveness is Liveness.GONE
            if current.earlier and (not current.active or recoverable):
                current = _upgraded(store, current)
            if not current.earlier and (not current.active or recoverable):
                if _take(store, request, current, token):
                    return HeldLock(token, current.holder if current.active else None)
                continue
        except DatabaseBusy:  # SQLite: its file is being written; the holder cannot even be read
            busy = True
        if time.monotonic() >= deadline:
            raise _lock_held_error(current, request) if current.active or not busy else _busy_error(request)
        if not reported:
            reported = True
            _log.info("waiting up to %g s for the migration lock, which is held by %s", request.wait, describe(current))
            if request.on_wait is not None:
                request.on_wait(current)
        if request.check is not None:
            request.check()
        time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        pause = min(pause * 1.5, 1.0)


def _upgraded(store: LockStore, before: LockStatus) -> LockStatus:
    """Bring the layout of an earlier version up to date and read the lock again. A holder that is gone stays in the row
    until ``_take`` takes over."""
    try:
        store.upgrade(despite_holder=before.active)
    except LockTaken:  # a process of an earlier version has just taken it
        return store.prepare()
    return replace(store.prepare(), liveness=before.liveness)


def _take(store: LockStore, request: LockRequest, current: LockStatus, token: str) -> bool:
    """Take the lock, free or of a holder that is gone; False if another process was faster."""
    session = store.enter()
    holder = this_holder(request.command, session)
    if current.active:
        taken = store.take_over(holder, token, current.token)
    else:
        taken = store.take(holder, token)
    if not taken:
        _log.debug("another process was faster to take the migration lock")
        store.leave()
        return False
    if current.active:
        _log.warning("migration lock taken over from %s, who is gone", describe(current))
    else:
        words = (holder.user, holder.host, holder.pid, holder.command)
        fields = {"database": request.database, "command": holder.command}
        _log.info("migration lock taken by %s@%s (pid %d, %s)", *words, extra=fields)
    for _ in range(5):
        if session or store.pooled:
            break
        # A process that tried at the same moment still has the native lock, and is about to release it.
        time.sleep(0.02)
        store.leave()
        session = store.enter()
        if session:
            store.rename_session(token, session)
    return True


def _lock_held_error(status: LockStatus, request: LockRequest) -> LockHeld:
    option = f" -d {request.database}" if request.database else ""
    look = f"`dbwarden lock-status{option}`"
    if status.liveness is Liveness.GONE:
        state, hint = (
            "who is gone",
            f"Look with {look} and at the database, then release it: `dbwarden unlock{option}`.",
        )
    elif status.liveness is Liveness.ALIVE:
        state, hint = "who is alive", f"Wait for it, with a longer --lock-wait if need be; {look} shows how it stands."
    else:
        state, hint = "of whom nothing is known", f"{look} shows how it stands."
    return LockHeld(
        f"The migration lock is held by {describe(status)}, {state}",
        hint=hint,
        holder=status.holder,
        age=status.age,
        liveness=status.liveness,
    )


def _busy_error(request: LockRequest) -> LockHeld:
    return LockHeld(
        "The migration lock could not be taken: another program is writing to the database, or has not ended its transaction",
        hint=f"Try again later, or wait longer than {request.wait:g} s with --lock-wait.",
    )


class _Heartbeat:
    """Thread that writes a heartbeat every ten seconds on the lock's connection, which is idle otherwise."""

    def __init__(self, session: _Session) -> None:
        self._session = session
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dbwarden-heartbeat", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(HEARTBEAT):
            # A missed heartbeat (the database is busy, or gone) does no harm: the token guards what is recorded.
            try:
                self._session.beat()
            except DatabaseError as error:
                _log.warning("no heartbeat of the migration lock: %s", error.failure.value)

    def stop(self) -> None:
        """End the thread; afterwards the caller may use the connection.

        If the connection hangs (a firewall may drop it without notice), it is severed, and replaced at its next use.
        """
        self._session.ended = True
        self._stop.set()
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            severed = self._session.store.sever()
            self._thread.join(PATIENCE if severed else None)


# -- releasing by hand --------------------------------------------------------------------------------------------


def unlock(store: LockStore, *, force: bool = False, before: Callable[[], object] = lambda: None) -> bool:
    """Release the lock of a holder that is gone; return False if nobody holds it. ``before`` is called before the release,
    while nobody else can get the lock.

    Raises ``Refused`` for a holder that is alive, and for one of unknown liveness whose last heartbeat is younger than
    ``SILENCE``. With ``force`` the lock is released in any case: a ``migrate`` that still runs stops before its next
    change.
    """
    status = store.status()
    if not status.active:
        return False
    quiet = status.heartbeat_age is None or status.heartbeat_age >= SILENCE
    if not force and (status.liveness is Liveness.ALIVE or (status.liveness is Liveness.UNKNOWN and not quiet)):
        state = "is alive" if status.liveness is Liveness.ALIVE else f"was there {status.heartbeat_age:.0f} s ago"
        raise Refused(
            f"The migration lock is not released: its holder {state}: {describe(status)}",
            hint="Stop it first, or release the lock all the same with `--force`.",
            holder=status.holder,
            liveness=status.liveness,
        )
    before()
    released = store.release(status.token, earlier=status.earlier)
    if released:
        _log.warning("migration lock of %s released by hand", describe(status))
    return released
