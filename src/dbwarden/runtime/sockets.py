"""Sockets of network connections, to end a wait for a server that does not answer.

A driver waits for a dead network as long as TCP does, which may be for ever. Cancelling does not help: psycopg2, and the C
part of psycopg with libpq below 17, hold the interpreter lock meanwhile. ``ConnectionSocket.sever`` shuts the socket down
itself, so that the driver's read or write returns at once with an error. Embedded databases have no socket.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from dbwarden.errors import ConnectionLost

if TYPE_CHECKING:  # every command imports this module, and few connect
    from dbwarden.core.connector import Keepalives

T = TypeVar("T")

PROBE = 1.0
"""Seconds within which a server must answer a new connection before a driver may ask it to cancel."""


class ConnectionSocket:
    """Socket of one connection."""

    def __init__(self, handle: int, greeting: bytes) -> None:
        """``greeting`` is a message that a live server answers at once, before any login."""
        self._greeting = greeting
        # A duplicate, because the driver may close its own socket at any moment, and the system reuse the number.
        self._socket = _duplicate(handle)
        self.waiting_since: float | None = None
        """Start of the statement that is waiting for the server (``time.monotonic``); None: no statement waits."""
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

    def keep_alive(self, keepalives: Keepalives) -> None:
        """Let the system send keepalives, so that it notices within minutes that the network is gone."""
        if self._socket.family not in (socket.AF_INET, socket.AF_INET6):
            return
        options = {
            "TCP_KEEPIDLE": keepalives.idle,
            "TCP_KEEPINTVL": keepalives.interval,
            "TCP_KEEPCNT": keepalives.count,
        }
        with suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in options.items():
                if hasattr(socket, name):  # not on every system
                    self._socket.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    def sever(self) -> None:
        """Shut the socket down: a read or write that waits for it fails now."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the duplicate; the driver's own socket stays open."""
        CONNECTIONS.discard(self)
        self._socket.close()


def _duplicate(handle: int) -> socket.socket:
    """Duplicate a driver's socket, and leave it non-blocking.

    Duplicates share that property, and ``socket.dup`` resets it. libpq needs it: on a blocking socket, its read after the
    end of a result of more than 32 KB would wait for ever.
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
    """Attempt to open a connection, in a thread of its own because some drivers let no signal handler run meanwhile."""

    def __init__(self, open_: Callable[[], T]) -> None:
        self.waiting_since: float | None = time.monotonic()
        self._open = open_
        self._ended = threading.Event()
        self._abandoned = False
        self._result: T | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Open the connection, and close it again if nobody waits for it any more."""
        try:
            self._result = self._open()
        except BaseException as error:  # noqa: BLE001  raised again where the result is waited for
            self._error = error
        self._ended.set()
        if self._abandoned:
            self._close()

    def wait(self, seconds: float | None = None) -> T:
        """Wait for the connection and return it. Raises what opening raised, ``ConnectionLost`` after ``seconds`` and after
        ``sever``."""
        try:
            if not self._ended.wait(seconds):
                self.sever()
                raise ConnectionLost(f"the server did not answer within {seconds:g} s")
        except BaseException:  # raised by a signal handler
            self.sever()
            raise
        if self._error is not None:
            raise self._error
        if self._abandoned or self._result is None:
            raise ConnectionLost(_GIVEN_UP)
        return self._result

    def sever(self) -> None:
        """End the wait; a connection that opens later is closed."""
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
    """Network connections of this process. No method takes a lock, so that a signal handler may call it."""

    def __init__(self) -> None:
        self._members: set[ConnectionSocket | _Attempt[Any]] = set()
        self.given_up = False
        """Whether all connections were severed, and no new one is opened until ``resume``."""

    def add(self, member: ConnectionSocket | _Attempt[Any]) -> None:
        self._members.add(member)

    def discard(self, member: ConnectionSocket | _Attempt[Any]) -> None:
        self._members.discard(member)

    def open(self, open_: Callable[[], T], seconds: float | None = None) -> T:
        """Open a connection by ``open_``. Raises ``ConnectionLost`` after ``seconds``, or as soon as ``give_up`` is
        called."""
        if self.given_up:
            raise ConnectionLost(_GIVEN_UP)
        attempt = _Attempt(open_)
        self.add(attempt)
        try:
            threading.Thread(target=attempt.run, name="dbwarden-connect", daemon=True).start()
            return attempt.wait(seconds)
        finally:
            self.discard(attempt)

    def stalled(self, since: float, seconds: float) -> bool:
        """Whether a statement or an attempt has waited for its server for ``seconds``, counted from ``since`` at the earliest."""
        now = time.monotonic()
        waiting = [began for member in tuple(self._members) if (began := member.waiting_since) is not None]
        return any(now - max(began, since) >= seconds for began in waiting)

    def give_up(self) -> bool:
        """Sever all connections and open none until ``resume``. Returns whether there were any."""
        self.given_up = True
        members = tuple(self._members)
        for member in members:
            member.sever()
        return bool(members)

    def resume(self) -> None:
        """Allow connections to be opened again."""
        self.given_up = False


CONNECTIONS = OpenConnections()
