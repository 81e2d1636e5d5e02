"""Databases of one engine that a test makes, copies and leaves behind."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.server import Server


class Databases:
    """Empty ones and copies; ``close`` drops all that are left."""

    def __init__(self, server: Server) -> None:
        self._server, self._names = server, dict[str, str]()

    def new(self, template: str = "") -> str:
        """The URL of an empty database, or of a copy of another one of these, to which nobody may be connected."""
        name = f"copy_{secrets.token_hex(6)}"
        self._server.create_database(name, *([self._names[template]] if template else []))
        url = self._server.url(name)
        self._names[url] = name
        return url

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        """A copy for the length of a ``with`` block."""
        url = self.new(template)
        try:
            yield url
        finally:
            self._server.drop_database(self._names.pop(url))

    def close(self) -> None:
        for name in self._names.values():
            self._server.drop_database(name)
