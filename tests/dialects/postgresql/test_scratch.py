"""How an empty database is made on the same server."""

from __future__ import annotations

import pytest

from dbwarden.core.dialect import Server
from dbwarden.dialects.postgresql import scratch
from dbwarden.dialects.postgresql.dialect import PostgreSQL
from dbwarden.runtime.connection import DatabaseConnection

LAST_WITHOUT_A_CHOICE = Server(version=(14, 11))


class Durable:
    """A connection to a server whose data survives a power cut."""

    def query(self, sql: str) -> list[tuple[str]]:
        assert "fsync" in sql
        return [("on",)]


def test_files_are_copied_only_where_nothing_has_to_survive(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    server = dialect.server_of(conn)
    if server.version < (15,) or conn.query("SHOW fsync")[0][0] != "off":
        pytest.skip("a server of your own has no choice, or keeps its data")
    assert scratch._strategy(conn, server) == " STRATEGY file_copy"
    assert scratch._strategy(Durable(), server) == ""  # type: ignore[arg-type]
    assert scratch._strategy(conn, LAST_WITHOUT_A_CHOICE) == ""
