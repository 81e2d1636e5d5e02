"""A network that dies in silence: connections stay open, and nothing passes any more."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit


class StalledLink:
    """A relay between a client and a server, until it is held; ``url`` is the server's, through it.

    While it is held, new connections are accepted as a kernel does, and nobody answers them. What comes after ``release``
    passes, the end of what a client has closed meanwhile included.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "localhost", parts.port or 5432)
        self._open = threading.Event()
        self._open.set()
        self.held = threading.Event()
        self._patterns: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        user = parts.netloc.rpartition("@")[0]
        place = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = urlunsplit(parts._replace(netloc=f"{user}@{place}" if user else place))
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        """Let nothing pass from here on."""
        self._open.clear()
        self.held.set()

    def hold_at(self, *patterns: bytes) -> None:
        """Let nothing pass from the client's message on that holds the last of the texts, seen in this order."""
        self._patterns = list(patterns)

    def release(self) -> None:
        """Let everything pass again."""
        self._patterns = []
        self._open.set()

    def close(self) -> None:
        """End every connection."""
        self.release()
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                self._sockets.append(client)
                threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        self._open.wait()
        try:
            server = socket.create_connection(self._server)
        except OSError:
            client.close()
            return
        self._sockets.append(server)
        threading.Thread(target=self._pass, args=(server, client), daemon=True).start()
        self._pass(client, server, watched=True)

    def _pass(self, source: socket.socket, target: socket.socket, watched: bool = False) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if watched:
                    self._look(data)
                self._open.wait()
                target.sendall(data)
            self._open.wait()
            target.shutdown(socket.SHUT_WR)

    def _look(self, data: bytes) -> None:
        while self._patterns and self._patterns[0] in data:
            data = data.partition(self._patterns.pop(0))[2]
            if not self._patterns:
                self.hold()


@contextlib.contextmanager
def stalled_link(url: str) -> Iterator[StalledLink]:
    """A relay to the server of a URL."""
    link = StalledLink(url)
    try:
        yield link
    finally:
        link.close()
