"""A scratch database on the same server, for engines whose servers have several databases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from dbwarden.core.dialect import Connection, ScratchRequest
from dbwarden.errors import DatabaseError, Unsupported


@dataclass(frozen=True, slots=True)
class TemporaryDatabase:
    """What an engine needs to make a scratch database beside the others, and to drop it. Names come quoted."""

    product: str
    """The engine in words."""
    create: Callable[[Connection, str], str]
    """CREATE DATABASE for this name, with the properties of the current database."""
    scratch_names: Callable[[Connection], Iterable[str]]
    """Plain names of the scratch databases on the server, of this run and of others."""
    quote: Callable[[str], str]
    prepare: Callable[[Connection], None] = lambda conn: None
    """Makes the connection that creates and drops ready."""
    end_sessions: Callable[[Connection, str], None] = lambda conn, name: None
    """Ends the sessions that DROP DATABASE would wait for; takes the plain name."""
    copy: Callable[[str, str], str] | None = None
    """CREATE DATABASE for this name as a copy of the other one; ``None`` if the engine cannot."""
    how: str = ""
    """Clause behind DROP DATABASE of our own scratch database."""
    how_abandoned: str = ""
    """The same for one that another run left."""

    @contextmanager
    def open(self, request: ScratchRequest) -> Iterator[Connection]:
        """Create the database, connect to it, and drop it at the end. Raises ``Unsupported`` or ``DatabaseError``."""
        sibling = getattr(request.conn, "sibling", None)
        if request.conn is None or sibling is None:
            raise self._unavailable("there is no server to make it on")
        if request.conn.pooled:
            raise self._unavailable("a proxy or pooler is in between")
        admin: Connection = sibling()
        try:
            self.prepare(admin)
            self._remove_abandoned(admin, request)
            if request.template is not None and self.copy is not None:
                admin.execute(self.copy(request.name, request.template))
            else:
                admin.execute(self.create(admin, request.name))
            try:
                other: Connection = sibling(request.name)
                try:
                    yield other
                finally:
                    other.close()
            finally:
                self._drop(admin, request.name, sibling)
        finally:
            admin.close()

    def _unavailable(self, reason: str) -> Unsupported:
        return Unsupported(feature="a temporary database", dialect=self.product, reason=reason)

    def _remove_abandoned(self, admin: Connection, request: ScratchRequest) -> None:
        """Drop scratch databases that killed runs left on this server; one that may not be dropped stays."""
        for name in self.scratch_names(admin):
            if request.is_abandoned(name):
                with suppress(DatabaseError):
                    admin.execute(f"DROP DATABASE IF EXISTS {self.quote(name)}{self.how_abandoned}")

    def _drop(self, admin: Connection, name: str, sibling: Any) -> None:
        """Drop our database, on a new connection if the first one is lost. If that fails too, a later run drops it."""
        for again in (False, True):
            with suppress(DatabaseError):
                conn = sibling() if again else admin
                try:
                    self.end_sessions(conn, name)
                    conn.execute(f"DROP DATABASE IF EXISTS {name}{self.how}")
                finally:
                    if again:
                        conn.close()
                return
