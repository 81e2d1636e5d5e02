"""An empty place of the same dialect, gone afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from dbwarden.core.dialect import Connection
from dbwarden.errors import Unsupported


@contextmanager
def scratch(conn: Connection) -> Iterator[Connection]:
    """A new database on the same server, through a connection that can open its siblings (``conn.sibling(database)``).

    Raises ``Unsupported`` where the connection cannot, and ``DatabaseError`` where the role may not create databases.
    """
    sibling = getattr(conn, "sibling", None)
    if sibling is None:
        reason = "this connection opens no other database"
        raise Unsupported(what="a scratch database", dialect="PostgreSQL", reason=reason)
    name = f"dbwarden_scratch_{secrets.token_hex(6)}"
    conn.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        other: Connection = sibling(name)
        try:
            yield other
        finally:
            other.close()
    finally:
        conn.execute(f"DROP DATABASE IF EXISTS {name}")
