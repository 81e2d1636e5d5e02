"""SIGINT and SIGTERM while migrations run: the current statement is cancelled or finished, then the run records its state.

Three threads take part, because some drivers do not return to Python, which runs signal handlers, before a statement has
ended:

1. The handler (main thread) remembers the signal and waits until the statement was cancelled.
2. ``cancel_until_handled`` (the thread of ``listening``) cancels the statement, again and again until the handler has run.
3. ``_give_up_in_time`` severs all connections if the server has not answered for ``GRACE`` seconds.

The signal is raised only by ``check``, between two statements, so that none is cut off and the journal stays true. A second
signal severs the connections; if there are none left, it ends the program.

Several runs at once in threads of their own (``interruptible_threads``) share one signal. Nobody waits for them in the handler:
each stops behind its statement, and one that still runs after ``GRACE_OF_THREADS`` seconds is cancelled.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dbwarden.errors import ConnectionFailed, ConnectionLost, DatabaseError, Interrupted, StatementCancelled, Terminated

from .connection import DatabaseConnection
from .signals import SIGNALS, SILENT, TICK, listening
from .sockets import CONNECTIONS

PATIENCE = 0.1
"""Seconds between two attempts to cancel while the handler has not run."""
CANCELLING = 1.5
"""Seconds that the handler waits for the first attempt to cancel."""
GRACE_OF_THREADS = 1.0
"""Seconds in which a statement of one of several threads may end by itself before it is cancelled."""
GRACE = 3.5
"""Seconds that a server has to answer after a signal, before its connections are severed."""

_IN_FLIGHT = "What was under way is finished or undone by the server, and the next run finds out"
_WHEN_BACK = (
    "When the server can be reached again: `dbwarden status` tells what is applied, `dbwarden lock-status` whether the"
    " lock is still held, and `dbwarden unlock` releases it."
)


class Interruption:
    """Record of the signal that came, if any."""

    def __init__(self) -> None:
        self.conn: DatabaseConnection | None = None
        """Connection whose running statement a signal cancels."""
        self._signal: signal.Signals | None = None
        self._since = 0.0
        self._cancelled = threading.Event()
        self._over = threading.Event()
        self._listening = False

    def join(self, other: Interruption) -> None:
        """Share the signal of ``other``, which may have come already."""
        self._signal = other._signal

    @property
    def received(self) -> bool:
        return self._signal is not None

    @property
    def name(self) -> str:
        """Name of the signal (``SIGINT``); empty if none came."""
        return self._signal.name if self._signal is not None else ""

    @property
    def severed(self) -> bool:
        """Whether the connections were severed, because the server did not answer after the signal."""
        return self.received and CONNECTIONS.given_up

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Remember the signal and wait until the running statement was cancelled. A second signal severs the connections,
        or raises ``KeyboardInterrupt`` if that happened already."""
        if self._signal is not None:
            if not CONNECTIONS.given_up and CONNECTIONS.give_up():
                return
            raise KeyboardInterrupt
        self._signal = signal.Signals(number)
        if self.conn is not None and self._listening:
            # Wait here: a cancel that arrives late would hit the next statement, which may record what happened.
            self._cancelled.wait(CANCELLING)

    def cancel_until_handled(self) -> None:
        """Cancel the running statement until the handler has run; called in another thread.

        psycopg2 (2.9) returns to Python, which runs the handler, only after the statement has ended.
        """
        if not self._since:
            self._since = time.monotonic()
            threading.Thread(target=self._give_up_in_time, name="dbwarden-patience", daemon=True).start()
        while not self._cancelled.is_set() or self._signal is None:
            if self.conn is not None:
                self.conn.cancel()
            self._cancelled.set()
            if self._over.wait(PATIENCE):
                return

    def _give_up_in_time(self) -> None:
        while not self._over.wait(TICK):
            if CONNECTIONS.stalled(self._since, GRACE):
                CONNECTIONS.give_up()

    def check(self, state: str = "") -> None:
        """Raise ``Interrupted`` (exit code 130) or ``Terminated`` (143) if a signal came; ``state`` ends its message."""
        if self._signal is not None:
            raise self.error(state)

    def error(self, state: str = "") -> Interrupted:
        """The error of the signal that came; ``state`` says what remains in the database."""
        kind = Terminated if self._signal is signal.SIGTERM else Interrupted
        sentences = [SILENT, state or _IN_FLIGHT] if self.severed else [state]
        hint = _WHEN_BACK if self.severed else None
        return kind(signal=self.name, state="".join(f". {sentence}" for sentence in sentences if sentence), hint=hint)

    def end(self) -> None:
        """Stop watching for signals."""
        self.conn = None
        self._over.set()
        if self.severed:
            CONNECTIONS.resume()


