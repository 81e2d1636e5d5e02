"""Inspections that are not read again where the catalogue answers as before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from dbwarden.core.dialect import Connection, Scope, ServerDialect
from dbwarden.core.model import Schema, Table
from dbwarden.runtime.inspection_memory import InspectionMemory


class Catalogue:
    """A connection to tables, each with a comment."""

    def __init__(self) -> None:
        self.comments: dict[str, str] = {}
        self.queries: list[str] = []

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        self.queries.append(sql)
        return [(name,) for name in self.comments] if sql == "tables" else [(self.comments[sql],)]

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int:
        return 0


class Dialect:
    """Reads each table by a query of its own."""

    def __init__(self, sets: bool = False) -> None:
        self.sets, self.inspections = sets, 0

    def inspect(self, conn: Connection, scope: Scope) -> Schema:
        self.inspections += 1
        if self.sets:
            conn.execute("SET something")
        names = [row[0] for row in conn.query("tables")]
        return Schema(Table(name, {}, comment=conn.query(name)[0][0]) for name in names)


@pytest.fixture
def conn() -> Catalogue:
    return Catalogue()


@pytest.fixture
def memory() -> InspectionMemory:
    return InspectionMemory()


def inspect(memory: InspectionMemory, conn: Catalogue, dialect: Dialect, *schemas: str) -> Schema:
    return memory.inspect(cast(Connection, conn), cast(ServerDialect, dialect), Scope((None, *schemas)))


def test_there_and_back(memory: InspectionMemory, conn: Catalogue) -> None:
    dialect, states = Dialect(), [{}, {"a": "one", "b": ""}, {}, {"a": "one", "b": ""}]
    seen = []
    for conn.comments in states:  # type: ignore[assignment]
        seen.append(inspect(memory, conn, dialect))
    assert dialect.inspections == 2
    assert seen[3] is seen[1] and seen[2] is seen[0]


def test_any_other_row_is_read(memory: InspectionMemory, conn: Catalogue) -> None:
    dialect = Dialect()
    conn.comments = {"a": "one", "b": ""}
    inspect(memory, conn, dialect)
    conn.comments = {"a": "one", "b": "two"}
    conn.queries.clear()
    schema = inspect(memory, conn, dialect)
    assert [table.comment for table in schema.tables()] == ["one", "two"]
    assert conn.queries == ["tables", "a", "b"], "no query is sent twice"


def test_each_choice_of_namespaces_by_itself(memory: InspectionMemory, conn: Catalogue) -> None:
    dialect = Dialect()
    inspect(memory, conn, dialect)
    inspect(memory, conn, dialect, "other")
    assert dialect.inspections == 2


def test_an_inspection_with_more_than_queries(memory: InspectionMemory, conn: Catalogue) -> None:
    dialect = Dialect(sets=True)
    inspect(memory, conn, dialect)
    inspect(memory, conn, dialect)
    assert dialect.inspections == 2
