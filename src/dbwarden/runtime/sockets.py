"""Network connections as sockets: what ends a wait for a server that does not answer, where the driver cannot.

A driver that waits for a dead network waits for as long as TCP does, which may be for ever, and some drivers (psycopg2, the C
part of psycopg below libpq 17) hold the interpreter meanwhile when they cancel. A ``ConnectionSocket`` shuts it itself, so
that every read and write of it returns at once with an error that the driver knows. Embedded databases have none.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from dbwarden.errors import ConnectionLost

T = TypeVar("T")

PROBE = 1.0
"""Seconds that a server has to answer before a driver may ask it to cancel."""


class ConnectionSocket:
    """The socket of one connection."""

    def __init__(self, handle: int, greeting: bytes) -> None:
        """``greeting`` is what any server that answers answers at once."""
        self._greeting = greeting
        # A duplicate: the driver may close its own at any moment, and the number then belongs to another file.
        self._socket = _duplicate(handle)
        self.waiting_since: float | None = None
        """When the statement began that now waits for the server (``time.monotonic``)."""
        CONNECTIONS.add(self)

    def answers(self) -> bool:
        """Whether a new connection to the same server gets an answer within ``PROBE`` seconds."""
        try:
            with socket.socket(self._socket.family, socket.SOCK_STREAM) as probe:
                probe.settimeout(PROBE)
                probe.connect(self._socket.getpeername())
                probe.sendall(self._greeting)
                return bool(probe.recv(1))
        except OSError:
            return False

    def sever(self) -> None:
        """Let whatever waits for this socket fail now."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the socket back."""
        CONNECTIONS.discard(self)
        self._socket.close()


def _duplicate(handle: int) -> socket.socket:
    """Another socket object for a driver's connection.

    Whether a socket blocks is a property that duplicates share, and ``socket.dup`` sets it. libpq's does not block: if it
    did, a read behind the end of a large result would wait for ever.
    """
    if os.name != "nt":
        return socket.socket(fileno=os.dup(handle))
    borrowed = socket.socket(fileno=handle)
    try:
        duplicate = borrowed.dup()
    finally:
        borrowed.detach()
    duplicate.setblocking(False)
    return duplicate


class _Attempt(Generic[T]):
    """A connection that is being opened, in a thread of its own: some drivers are deaf to signals meanwhile."""

    def __init__(self, open_: Callable[[], T]) -> None:
        self.waiting_since: float | None = time.monotonic()
        self._open = open_
        self._ended = threading.Event()
        self._abandoned = False
        self._result: T | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Open it; what comes after nobody waits any more is closed."""
        try:
            self._result = self._open()
        except BaseException as error:  # noqa: BLE001  raised again where the result is waited for
            self._error = error
        self._ended.set()
        if self._abandoned:
            self._close()

    def wait(self) -> T:
        """The result. Raises what opening it raised, ``ConnectionLost`` after ``sever``."""
        try:
            self._ended.wait()
        except BaseException:  # a signal's
            self.sever()
            raise
        if self._error is not None:
            raise self._error
        if self._abandoned or self._result is None:
            raise ConnectionLost(_GIVEN_UP)
        return self._result

    def sever(self) -> None:
        """Wait no longer."""
        self._abandoned = True
        if self._ended.is_set():
            self._close()
        self._ended.set()

    def _close(self) -> None:
        opened, self._result = self._result, None
        if opened is not None:
            opened.close()  # type: ignore[attr-defined]


_GIVEN_UP = "the server did not answer after a signal, and the connection was given up"


class OpenConnections:
    """The network connections of this process. Nothing here waits for a lock: a signal handler may call it."""

    def __init__(self) -> None:
        self._members: set[ConnectionSocket | _Attempt[Any]] = set()
        self.given_up = False
        """Whether all were severed; then none is opened."""

    def add(self, member: ConnectionSocket | _Attempt[Any]) -> None:
        self._members.add(member)

    def discard(self, member: ConnectionSocket | _Attempt[Any]) -> None:
        self._members.discard(member)

    def open(self, open_: Callable[[], T]) -> T:
        """Call ``open_`` and return its connection; raise ``ConnectionLost`` as soon as all connections are given up."""
        if self.given_up:
            raise ConnectionLost(_GIVEN_UP)
        attempt = _Attempt(open_)
        self.add(attempt)
        try:
            threading.Thread(target=attempt.run, name="dbwarden-connect", daemon=True).start()
            return attempt.wait()
        finally:
            self.discard(attempt)

    def stalled(self, since: float, seconds: float) -> bool:
        """Whether something has waited for the server for so many seconds, the time before ``since`` not counted."""
        now = time.monotonic()
        waiting = [began for member in tuple(self._members) if (began := member.waiting_since) is not None]
        return any(now - max(began, since) >= seconds for began in waiting)

    def give_up(self) -> bool:
        """Sever all, and open none until ``resume``; whether there were any."""
        self.given_up = True
        members = tuple(self._members)
        for member in members:
            member.sever()
        return bool(members)

    def resume(self) -> None:
        """Connections may be opened again."""
        self.given_up = False


CONNECTIONS = OpenConnections()
