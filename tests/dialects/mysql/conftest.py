"""Both flavours in turn, and their further versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.dialects.mysql.dialect import FLAVOURS, MySQL
from dbwarden.runtime.connection import DatabaseConnection
from tests.servers import VERSIONS


class Flavour(NamedTuple):
    """A dialect that knows its server, and a connection to an empty database."""

    dialect: MySQL
    conn: DatabaseConnection
    url: str

    @property
    def name(self) -> str:
        return self.dialect.name


def _flavour(url: str) -> Iterator[Flavour]:
    with connect(url) as conn:
        dialect = dialects.get(url.partition(":")[0])
        assert isinstance(dialect, MySQL)
        yield Flavour(dialect.for_server(dialect.server_of(conn)), conn, url)


@pytest.fixture(params=[*FLAVOURS, *VERSIONS])
def flavour(request: pytest.FixtureRequest) -> Iterator[Flavour]:
    """MySQL and MariaDB in turn, the latter in two versions."""
    yield from _flavour(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["mariadb", *VERSIONS])
def mariadb(request: pytest.FixtureRequest) -> Iterator[Flavour]:
    """MariaDB in two versions."""
    yield from _flavour(request.getfixturevalue(f"{request.param}_url"))
