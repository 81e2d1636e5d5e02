"""A proxy that understands PostgreSQL's framing: it counts the messages of every connection, and cuts at one of them.

Only the frames are read (manual: "Frontend/Backend Protocol", "Message Formats"): a startup packet is a length and its body,
what asks for encryption is answered by one byte, and everything behind is a type byte, a length and a body.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

_NEGOTIATIONS = (80877103, 80877104)
"""The codes of SSLRequest and GSSENCRequest."""
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: close() sends RST."""


class Direction(Enum):
    """Who sends a message."""

    CLIENT = "client"
    SERVER = "server"


class Where(Enum):
    """How much of the message is handed on."""

    BEFORE = "before"
    INSIDE = "inside"
    AFTER = "after"


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
    buffer: bytearray = field(default_factory=bytearray)
    number: int = 0
    typed: bool = False
    """Whether messages begin with a type byte."""
    negotiating: bool = False
    """Whether the next byte of the server answers a request for encryption."""

    def messages(self) -> Iterator[bytes]:
        """The complete messages that have come."""
        while size := self._size():
            message = bytes(self.buffer[:size])
            del self.buffer[:size]
            yield message

    def _size(self) -> int:
        """The length of the next message; 0: there is none yet."""
        buffer = self.buffer
        if self.negotiating:
            return 1 if buffer else 0
        prefix = 1 if self.typed else 0
        if len(buffer) < prefix + 4:
            return 0
        size = prefix + int(struct.unpack_from("!i", buffer, prefix)[0])
        return size if len(buffer) >= size else 0


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
        elif not stream.typed:
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


class Proxy:
    """Stands in front of ``server`` on a port of its own, for one client process. Nothing runs but in ``serve``."""

    def __init__(self, server: tuple[str, int], cut: Cut | None = None) -> None:
        self.cut, self.done = cut, False
        """Whether the point was reached."""
        self.counts: Counter[tuple[int, Direction]] = Counter()
        self.sent: dict[int, list[bytes]] = {}
        """The messages of the client on every connection."""
        self._server, self._links = server, list[_Link]()
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.port: int = self._listener.getsockname()[1]
        self._refuses, self._process = False, 0

    def serve(self, process: int, ended: int) -> None:
        """Hand on what ``process`` and the server say, until the file descriptor ``ended`` can be read."""
        self._process = process
        self._selector.register(ended, selectors.EVENT_READ)
        while keys := [key for key, _ in self._selector.select() if key.fileobj != ended]:
            for key in keys:
                if key.fileobj is self._listener:
                    self._accept()
                elif key.data[0].open:
                    self._forward(*key.data)
        self._end()

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
        outgoing = socket.create_connection(self._server)
        for sock in (incoming, outgoing):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = _Stream(Direction.CLIENT, incoming, outgoing)
        server = _Stream(Direction.SERVER, outgoing, incoming, typed=True)
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
        cut = self.cut
        if cut is None or (cut.connection, cut.direction, cut.number) != (link.number, stream.direction, stream.number):
            stream.target.sendall(message)
            return
        share = {Where.BEFORE: 0, Where.INSIDE: max(1, len(message) // 2), Where.AFTER: len(message)}[cut.where]
        stream.target.sendall(message[:share])
        self._break(link, cut.means)

    def _break(self, link: _Link, means: Means) -> None:
        self.done = True
        if means is Means.KILL:
            os.kill(self._process, signal.SIGKILL)
        if means in (Means.KILL, Means.OUTAGE):
            self._refuses = True
            for other in self._links:
                if other.open:
                    self._close(other)
        else:
            self._close(link, reset=means is Means.RESET)

    def _close(self, link: _Link, reset: bool = False) -> None:
        for stream in (link.client, link.server):
            self._selector.unregister(stream.source)
        link.close(reset)
