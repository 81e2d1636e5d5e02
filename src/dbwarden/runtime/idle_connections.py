"""Connections of the driver that are used again: for many schemas of one server, connecting takes longer than what follows.

A connection comes back reset (``Connector.recycle``): locks, temporary tables and settings of its former user are gone. One that is
not certainly idle, or was severed, is closed instead.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

USES = 40
"""Uses after which a connection is closed: a session of PostgreSQL keeps what it has read of the catalogue of each schema."""


@dataclass(slots=True)
class IdleConnections:
    """Idle connections of the driver, by the arguments with which they were opened. Used by many threads."""

    capacity: int
    _idle: dict[Hashable, list[tuple[Any, int]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _errors: set[type[Exception]] = field(default_factory=set)
    _closed: bool = False

    def take(self, key: Hashable) -> tuple[Any, int] | None:
        """An idle connection and the number of its uses; ``None`` if there is none."""
        with self._lock:
            connections = self._idle.get(key)
            return connections.pop() if connections else None

    def give(self, key: Hashable, raw: Any, uses: int, error: type[Exception]) -> bool:
        """Keep a connection that was reset; False if there are enough, or it was used often enough. ``error`` is the class of its
        driver's errors."""
        with self._lock:
            if self._closed or uses >= USES or sum(map(len, self._idle.values())) >= self.capacity:
                return False
            self._idle.setdefault(key, []).append((raw, uses))
            self._errors.add(error)
            return True

    def close(self) -> None:
        """Close all of them, and keep no more."""
        with self._lock:
            self._closed = True
            connections = [raw for entries in self._idle.values() for raw, _ in entries]
            self._idle.clear()
        for raw in connections:
            with suppress(*self._errors):
                raw.close()
