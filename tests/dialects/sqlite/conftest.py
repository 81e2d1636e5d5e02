"""Real databases, one file each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.model import Schema
from dbwarden.core.plan import pair, plan
from dbwarden.core.sqltext import split
from dbwarden.core.steps import Plan
from dbwarden.runtime.connection import DatabaseConnection

Open = Callable[..., DatabaseConnection]


@pytest.fixture
def dialect() -> Dialect:
    return dialects.get("sqlite")


@pytest.fixture
def database(tmp_path: Path, dialect: Dialect) -> Iterator[Open]:
    """Opens a new database that a script filled."""
    opened: list[DatabaseConnection] = []

    def build(script: str = "") -> DatabaseConnection:
        conn = connect(f"sqlite:///{tmp_path}/{len(opened)}.db")
        opened.append(conn)
        for statement in split(script, dialect.lexical_rules):
            conn.execute(statement.text)
        return conn

    yield build
    for conn in opened:
        conn.close()


@pytest.fixture
def inspect(dialect: Dialect) -> Callable[[DatabaseConnection], Schema]:
    return lambda conn: dialect.inspect(conn, Scope())


@pytest.fixture
def change(database: Open, dialect: Dialect, inspect: Callable[[DatabaseConnection], Schema]) -> Callable[..., Plan]:
    """The plan from one database to the schema that a script builds; what only the former has is ours to drop."""

    def planned(conn: DatabaseConnection, after: str) -> Plan:
        current, desired = inspect(conn), inspect(database(after))
        owned = [ref for ref, item in current.items() if not item.derived]
        return plan(pair(current, desired, owned), dialect)

    return planned
