"""The migration lock: how it is waited for, taken, taken over, kept alive and released, over any ``LockStore``.

What the store keeps is the truth; the native lock beside it only tells whether the holder still lives. The lock is taken on a
connection of its own. Who migrates carries its token into every transaction (``append_if_held``), so that a lock that was taken
away stops the next one from committing.
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


@contextmanager
def acquire(open_store: Callable[[], LockStore], claim: Claim) -> Iterator[HeldLock]:
    """Hold the migration lock of one project; creates what is missing to keep it.

    Raises ``LockHeld`` after ``claim.wait`` seconds.

    Released at the end, after errors too, except one that is ``in_doubt``: then it stays active, and
    ``status`` will say that its holder is gone.
    """
    store, process = open_store(), os.getpid()
    with ExitStack() as undo:
        undo.push(store.__exit__)
        held = _wait(store, claim)
        undo.pop_all()
    session = _Session(open_store, held.token, store)
    try:
        beating = _Heartbeat(session)
        release = True
        try:
            yield held
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
    """The connection that holds the lock. It idles while files run, and what idles is cut by some servers and firewalls:
    then another one takes its place."""

    open_store: Callable[[], LockStore]
    token: str
    store: LockStore

    ended: bool = False
    """Whether the holder is about to release the lock: then a heartbeat leaves the connection alone."""
    lost: bool = False
    """Whether a heartbeat has noticed that the lock is somebody else's, or nobody's."""

    def beat(self) -> None:
        """Note that the holder lives."""
        try:
            if not self.store.beat(self.token) and not self.lost:
                self.lost = True
                _log.warning("the migration lock was released by somebody else; the run stops before its next change")
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


def _wait(store: LockStore, claim: Claim) -> HeldLock:
    """Take the lock, waiting for it with growing pauses."""
    deadline, pause, told = time.monotonic() + claim.wait, 0.05, False
    while True:
        current, busy = LockStatus(False), False
        try:
            current = store.prepare()
            recoverable = claim.recovery == "auto" and current.liveness is Liveness.GONE
            if current.earlier and (not current.active or recoverable):
                current = _upgraded(store, current)
            if not current.earlier and (not current.active or recoverable):
                token = _take(store, claim, current)
                if token is not None:
                    return HeldLock(token, current.holder if current.active else None)
                continue
        except DatabaseBusy:  # SQLite: its file is being written; the holder cannot even be read
            busy = True
        if time.monotonic() >= deadline:
            raise _held(current, claim) if current.active or not busy else _written(claim)
        if not told:
            told = True
            _log.info("waiting up to %g s for the migration lock, which is held by %s", claim.wait, describe(current))
            if claim.on_wait is not None:
                claim.on_wait(current)
        if claim.check is not None:
            claim.check()
        time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        pause = min(pause * 1.5, 1.0)


def _upgraded(store: LockStore, before: LockStatus) -> LockStatus:
    """The lock after the layout of an earlier version was brought up to date; whose holder is gone keeps it meanwhile."""
    try:
        store.upgrade(despite_holder=before.active)
    except LockTaken:  # by an earlier version, just now
        return store.prepare()
    return replace(store.prepare(), liveness=before.liveness)


def _take(store: LockStore, claim: Claim, current: LockStatus) -> str | None:
    """The token, or None where another process was faster."""
    token, session = str(uuid4()), store.enter()
    holder = this_holder(claim.command, session)
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


def _held(found: LockStatus, claim: Claim) -> LockHeld:
    option = f" -d {claim.database}" if claim.database else ""
    look = f"`dbwarden lock-status{option}`"
    if found.liveness is Liveness.GONE:
        state, hint = (
            "who is gone",
            f"Look with {look} and at the database, then release it: `dbwarden unlock{option}`.",
        )
    elif found.liveness is Liveness.ALIVE:
        state, hint = "who is alive", f"Wait for it, with a longer --lock-wait if need be; {look} shows how it stands."
    else:
        state, hint = "of whom nothing is known", f"{look} shows how it stands."
    return LockHeld(
        f"The migration lock is held by {describe(found)}, {state}",
        hint=hint,
        holder=found.holder,
        age=found.age,
        verdict=found.liveness,
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
            try:
                self._session.beat()
            except DatabaseError as error:
                _log.warning("no heartbeat of the migration lock: %s", error.failure.value)

    def stop(self) -> None:
        """End the thread; the connection is the caller's again. One that hangs (a firewall may forget about it in silence)
        is severed, and replaced by whoever uses it next."""
        self._session.ended = True
        self._stop.set()
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            severed = self._session.store.sever()
            self._thread.join(PATIENCE if severed else None)


# -- releasing by hand --------------------------------------------------------------------------------------------


def unlock(store: LockStore, *, force: bool = False) -> bool:
    """Release the lock of a holder that is gone; False where nobody holds it.

    Raises ``Refused`` while the holder is alive, or may be (nothing is known of it, but its last heartbeat is younger than
    ``SILENCE``), unless ``force``. A ``migrate`` that still runs then stops before its next change.
    """
    found = store.status()
    if not found.active:
        return False
    quiet = found.silence is None or found.silence >= SILENCE
    if not force and (found.liveness is Liveness.ALIVE or (found.liveness is Liveness.UNKNOWN and not quiet)):
        state = "is alive" if found.liveness is Liveness.ALIVE else f"was there {found.silence:.0f} s ago"
        raise Refused(
            f"The migration lock is not released: its holder {state}: {describe(found)}",
            hint="Stop it first, or release the lock all the same with `--force`.",
            holder=found.holder,
            verdict=found.liveness,
        )
    released = store.release(found.token, earlier=found.earlier)
    if released:
        _log.warning("migration lock of %s released by hand", describe(found))
    return released
