"""A scratch database: what is built in it, when it is read anew, and that statements in one message lose no position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Features
from dbwarden.core.model import Column, ForeignKey, Index, IndexElement, PrimaryKey, Schema, Table
from dbwarden.core.types import DataType, Ref
from dbwarden.dialects.sqlite.dialect import SQLite
from dbwarden.errors import DatabaseError, MigrationFailed
from dbwarden.runtime.batch import SIZE, batches
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.scratch_database import ScratchDatabase
from tests.runtime.conftest import Place


class WithoutTransactions(SQLite):
    """SQLite as an engine whose DDL cannot be undone; the table ``t`` takes a statement more, which needs another table."""

    features = replace(SQLite.features, transactional_ddl=False)

    def ddl(self, change: Any, *schemas: Any) -> tuple[str, ...]:
        statements = super().ddl(change, *schemas)
        return (*statements, "SELECT id FROM waited_for") if change.ref == ref("t") else statements


class Autocommit:
    """A connection without transactions; it remembers what was sent."""

    def __init__(self, conn: DatabaseConnection) -> None:
        self.conn = conn
        self.done: list[str] = []

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int:
        count = self.conn.execute(sql, params)
        self.done.append(sql)
        return count

    def __getattr__(self, name: str) -> Any:
        assert name not in ("begin", "commit", "rollback", "transaction"), f"{name}: there are no transactions"
        return getattr(self.conn, name)


@pytest.fixture
def memory() -> Iterator[DatabaseConnection]:
    with connect("sqlite://") as conn:
        yield conn


def ref(name: str) -> Ref:
    return Ref("table", name)


def table(name: str, *members: Any) -> Schema:
    columns = {"id": Column("id", DataType("INTEGER"), nullable=False)}
    return Schema((Table(name, columns), PrimaryKey(ref(name), f"pk_{name}", ("id",)), *members))


def test_what_is_built_needs_no_transaction(memory: DatabaseConnection) -> None:
    dialect = WithoutTransactions()
    desired = dialect.canonical(
        Schema((*table("t", Index(ref("t"), "ix", (IndexElement("id"),))).objects(), *table("waited_for").objects()))
    )
    conn = Autocommit(memory)
    scratch = ScratchDatabase(conn, dialect, "memory")  # type: ignore[arg-type]
    assert scratch.build(desired) == {}
    assert len(conn.done) == len(set(conn.done)) == 4, "a statement that succeeded is not repeated"
    assert [ref for ref in desired if ref not in scratch.inspect()] == []


def test_what_cannot_be_built_is_named_and_the_rest_is_there(memory: DatabaseConnection) -> None:
    dialect = WithoutTransactions()
    desired = dialect.canonical(table("t", Index(ref("t"), "ix", (IndexElement("id"),))))
    conn = Autocommit(memory)
    refused = ScratchDatabase(conn, dialect, "memory").build(desired)  # type: ignore[arg-type]
    assert refused == {"table t": "no such table: waited_for"}
    assert memory.query("SELECT name FROM sqlite_master WHERE name IN ('t', 'ix') ORDER BY 1") == [("ix",), ("t",)]


def test_it_is_read_anew_only_where_something_was_sent(place: Place) -> None:
    conn = place.connect()
    scratch = ScratchDatabase(conn, place.dialect, "here")
    assert scratch.inspect() == Schema()
    sent = conn.sent
    assert scratch.inspect() == Schema() and conn.sent == sent
    conn.execute("CREATE TABLE t (n INTEGER)")
    assert {ref.name for ref in scratch.inspect()} == {"t"}
    sent = conn.sent
    scratch.schemas = ("elsewhere",) if place.dialect.features.has("namespace") else ()
    scratch.inspect()
    assert (conn.sent > sent) is place.dialect.features.has("namespace")


def test_statements_in_one_message_are_separated() -> None:
    statements = [f"SELECT {n} -- the {n}th" for n in range(2 * SIZE + 1)]
    sent = list(batches(statements))
    assert [message.count("\n;\n") for message in sent] == [SIZE - 1, SIZE - 1, 0], "no comment swallows a semicolon"
    assert "\n;\n".join(sent).split("\n;\n") == statements


FILE = "-- upgrade\n{};\n\n-- rollback\n{};\n"


def test_a_statement_that_fails_is_known(place: Place) -> None:
    """On every engine: PostgreSQL gets all statements in one message first."""
    conn = place.connect()
    scratch = ScratchDatabase(conn, place.dialect, "here")
    creations = [f"CREATE TABLE t{n} (n INTEGER) -- number {n}" for n in range(5)]
    wrong = [*creations[:3], "CREATE TABLE t0 (n INTEGER)", *creations[3:]]
    with pytest.raises(MigrationFailed) as error:
        scratch.upgrade(place.file("0001_wrong.sql", FILE.format("\n;\n".join(wrong), "SELECT 1")))
    assert (error.value.statement, error.value.total) == (4, 6)
    assert "already exists" in error.value.reason
    remaining = set() if place.dialect.features.transactional_ddl else {"t0", "t1", "t2"}
    assert place.tables() == remaining
    for name in remaining:
        conn.execute(f"DROP TABLE {name}")
    file = place.file("0002_right.sql", FILE.format("\n;\n".join(creations), "\n;\n".join(["DROP TABLE t0"])))
    sent = conn.sent
    record = scratch.upgrade(file)
    batched = place.dialect.features.statement_batches
    assert (conn.sent - sent == 4) is batched, "BEGIN, all statements, history, COMMIT"
    assert record.statements_done == 5 and place.tables() == {f"t{n}" for n in range(5)}
    scratch.rollback(file, record)
    assert place.tables() == {f"t{n}" for n in range(1, 5)}


def test_settings_of_the_session_count_for_what_follows(pg: Place) -> None:
    """Backslashes in strings are read as the statement before says: never in one message."""
    conn = pg.connect()
    upgrade = (
        "SET standard_conforming_strings = off;\nCREATE TABLE t AS SELECT 'a\\nb' AS v;\nCREATE TABLE u (n INTEGER)"
    )
    ScratchDatabase(conn, pg.dialect, "here").upgrade(pg.file("0001_quoted.sql", FILE.format(upgrade, "SELECT 1")))
    assert conn.query("SELECT v FROM t") == [("a\nb",)]


def test_foreign_keys_of_a_built_schema_hold(place: Place) -> None:
    key = ForeignKey(ref("child"), "fk", ("id",), ref("parent"), ("id",))
    dialect = place.dialect
    desired = dialect.canonical(Schema((*table("child", key).objects(), *table("parent").objects())))
    scratch = ScratchDatabase(place.connect(), dialect, "here")
    assert scratch.build(desired) == {} and {ref.kind for ref in scratch.inspect()} >= {"table", "foreign_key"}


def test_the_engines_say_what_they_can() -> None:
    assert Features().statement_batches is False
    assert dialects.get("postgresql").features.statement_batches
    with pytest.raises(DatabaseError), connect("sqlite://") as conn:
        conn.execute("SELECT 1;\nSELECT 2")
