"""Signals as a thread learns of them: at once, whatever the main thread waits for."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from dbwarden.errors import Interrupted

from .sockets import CONNECTIONS

SIGNALS = (signal.SIGINT, signal.SIGTERM)
TICK = 0.1
"""Seconds between two looks at whether the server answers."""
SILENT = "The server did not answer, and the connection was given up"


@contextmanager
def ended_in_time(end: Callable[[Interrupted], None], seconds: float = 4.5) -> Iterator[None]:
    """Call ``end`` in another thread if a statement still waits for the server so many ``seconds`` after SIGINT.

    Wraps a whole command in the main thread: a command that only reads has nothing to record, but its driver may wait
    for ever.
    """

    def watch() -> None:
        since = time.monotonic()
        while not over.wait(TICK):
            if CONNECTIONS.stalled(since, seconds):
                end(Interrupted(signal="SIGINT", state=f". {SILENT}"))
                return

    def begin() -> None:
        threading.Thread(target=watch, name="dbwarden-last-resort", daemon=True).start()

    over = threading.Event()
    try:
        with listening(begin):
            yield
    finally:
        over.set()


@contextmanager
def listening(signalled: Callable[[], None]) -> Iterator[None]:
    """Call ``signalled`` in a thread that learns of signals from Python's wakeup descriptor, which is written whatever the
    main thread does."""
    awake, wake = socket.socketpair()
    wake.setblocking(False)
    others = signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)

    def listen() -> None:
        while number := awake.recv(1):
            if others != -1:  # an event loop's
                with suppress(OSError):
                    os.write(others, number)
            if number[0] in SIGNALS:
                signalled()
        awake.close()

    threading.Thread(target=listen, name="dbwarden-signals", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(others)
        wake.close()
