"""Notification of signals in another thread.

Python runs signal handlers in the main thread only, and not before the driver returns to Python. Another thread learns of a
signal at once, from the descriptor of ``signal.set_wakeup_fd``.
"""

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
"""Seconds between two checks whether a statement waits for the server."""
SILENT = "The server did not answer, and the connection was given up"


@contextmanager
def end_after(end: Callable[[Interrupted], None], seconds: float = 4.5) -> Iterator[None]:
    """Call ``end`` in another thread if a statement still waits for the server ``seconds`` after a signal.

    Wraps a whole command in the main thread. A command that only reads has nothing to record after SIGINT, but its driver
    may wait for ever.
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
    """Call ``signalled`` in another thread for each SIGINT and SIGTERM, whatever the main thread does."""
    awake, wake = socket.socketpair()
    wake.setblocking(False)
    others = signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)

    def listen() -> None:
        while number := awake.recv(1):
            if others != -1:  # the descriptor of an event loop, which waits for it
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
