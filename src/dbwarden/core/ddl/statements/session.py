"""Statements of the session, and those that maintain."""

from __future__ import annotations

from dataclasses import dataclass

from dbwarden.core.types import Ref

from .base import Statement


@dataclass(frozen=True)
class Do(Statement):
    """A block of procedural code."""

    body: str
    language: str = "plpgsql"


@dataclass(frozen=True)
class Set(Statement):
    """SET and PRAGMA; ``value`` as written, ``None`` if a PRAGMA only reads."""

    name: str
    value: str | None = None
    local: bool = False


@dataclass(frozen=True)
class ControlTransaction(Statement):
    """BEGIN, COMMIT, ROLLBACK, SAVEPOINT, PREPARE TRANSACTION, ..."""


@dataclass(frozen=True)
class Maintain(Statement):
    """VACUUM, ANALYZE, REINDEX, CLUSTER, REFRESH, LOCK, with their ``options``, in parentheses or not."""

    verb: str
    options: frozenset[str] = frozenset()
    target: Ref | None = None
    into: str | None = None
    """The file of VACUUM INTO (SQLite)."""
