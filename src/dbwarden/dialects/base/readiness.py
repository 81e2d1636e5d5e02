"""The first connection to a server that was just started."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from dbwarden.errors import DatabaseError, Unsupported

Opened = TypeVar("Opened")

_PAUSE = 0.05
"""Seconds between two attempts."""


def connect_when_ready(
    open_connection: Callable[[], Opened],
    wait: float,
    failure: Callable[[DatabaseError], Unsupported],
    ended: Callable[[], bool] = lambda: False,
    listening: Callable[[], bool] = lambda: True,
) -> Opened:
    """Open a connection as soon as the server answers; no attempt is made before it is ``listening``.

    Raises the ``failure`` of the last attempt after ``wait`` seconds, or as soon as the server ``ended``.
    """
    deadline = time.monotonic() + wait
    while not listening() and not ended() and time.monotonic() < deadline:
        time.sleep(_PAUSE)
    while True:
        try:
            return open_connection()
        except DatabaseError as error:
            if ended() or time.monotonic() > deadline:
                raise failure(error) from error
            time.sleep(_PAUSE)
