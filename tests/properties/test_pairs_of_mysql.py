"""Pairs of models, before -> after, on MySQL and MariaDB, judged by the servers' own SHOW CREATE and by rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql

from dbwarden.api.connection import connect
from dbwarden.core.dialect import Connection, Dialect, Prefs
from dbwarden.core.plan import plan
from dbwarden.core.steps import Plan
from dbwarden.errors import DatabaseError
from tests.servers import engine_url
from tests.support.column_order import assert_column_order, column_order, without_order
from tests.support.dump import dump
from tests.support.effort import examples
from tests.support.models_mysql import inserts, metadatas, readable
from tests.support.pipeline import compare, dialect_for, planned, run

Rows = dict[str, list[tuple[str, ...]]]


@dataclass
class Pairs:
    """A database that begins empty for each pair."""

    url: str
    engine: str
    conn: Connection
    dialect: Dialect
    reference: sa.Engine

    def empty(self) -> None:
        self.dialect.clear(self.conn)

    def dump(self) -> list[str]:
        """Without what depends on the way to the same definitions."""
        return sorted(map(_unified, dump(self.url)))

    def created(self, metadata: sa.MetaData) -> list[str]:
        """What ``create_all`` makes; the database is empty again. The pair does not count if the server refuses it."""
        self.empty()
        try:
            metadata.create_all(self.reference)
        except sa.exc.DBAPIError:
            assume(False)
        shown = self.dump()
        self.empty()
        return shown

    def rows(self, columns: dict[str, list[str]]) -> Rows:
        return {
            table: sorted(
                tuple(map(_text, row))
                for row in self.conn.query(f"SELECT {', '.join(f'`{name}`' for name in names)} FROM `{table}`")
            )
            for table, names in columns.items()
        }


def _unified(table: str) -> str:
    """A table without the character sets of strings, those that a collation or the table says, and the names of the
    indexes of foreign keys: one that is there serves, whatever its name."""
    charset = re.search(r"DEFAULT CHARSET=(\w+)(?: COLLATE=(\w+))?", table)
    own = charset and (charset[2] or {"latin1": "latin1_swedish_ci", "utf8mb3": "utf8mb3_general_ci"}[charset[1]])
    for pattern, instead in (
        (r"CHARACTER SET (\w+) (?=COLLATE \1_)", ""),
        (rf" COLLATE {own}\b", ""),
        (r"(?<![\w'])_\w+(?=')", ""),
        (r"KEY `\w+` (?=\(`to_\w+`\))", "KEY "),
    ):
        table = re.sub(pattern, instead, table)
    items = re.split(r" \| |(?<= \() ", table)
    columns = [item for item in items if item.startswith("`")]
    return " | ".join([*columns, *sorted(item for item in items if not item.startswith("`"))])


def _text(value: object) -> str:
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


@pytest.fixture
def pairs(database_url: str) -> Iterator[Pairs]:
    engine = database_url.partition(":")[0]
    connection = connect(database_url)
    reference = sa.create_engine(engine_url(database_url))
    yield Pairs(database_url, engine, connection, dialect_for(connection, engine), reference)
    reference.dispose()
    connection.close()


@pytest.mark.parametrize("database_url", ["mysql", "mariadb"], indirect=True)
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::sqlalchemy.exc.SADeprecationWarning")
@settings(max_examples=examples(40, ci=200), derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_pairs(pairs: Pairs, data: st.DataObject) -> None:
    before, after = (data.draw(metadatas(pairs.engine)) for _ in range(2))
    expected = pairs.created(after)
    _start(pairs, before, after)
    columns = readable(before, after)
    former, rows = pairs.dump(), pairs.rows(columns)

    change = planned(pairs.conn, pairs.dialect, after)
    _note(change, "plain")
    if not change:
        _assert_same(without_order(former), without_order(expected))
        return
    run(pairs.conn, pairs.dialect, change.upgrade())
    second = planned(pairs.conn, pairs.dialect, after)
    assert not second, second.upgrade()
    _assert_reached(pairs, expected, former)
    assert pairs.rows(columns) == rows
    if change.irreversible():
        return
    run(pairs.conn, pairs.dialect, change.rollback())
    _assert_same(pairs.dump(), former)
    assert pairs.rows(columns) == rows

    online = plan(compare(pairs.conn, pairs.dialect, after), pairs.dialect, Prefs(online=True))
    _note(online, "online")
    run(pairs.conn, pairs.dialect, online.upgrade())
    _assert_reached(pairs, expected, former)
    assert pairs.rows(columns) == rows
    if online.rollback() != change.rollback():  # else it was seen above
        run(pairs.conn, pairs.dialect, online.rollback())
        _assert_same(pairs.dump(), former)


@pytest.mark.parametrize("database_url", ["mysql", "mariadb"], indirect=True)
def test_a_check_added_with_its_column_has_the_literal_of_the_columns_charset(pairs: Pairs) -> None:
    """In CREATE TABLE MySQL gives the literal the character set of the connection."""
    before, after = sa.MetaData(), sa.MetaData()
    sa.Table("t", before, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        "t",
        after,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("s", mysql.VARCHAR(20, charset="latin1")),
        sa.CheckConstraint("s <> 'x'", "c"),
    )
    for metadata in (before, after):
        run(pairs.conn, pairs.dialect, planned(pairs.conn, pairs.dialect, metadata).upgrade())
    assert not planned(pairs.conn, pairs.dialect, after)


def _start(pairs: Pairs, before: sa.MetaData, after: sa.MetaData) -> None:
    """The former schema with rows, made by the tool."""
    create = planned(pairs.conn, pairs.dialect, before).upgrade()
    try:
        run(pairs.conn, pairs.dialect, create)
    except DatabaseError:
        pairs.created(before)  # the pair does not count if the server refuses the models
        raise
    assert not planned(pairs.conn, pairs.dialect, before)
    for sql in inserts(before, after, pairs.engine):
        pairs.conn.execute(sql)


def _assert_reached(pairs: Pairs, expected: list[str], former: list[str]) -> None:
    reached = pairs.dump()
    _assert_same(without_order(reached), without_order(expected))
    assert_column_order(reached, expected, former)


def _assert_same(dump: list[str], expected: list[str]) -> None:
    """The message has the lines of one dump that the other lacks."""
    if dump != expected:
        orders = column_order(dump), column_order(expected)
        lines, others = ({line for text in one for line in text.split(" | ")} for one in (dump, expected))
        raise AssertionError(f"{sorted(lines - others)} instead of {sorted(others - lines)}; {orders}")


def _note(change: Plan, kind: str) -> None:
    note(f"-- {kind}\n" + ";\n".join(change.upgrade()) + "\n-- rollback\n" + ";\n".join(change.rollback()))
