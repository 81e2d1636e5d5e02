"""Scratch databases in memory, and the removal of all objects of a database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dbwarden.core.dialect import Connection, ScratchProvider, ScratchRequest

from .words import quote


def scratch_providers(request: ScratchRequest) -> Sequence[ScratchProvider]:
    """Scratch provider in memory: always available, never left behind."""

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
    """The first object of the file."""
    rows = conn.query(f"{_EVERYTHING} LIMIT 1")
    return f"{rows[0][0]} {rows[0][1]}" if rows else None


def clear(conn: Connection) -> None:
    """Drop everything, with IF EXISTS because a virtual table drops its shadow tables with it."""
    conn.execute("PRAGMA foreign_keys = OFF")
    for kinds in ("'view', 'trigger'", "'table') AND sql LIKE ('CREATE VIRTUAL%'", "'table'"):
        for kind, name in conn.query(f"{_EVERYTHING} AND type IN ({kinds})"):
            conn.execute(f"DROP {kind.upper()} IF EXISTS {quote(name)}")


_MISSING = re.compile(r"no such (?:function|collation sequence|module|tokenizer): (\S+)")


def missing_dependency(message: str) -> str | None:
    """Name of a missing object that applications register with their connections; SQLite has no error codes for these."""
    match = _MISSING.search(message)
    return match[1] if match else None
