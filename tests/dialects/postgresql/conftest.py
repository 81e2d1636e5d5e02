from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from dbwarden.api.connection import connect
from dbwarden.dialects.postgresql.dialect import PostgreSQL
from dbwarden.runtime.connection import DatabaseConnection
from tests.servers import Server


@pytest.fixture
def conn(postgresql_url: str) -> Iterator[DatabaseConnection]:
    connection = connect(postgresql_url)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def shared(postgresql_server: Server) -> Iterator[DatabaseConnection]:
    """One database for a whole file of small questions; whoever asks cleans up."""
    name = f"test_{secrets.token_hex(6)}"
    postgresql_server.create_database(name)
    connection = connect(postgresql_server.url(name))
    yield connection
    connection.close()
    postgresql_server.drop_database(name)


@pytest.fixture
def dialect(conn: DatabaseConnection) -> PostgreSQL:
    dialect = PostgreSQL()
    return dialect.for_server(dialect.server_of(conn))
