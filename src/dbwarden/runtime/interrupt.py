"""SIGINT and SIGTERM while migrations run: the current statement is cancelled or finished, nothing is torn in the middle."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from dbwarden.errors import Interrupted, Terminated

from .connection import DatabaseConnection

PATIENCE = 0.1
"""Seconds that the handler has before its work is done for it."""


class Interruption:
    """Whether a signal came. Only asked: nothing is raised out of the blue."""

    def __init__(self) -> None:
        self.conn: DatabaseConnection | None = None
        """Whose statement a signal cancels."""
        self._signal: signal.Signals | None = None

    @property
    def came(self) -> bool:
        return self._signal is not None

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Remember the signal and cancel the statement that runs; a second one ends the program at once."""
        if self._signal is not None:
            raise KeyboardInterrupt
        self._signal = signal.Signals(number)
        if self.conn is not None:
            self.conn.cancel()

    def insist(self) -> None:
        """Cancel in place of the handler until it has run: psycopg2 (2.9) comes back to Python, which calls handlers, only
        when the statement has ended. Called in another thread."""
        time.sleep(PATIENCE)
        while self._signal is None and self.conn is not None:
            self.conn.cancel()
            time.sleep(PATIENCE)

    def check(self, state: str = "") -> None:
        """Raise ``Interrupted`` (exit code 130) or ``Terminated`` (143) if a signal came; ``state`` ends the sentence."""
        if self._signal is not None:
            kind = Terminated if self._signal is signal.SIGTERM else Interrupted
            raise kind(signal=self._signal.name, state=state and f". {state}")


@contextmanager
def interruptible(conn: DatabaseConnection | None = None) -> Iterator[Interruption]:
    """Signals are kept until somebody asks (``check``); only in the main thread, elsewhere none ever comes.

    The connection whose statements a signal may cancel can also be set later.
    """
    stop = Interruption()
    stop.conn = conn
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    numbers = [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        signal.signal(number, stop.handle)
    try:
        with _insisting(stop, numbers):
            yield stop
    finally:
        stop.conn = None
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


@contextmanager
def _insisting(stop: Interruption, numbers: Collection[signal.Signals]) -> Iterator[None]:
    """A thread that learns of signals from Python's wakeup descriptor, which is written whatever the main thread does."""
    awake, wake = socket.socketpair()
    wake.setblocking(False)
    others = signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)

    def listen() -> None:
        while number := awake.recv(1):
            if others != -1:  # an event loop's
                with suppress(OSError):
                    os.write(others, number)
            if number[0] in numbers:
                stop.insist()

    thread = threading.Thread(target=listen, name="dbwarden-signals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.conn = None
        signal.set_wakeup_fd(others)
        wake.close()
        thread.join()
        awake.close()
