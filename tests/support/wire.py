"""A proxy that understands an engine's framing: it counts the messages of every connection, and cuts at one of them.

Only the frames are read. PostgreSQL (manual: "Frontend/Backend Protocol", "Message Formats"): a startup packet is a length and
its body, what asks for encryption is answered by one byte, and everything behind is a type byte, a length and a body. MySQL
and MariaDB (manuals: "MySQL Packets"): three bytes of length, least first, a sequence number, and a body.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, TypeAlias
from urllib.parse import urlsplit, urlunsplit

_NEGOTIATIONS = (80877103, 80877104)
"""The codes of SSLRequest and GSSENCRequest."""
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: close() sends RST."""
MOMENT = 0.25
"""Seconds that a server works on a message before it is disturbed ``DURING`` that."""


class Direction(Enum):
    """Who sends a message."""

    CLIENT = "client"
    SERVER = "server"


class Where(Enum):
    """How much of the message is handed on."""

    BEFORE = "before"
    INSIDE = "inside"
    AFTER = "after"
    DURING = "during"
    """All of it, and the server works on it for a moment."""
    UNANSWERED = "unanswered"
    """All of it, and the server's answer is not handed on."""


class Means(Enum):
    """What breaks."""

    CLOSE = "close"
    """This connection: both sides see the end of the stream."""
    RESET = "reset"
    """This connection: both sides see it reset."""
    OUTAGE = "outage"
    """All connections, and no other one is accepted."""
    KILL = "kill"
    """The client process, and with it all of its connections."""
    CRASH = "crash"
    """The server, which starts again after the client has ended."""
    RESTART = "restart"
    """The server, which starts again at once."""

    @property
    def crashes(self) -> bool:
        """Whether the server is killed."""
        return self in (Means.CRASH, Means.RESTART)


@dataclass(frozen=True, slots=True)
class Cut:
    """A point: message ``number`` (from 1 on) of a direction of a connection (from 1 on, as they were accepted)."""

    connection: int
    direction: Direction
    number: int
    where: Where
    means: Means

    def __str__(self) -> str:
        message = f"message {self.number} of the {self.direction.value} on connection {self.connection}"
        return f"{self.means.value} {self.where.value} {message}"


@dataclass(eq=False)
class _Stream:
    """One direction of a connection."""

    direction: Direction
    source: socket.socket
    target: socket.socket
    size_of: Framing
    buffer: bytearray = field(default_factory=bytearray)
    number: int = 0
    typed: bool = False
    """Whether messages begin with a type byte."""
    negotiating: bool = False
    """Whether the next byte of the server answers a request for encryption."""

    def messages(self) -> Iterator[bytes]:
        """The complete messages that have come."""
        while size := self.size_of(self):
            message = bytes(self.buffer[:size])
            del self.buffer[:size]
            yield message


Framing: TypeAlias = Callable[[_Stream], int]
"""The length of the next message in a stream's buffer; 0: there is none yet."""


def postgresql(stream: _Stream) -> int:
    """``Framing`` of PostgreSQL."""
    buffer = stream.buffer
    if stream.negotiating:
        return 1 if buffer else 0
    prefix = 1 if stream.typed else 0
    if len(buffer) < prefix + 4:
        return 0
    size = prefix + int(struct.unpack_from("!i", buffer, prefix)[0])
    return size if len(buffer) >= size else 0


def mysql(stream: _Stream) -> int:
    """``Framing`` of MySQL and MariaDB."""
    buffer = stream.buffer
    size = 4 + int.from_bytes(buffer[:3], "little") if len(buffer) >= 4 else 0
    return size if len(buffer) >= size else 0


_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def http(stream: _Stream) -> int:
    """``Framing`` of HTTP, for bodies whose length is said before them."""
    end = stream.buffer.find(b"\r\n\r\n")
    if end < 0:
        return 0
    length = _LENGTH.search(stream.buffer, 0, end)
    size = end + 4 + int(length[1] if length else 0)
    return size if len(stream.buffer) >= size else 0


@dataclass(eq=False)
class _Link:
    """A connection of the client and the one to the server that stands behind it."""

    number: int
    client: _Stream
    server: _Stream
    open: bool = True

    def advance(self, stream: _Stream, message: bytes) -> None:
        """What a message changes for those that follow it."""
        stream.number += 1
        if stream is self.server:
            stream.negotiating = False
        elif not stream.typed and stream.size_of is postgresql:
            code = struct.unpack_from("!i", message, 4)[0]
            self.server.negotiating = code in _NEGOTIATIONS
            stream.typed = not self.server.negotiating

    def close(self, reset: bool = False) -> None:
        """Close both sides."""
        self.open = False
        for sock in (self.client.source, self.server.source):
            if reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            sock.close()