class SharedInterruption(Interruption):
    """Record of a signal to several threads, each of which has an ``Interruption`` of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._members: set[Interruption] = set()

    @contextmanager
    def member(self) -> Iterator[Interruption]:
        """The interruption of one thread. Its errors of cancelled statements and connections become those of the signal."""
        stop = Interruption()
        self._members.add(stop)
        stop.join(self)
        try:
            yield stop
        except (ConnectionFailed, ConnectionLost, StatementCancelled) as error:
            raise _signal_error(stop, error) from error
        finally:
            self._members.discard(stop)

    def handle(self, number: int, frame: FrameType | None) -> None:
        super().handle(number, frame)
        for member in tuple(self._members):
            member.join(self)

    def cancel_until_handled(self) -> None:
        """Let the threads stop behind their statements; cancel those that still run after ``GRACE_OF_THREADS``."""
        if self._since:
            return
        self._since = time.monotonic()
        threading.Thread(target=self._give_up_in_time, name="dbwarden-patience", daemon=True).start()
        threading.Thread(target=self._cancel_long_statements, name="dbwarden-cancel", daemon=True).start()

    def _cancel_long_statements(self) -> None:
        # A statement that began before the signal and still runs is not the one that records what happened.
        running = {conn: conn.sent for member in tuple(self._members) if (conn := member.conn) is not None}
        if self._over.wait(GRACE_OF_THREADS):
            return
        for conn, sent in running.items():
            if conn.sent == sent and conn in (member.conn for member in tuple(self._members)):
                conn.cancel()


_shared: SharedInterruption | None = None
"""The interruption that the threads of this process share now."""


@contextmanager
def interruptible_threads() -> Iterator[SharedInterruption]:
    """Let the runs in other threads, which receive no signal themselves, stop at a SIGINT or SIGTERM of this one, the main
    thread. In another thread no effect."""
    global _shared
    stop = SharedInterruption()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before, _shared = _shared, stop
    try:
        with _handling(stop):
            yield stop
    finally:
        _shared = before


@contextmanager
def interruptible(conn: DatabaseConnection | None = None) -> Iterator[Interruption]:
    """Record signals instead of being ended by them. In another thread than the main one, which receives none, no effect.

    ``conn`` may also be set later. If a signal ended a connection or statement, its ``Interrupted`` or ``Terminated``
    replaces the error of that.
    """
    if threading.current_thread() is not threading.main_thread():
        if _shared is None:
            yield Interruption()
            return
        with _shared.member() as stop:
            yield stop
        return
    stop = Interruption()
    stop.conn = conn
    with _handling(stop):
        try:
            yield stop
            if stop.severed:
                stop.check()
        except (ConnectionFailed, ConnectionLost, StatementCancelled) as error:
            raise _signal_error(stop, error) from error


@contextmanager
def _handling(stop: Interruption) -> Iterator[None]:
    """Let ``stop`` handle the signals of this process."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        signal.signal(number, stop.handle)
    try:
        with listening(stop.cancel_until_handled):
            stop._listening = True
            yield
    finally:
        stop.end()
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


def _signal_error(stop: Interruption, error: DatabaseError) -> DatabaseError | Interrupted:
    """Error of the signal with the finished files of ``error``; ``error`` itself if no signal came."""
    if not stop.received:
        return error
    interrupted = stop.error()
    interrupted.finished = error.finished
    return interrupted
