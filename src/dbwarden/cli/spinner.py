"""Progress line at the bottom of a terminal, for work of more than a second.

A thread draws it; it is erased before anything else is printed. The cursor stays visible, so that a killed process does not
leave it hidden.
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
    """Progress line on ``stream``, which is a terminal; without a stream nothing is drawn."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._ended = Event()
        self._thread: Thread | None = None

    @property
    def visible(self) -> bool:
        """Whether ``show`` draws anything."""
        return self._stream is not None

    def show(self, text: str) -> None:
        """Start a line for ``text``, which is truncated to the terminal's width."""
        self.clear()
        if self._stream is not None:
            self._ended = Event()
            arguments = (self._stream, printable(" ".join(text.split())), self._ended)
            self._thread = Thread(target=_draw, args=arguments, daemon=True)
            self._thread.start()

    def clear(self) -> None:
        """Erase the line."""
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
