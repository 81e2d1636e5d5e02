"""Scratch databases in memory, and how to empty a database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dbwarden.core.dialect import Connection, ScratchProvider, ScratchRequest

from .words import quote


def scratch_providers(request: ScratchRequest) -> Sequence[ScratchProvider]:
    """The only provider, a database in memory: it is always available, and gone with its connection."""

    @contextmanager
    def in_memory() -> Iterator[Connection]:
        empty = request.open("sqlite://")
        try:
            yield empty
        finally:
            empty.close()

    return (ScratchProvider("a database in memory", in_memory),)


_EVERYTHING = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"


def first_object(conn: Connection) -> str | None:
    """Kind and name of an object in the database; ``None`` if it is empty."""
    rows = conn.query(f"{_EVERYTHING} LIMIT 1")
    return f"{rows[0][0]} {rows[0][1]}" if rows else None


def clear(conn: Connection) -> None:
    """Drop all objects. IF EXISTS is needed because a virtual table is dropped with its shadow tables."""
    conn.execute("PRAGMA foreign_keys = OFF")
    for kinds in ("'view', 'trigger'", "'table') AND sql LIKE ('CREATE VIRTUAL%'", "'table'"):
        for kind, name in conn.query(f"{_EVERYTHING} AND type IN ({kinds})"):
            conn.execute(f"DROP {kind.upper()} IF EXISTS {quote(name)}")


_MISSING = re.compile(r"no such (?:function|collation sequence|module|tokenizer): (\S+)")


def missing_dependency(message: str) -> str | None:
    """Name of a missing function, collation, module or tokenizer, by the message: SQLite has no error codes for these."""
    match = _MISSING.search(message)
    return match[1] if match else None
