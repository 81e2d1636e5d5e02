"""Progress line at the bottom of a terminal: what runs and for how long, once that takes more than a second.

It is drawn by a thread of its own and erased before anything else is printed. The cursor stays visible, so that a process that
is killed leaves nothing behind but text.
"""

from __future__ import annotations

import os
import time
from itertools import cycle
from threading import Event, Thread
from typing import TextIO

from .streams import printable

_PATIENCE, _PAUSE = 1.0, 0.2
"""Seconds before the line is drawn, and between two drawings."""
_ERASE = "\r\x1b[2K"


class Spinner:
    """The line on ``stream``, which is a terminal; without a stream nothing is ever drawn."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._ended = Event()
        self._thread: Thread | None = None

    def show(self, text: str) -> None:
        """Begin to count for ``text``, of which as much is shown as fits."""
        self.clear()
        if self._stream is not None:
            self._ended = Event()
            arguments = (self._stream, printable(" ".join(text.split())), self._ended)
            self._thread = Thread(target=_draw, args=arguments, daemon=True)
            self._thread.start()

    def clear(self) -> None:
        """End it; the line is as if nothing had been drawn."""
        if self._thread is not None:
            self._ended.set()
            self._thread.join()
            self._thread = None


def _draw(stream: TextIO, text: str, ended: Event) -> None:
    from rich.cells import cell_len, set_cell_size

    began = time.monotonic()
    if ended.wait(_PATIENCE):
        return
    for frame in cycle("|/-\\"):
        line = f"{frame} {time.monotonic() - began:.0f} s  {text}"
        room = (
            max(os.get_terminal_size(stream.fileno()).columns or 80, 2) - 1
        )  # in the last column the cursor would wrap
        stream.write(_ERASE + (line if cell_len(line) <= room else set_cell_size(line, room - 1) + "…"))
        stream.flush()
        if ended.wait(_PAUSE):
            break
    stream.write(_ERASE)
    stream.flush()
