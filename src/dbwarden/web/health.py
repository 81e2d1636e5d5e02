"""Health of the schema, for load balancers and probes."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dbwarden.api.status import status
from dbwarden.config import DatabaseHandle
from dbwarden.errors import DBWardenError

_IN_EFFECT = ("applied", "baselined")
_PENDING = ("pending", "out of order", "changed")
_STATUS_LINES = {200: "200 OK", 503: "503 Service Unavailable"}


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """State of one schema: ``up_to_date``, ``behind``, ``inconsistent`` (a migration stopped half-way, or an applied file was
    edited or removed) or ``unreachable``."""

    database: str
    state: str
    version: str | None
    """Highest version in effect."""
    pending: int
    text: str
    """The state in words; without addresses and accounts."""

    @property
    def ok(self) -> bool:
        """Whether an application of this version can run."""
        return self.state == "up_to_date"


@dataclass(frozen=True, slots=True)
class SchemaHealth:
    """State of all schemas of an application."""

    databases: tuple[DatabaseHealth, ...]

    @property
    def ok(self) -> bool:
        """Whether all schemas are up to date."""
        return all(database.ok for database in self.databases)

    @property
    def http_status(self) -> int:
        """200, or 503 if a schema is not up to date."""
        return 200 if self.ok else 503

    def document(self) -> dict[str, Any]:
        """The state as JSON has it."""
        names = ("database", "state", "version", "pending")
        return {
            "status": "ok" if self.ok else "unavailable",
            "databases": [{name: getattr(database, name) for name in names} for database in self.databases],
        }


class SchemaHealthCheck:
    """Health check of one or more databases: called, it returns ``SchemaHealth``; ``asgi`` and ``wsgi`` answer requests.

    An answer is kept for ``max_age`` seconds, so that many probes cost one connection.
    """

    def __init__(self, *handles: DatabaseHandle, max_age: float = 5.0) -> None:
        self._handles = handles
        self._max_age = max_age
        self._lock = threading.Lock()
        self._answer: SchemaHealth | None = None
        self._expires = 0.0

    def __call__(self) -> SchemaHealth:
        with self._lock:
            if self._answer is None or time.monotonic() >= self._expires:
                self._answer = SchemaHealth(tuple(examine(handle) for handle in self._handles))
                self._expires = time.monotonic() + self._max_age
            return self._answer

    async def asgi(
        self, scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        """ASGI application that answers every request: ``app.mount("/health/schema", check.asgi)``."""
        health = await asyncio.to_thread(self)
        headers = [(name.lower().encode(), value.encode()) for name, value in _HEADERS]
        await send({"type": "http.response.start", "status": health.http_status, "headers": headers})
        await send({"type": "http.response.body", "body": _body(health)})

    def wsgi(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI application that answers every request."""
        health = self()
        start_response(_STATUS_LINES[health.http_status], list(_HEADERS))
        return [_body(health)]


_HEADERS = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))


def _body(health: SchemaHealth) -> bytes:
    return json.dumps(health.document()).encode()


def examine(handle: DatabaseHandle) -> DatabaseHealth:
    """State of the schema of one database. Writes nothing."""
    try:
        report = status(handle.name, config=handle.declaration.file)
    except DBWardenError as error:
        return DatabaseHealth(handle.name, "unreachable", None, 0, f"it cannot be read ({error.code})")
    wrong = [entry.file for entry in report.entries if entry.problem]
    keys = [entry.key for entry in report.entries if entry.state.value in _IN_EFFECT and entry.key.isdecimal()]
    version = max(keys, key=int, default=None)
    if wrong or report.restore is not None:
        text = "a restore was killed" if report.restore else f"not as its files say: {', '.join(wrong)}"
        return DatabaseHealth(handle.name, "inconsistent", version, report.pending, text)
    if report.pending:
        files = ", ".join(entry.file for entry in report.entries if entry.state.value in _PENDING)
        return DatabaseHealth(handle.name, "behind", version, report.pending, f"{report.pending} pending: {files}")
    return DatabaseHealth(handle.name, "up_to_date", version, 0, "up to date")
