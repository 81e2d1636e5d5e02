"""SIGINT and SIGTERM while migrations run: the current statement is cancelled or finished, never cut off halfway.

The handler, which Python runs in the main thread only, remembers the signal. A thread that the wakeup descriptor notifies
cancels the statement; another one gives up the connections if the server still does not answer.
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
"""Seconds that the handler waits for the first attempt."""
GRACE = 3.5
"""Seconds that a server has to answer after a signal; then its connections are given up."""

_IN_FLIGHT = "What was under way is finished or undone by the server, and the next run finds out"
_WHEN_BACK = (
    "When the server can be reached again: `dbwarden status` tells what is applied, `dbwarden lock-status` whether the"
    " lock is still held, and `dbwarden unlock` releases it."
)


class Interruption:
    """Signal that came, if any. It is raised only by ``check``, never asynchronously."""

    def __init__(self) -> None:
        self.conn: DatabaseConnection | None = None
        """Connection whose statement a signal cancels."""
        self._signal: signal.Signals | None = None
        self._since = 0.0
        self._cancelled = threading.Event()
        self._over = threading.Event()
        self._listening = False

    @property
    def came(self) -> bool:
        return self._signal is not None

    @property
    def given_up(self) -> bool:
        """Whether the connections were given up, because the server did not answer after the signal."""
        return self.came and CONNECTIONS.given_up

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Remember the signal, and let the statement that runs be cancelled. A second one gives up the connections, or
        ends the program at once."""
        if self._signal is not None:
            if not CONNECTIONS.given_up and CONNECTIONS.give_up():
                return
            raise KeyboardInterrupt
        self._signal = signal.Signals(number)
        if self.conn is not None and self._listening:
            # Not a statement further until it is cancelled: the next one may be the one that records what happened.
            self._cancelled.wait(CANCELLING)

    def pursue(self) -> None:
        """Cancel until the handler has run: psycopg2 (2.9) comes back to Python, which calls handlers, only when the
        statement has ended. Called in another thread, for the first signal."""
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
        """Raise ``Interrupted`` (exit code 130) or ``Terminated`` (143) if a signal came; ``state`` ends the sentence."""
        if self._signal is not None:
            raise self.error(state)

    def error(self, state: str = "") -> Interrupted:
        """The error of the signal that came; ``state`` says what is left in the database."""
        kind = Terminated if self._signal is signal.SIGTERM else Interrupted
        sentences = [SILENT, state or _IN_FLIGHT] if self.given_up else [state]
        name = self._signal.name if self._signal is not None else ""
        hint = _WHEN_BACK if self.given_up else None
        return kind(signal=name, state="".join(f". {sentence}" for sentence in sentences if sentence), hint=hint)

    def end(self) -> None:
        """Stop watching for signals."""
        self.conn = None
        self._over.set()
        if self.given_up:
            CONNECTIONS.resume()


@contextmanager
def interruptible(conn: DatabaseConnection | None = None) -> Iterator[Interruption]:
    """Remember signals until ``check`` is called; only in the main thread, as no other receives any.

    The connection whose statements a signal may cancel can also be set later. Raises ``Interrupted`` or ``Terminated`` in
    place of the failure of a connection that a signal ended.
    """
    stop = Interruption()
    stop.conn = conn
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        signal.signal(number, stop.handle)
    try:
        with listening(stop.pursue):
            stop._listening = True
            yield stop
            if stop.given_up:
                stop.check()
    except (ConnectionFailed, ConnectionLost, StatementCancelled) as error:
        raise _instead(stop, error) from error
    finally:
        stop.end()
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


def _instead(stop: Interruption, error: DatabaseError) -> DatabaseError | Interrupted:
    """Error of the signal, if one came, with the finished files of the connection's error."""
    if not stop.came:
        return error
    interrupted = stop.error()
    interrupted.ran = error.ran
    return interrupted