class Controlled(Protocol):
    """A server that can be killed."""

    def kill(self) -> None: ...

    def start(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Target:
    """A server behind a proxy."""

    address: tuple[str, int]
    framing: Framing
    control: Controlled | None = None
    """What kills it and starts it again."""

    @classmethod
    def of(cls, url: str, control: Controlled | None = None) -> Target:
        """The server of a URL, which names its host and port."""
        parts = urlsplit(url)
        assert parts.port is not None
        framing = postgresql if parts.scheme.startswith("postgresql") else mysql
        return cls((parts.hostname or "", parts.port), framing, control)


def through(url: str, port: int) -> str:
    """The URL by way of a proxy, which cannot read what is encrypted."""
    parts = urlsplit(url)
    query = "ssl_mode=DISABLED" if parts.scheme.startswith(("mysql", "mariadb")) else parts.query
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}", query=query))


class Proxy:
    """Stands in front of a server on a port of its own, for one client process. Nothing runs but in ``serve``."""

    def __init__(self, target: Target, cut: Cut | None = None) -> None:
        self.cut, self.done = cut, False
        """Whether the point was reached."""
        self.counts: Counter[tuple[int, Direction]] = Counter()
        self.sent: dict[int, list[bytes]] = {}
        """The messages of the client on every connection."""
        self._target, self._links = target, list[_Link]()
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.port: int = self._listener.getsockname()[1]
        self._refuses, self._process = False, 0
        self._waiting: _Link | None = None
        """The connection that breaks at its answer, or at ``_due``."""
        self._due: float | None = None

    def serve(self, process: int, ended: int) -> None:
        """Hand on what ``process`` and the server say, until the file descriptor ``ended`` can be read."""
        self._process = process
        self._selector.register(ended, selectors.EVENT_READ)
        while ready := self._ready(ended):
            for key in filter(None, ready):
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj != ended and key.data[0].open:
                    self._forward(*key.data)
            if self._waiting is not None and self._patience() == 0:
                self._break(self._waiting)
        self._end()

    def _ready(self, ended: int) -> list[selectors.SelectorKey | None]:
        """What can be read; empty once nothing but ``ended`` can. ``None`` stands for the end of the patience."""
        keys = [key for key, _ in self._selector.select(self._patience())]
        return [] if keys and all(key.fileobj == ended for key in keys) else keys or [None]

    def _patience(self) -> float | None:
        return None if self._due is None else max(0.0, self._due - time.monotonic())

    def _end(self) -> None:
        for link in self._links:
            if link.open:
                self._close(link)
        self._listener.close()
        self._selector.close()

    def _accept(self) -> None:
        incoming, _ = self._listener.accept()
        if self._refuses:
            incoming.close()
            return
        outgoing = socket.create_connection(self._target.address)
        for sock in (incoming, outgoing):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        framing = self._target.framing
        client = _Stream(Direction.CLIENT, incoming, outgoing, framing)
        server = _Stream(Direction.SERVER, outgoing, incoming, framing, typed=True)
        link = _Link(len(self._links) + 1, client, server)
        self._links.append(link)
        self.sent[link.number] = []
        for stream in (client, server):
            self._selector.register(stream.source, selectors.EVENT_READ, (link, stream))

    def _forward(self, link: _Link, stream: _Stream) -> None:
        try:
            data = stream.source.recv(65536)
            stream.buffer += data
            for message in stream.messages():
                link.advance(stream, message)
                self._hand_on(link, stream, message)
                if not link.open:
                    return
        except (BrokenPipeError, ConnectionResetError):
            data = b""
        if not data:
            self._close(link)

    def _hand_on(self, link: _Link, stream: _Stream, message: bytes) -> None:
        self.counts[link.number, stream.direction] += 1
        if stream.direction is Direction.CLIENT:
            self.sent[link.number].append(message)
        elif link is self._waiting:
            self._break(link)
            return
        cut = self.cut
        if cut is None or (cut.connection, cut.direction, cut.number) != (link.number, stream.direction, stream.number):
            stream.target.sendall(message)
            return
        share = {Where.BEFORE: 0, Where.INSIDE: max(1, len(message) // 2)}.get(cut.where, len(message))
        stream.target.sendall(message[:share])
        if cut.where in (Where.DURING, Where.UNANSWERED):
            self._waiting = link
            self._due = time.monotonic() + MOMENT if cut.where is Where.DURING else None
        else:
            self._break(link)

    def _break(self, link: _Link) -> None:
        self.done, self._waiting, self._due = True, None, None
        assert self.cut is not None
        means, control = self.cut.means, self._target.control
        if means is Means.KILL:
            os.kill(self._process, signal.SIGKILL)
        if means.crashes:
            assert control is not None
            control.kill()
        self._refuses = means in (Means.KILL, Means.OUTAGE, Means.CRASH)
        if self._refuses or means is Means.RESTART:
            for other in self._links:
                if other.open:
                    self._close(other)
        elif link.open:
            self._close(link, reset=means is Means.RESET)
        if means is Means.RESTART and control is not None:
            control.start()

    def _close(self, link: _Link, reset: bool = False) -> None:
        for stream in (link.client, link.server):
            self._selector.unregister(stream.source)
        link.close(reset)
