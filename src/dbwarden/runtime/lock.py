"""Migration lock over any ``LockStore``: waiting, taking, taking over, heartbeat and release.

The row in the store decides; the native lock beside it only shows whether the holder still runs. The lock is taken on a
connection of its own. A run passes its token to every transaction (``append_if_held``), so that a run whose lock was taken
away cannot commit its next one.
"""

from __future__ import annotations

import getpass
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
"""Seconds that a last heartbeat, which may hang with its connection, is waited for."""
SILENCE = 60.0
"""Seconds without a heartbeat after which a holder of whom nothing else is known may be taken for gone by ``unlock``."""


@dataclass(frozen=True, slots=True)
class LockRequest:
    """Options of taking the lock."""

    command: str
    """Name of the command that takes the lock: ``migrate``."""
    wait: float = 10.0
    """Seconds."""
    recovery: str = "manual"
    """``auto`` takes over a lock whose holder is certainly gone."""
    on_wait: Callable[[LockStatus], None] | None = None
    """Called once, with the status of the lock that we wait for."""
    check: Callable[[], None] | None = None
    """Called while waiting; raises to give up (a signal)."""
    database: str | None = None
    """The name for ``-d`` in hints."""


@dataclass(frozen=True, slots=True)
class HeldLock:
    """The lock, held by this process."""

    token: str
    taken_over: Holder | None = None
    """The former holder, if the lock was taken over."""


def identity() -> str:
    """``user@host`` of this process: who applied a migration."""
    return f"{_user()}@{socket.gethostname()}"


def this_holder(command: str, session: str = "") -> Holder:
    """This process as the holder of a lock."""
    return Holder(socket.gethostname(), os.getpid(), _user(), command, session)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"


# -- in words -----------------------------------------------------------------------------------------------------


def describe(status: LockStatus) -> str:
    """``deploy@web-1 (pid 4711, migrate), for 12 s``."""
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
    """Hold the migration lock of one project; creates what is missing to keep it.

    Raises ``LockHeld`` after ``request.wait`` seconds.

    Released at the end, after errors too, except one that is ``in_doubt``: then it stays active, and
    ``status`` will say that its holder is gone.
    """
    store, process = open_store(), os.getpid()
    with ExitStack() as undo:
        undo.push(store.__exit__)
        lock = _wait(store, request)
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
                session.release()
    finally:
        if os.getpid() == process:
            session.store.close()


@dataclass(slots=True)
class _Session:
    """Connection that holds the lock.

    It is idle while files run, and some servers and firewalls close idle connections: then a new one replaces it.
    """

    open_store: Callable[[], LockStore]
    token: str
    store: LockStore

    ended: bool = False
    """Whether the holder is about to release the lock: a heartbeat does not replace the connection then."""
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

    def release(self) -> None:
        """Release the native lock, then the row: the next holder of the row can take the native lock at once."""
        with suppress(DatabaseError):  # the server is gone: the row stays, and the verdict will be "gone"
            try:
                self._release()
            except ConnectionLost:
                self._replace()
                self._release()

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


def _wait(store: LockStore, request: LockRequest) -> HeldLock:
    """Take the lock, waiting for it with growing pauses."""
    deadline, pause, reported = time.monotonic() + request.wait, 0.05, False
    while True:
        current, busy = LockStatus(False), False
        try:
            current = store.prepare()
            recoverable = request.recovery == "auto" and current.liveness is Liveness.GONE
            if current.earlier and (not current.active or recoverable):
                current = _upgraded(store, current)
            if not current.earlier and (not current.active or recoverable):
                token = _take(store, request, current)
                if token is not None:
                    return HeldLock(token, current.holder if current.active else None)
                continue
        except DatabaseBusy:  # SQLite: its file is being written; the holder cannot even be read
            busy = True
        if time.monotonic() >= deadline:
            raise _held(current, request) if current.active or not busy else _written(request)
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
    """Upgrade the layout of an earlier version and return the lock; a holder that is gone keeps it meanwhile."""
    try:
        store.upgrade(despite_holder=before.active)
    except LockTaken:  # by an earlier version, just now
        return store.prepare()
    return replace(store.prepare(), liveness=before.liveness)


def _take(store: LockStore, request: LockRequest, current: LockStatus) -> str | None:
    """Take the lock and return its token; None if another process was faster."""
    token, session = str(uuid4()), store.enter()
    holder = this_holder(request.command, session)
    if current.active:
        taken = store.take_over(holder, token, current.token)
    else:
        taken = store.take(holder, token)
    if not taken:
        _log.debug("another process was faster to take the migration lock")
        store.leave()
        return None
    if current.active:
        _log.warning("migration lock taken over from %s, who is gone", describe(current))
    else:
        _log.info("migration lock taken by %s@%s (pid %d, %s)", holder.user, holder.host, holder.pid, holder.command)
    for _ in range(5):
        if session or store.pooled:
            break
        # Somebody who tried at the same moment holds the native lock, and gives it back at once.
        time.sleep(0.02)
        store.leave()
        session = store.enter()
        if session:
            store.rename_session(token, session)
    return token


def _held(status: LockStatus, request: LockRequest) -> LockHeld:
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
        verdict=status.liveness,
    )


def _written(request: LockRequest) -> LockHeld:
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
            # A busy database, or one that is gone: what is recorded is guarded by the token, not by this.
            try:
                self._session.beat()
            except DatabaseError as error:
                _log.warning("no heartbeat of the migration lock: %s", error.failure.value)

    def stop(self) -> None:
        """End the thread, which returns the connection to the caller.

        A connection that hangs (a firewall may drop it without notice) is severed, and replaced at its next use.
        """
        self._session.ended = True
        self._stop.set()
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            severed = self._session.store.sever()
            self._thread.join(PATIENCE if severed else None)


# -- releasing by hand --------------------------------------------------------------------------------------------


def unlock(store: LockStore, *, force: bool = False) -> bool:
    """Release the lock of a holder that is gone; return False if nobody holds it.

    Raises ``Refused`` while the holder is alive, or may be (nothing is known of it, but its last heartbeat is younger than
    ``SILENCE``), unless ``force``. A ``migrate`` that still runs then stops before its next change.
    """
    status = store.status()
    if not status.active:
        return False
    quiet = status.silence is None or status.silence >= SILENCE
    if not force and (status.liveness is Liveness.ALIVE or (status.liveness is Liveness.UNKNOWN and not quiet)):
        state = "is alive" if status.liveness is Liveness.ALIVE else f"was there {status.silence:.0f} s ago"
        raise Refused(
            f"The migration lock is not released: its holder {state}: {describe(status)}",
            hint="Stop it first, or release the lock all the same with `--force`.",
            holder=status.holder,
            verdict=status.liveness,
        )
    released = store.release(status.token, earlier=status.earlier)
    if released:
        _log.warning("migration lock of %s released by hand", describe(status))
    return released
