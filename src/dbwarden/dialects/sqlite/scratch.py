"""An empty database of one's own: a second connection, to a database in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dbwarden.core.dialect import Connection


@contextmanager
def scratch(conn: Connection) -> Iterator[Connection]:
    """A connection to an empty database in memory, gone afterwards."""
    opened: Any = conn
    empty: Connection = opened.sibling("sqlite://")
    try:
        yield empty
    finally:
        empty.close()
