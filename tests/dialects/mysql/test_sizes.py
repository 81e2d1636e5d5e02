"""Sizes of tables, whatever the age of the server's statistics, and rows that differ from a default."""

from __future__ import annotations

import pytest

from dbwarden.core.dialect import Scope
from dbwarden.core.types import Ref
from dbwarden.dialects.mysql import sizes

from .conftest import Flavour

T, EMPTY = Ref("table", "t"), Ref("table", "empty table")


def test_rows_are_counted_although_the_statistics_are_old(flavour: Flavour) -> None:
    conn = flavour.conn
    conn.execute("CREATE TABLE t (id int PRIMARY KEY)")
    conn.execute("CREATE TABLE `empty table` (id int PRIMARY KEY)")
    assert flavour.dialect.sizes(conn)[T].rows == 0  # MySQL remembers its estimate for a day
    conn.execute("INSERT INTO t VALUES (1), (2), (3)")
    size = flavour.dialect.sizes(conn)[T]
    assert (size.rows, size.exact) == (3, True)
    assert size.bytes > 0
    assert flavour.dialect.sizes(conn)[EMPTY].rows == 0


def test_a_large_table_is_estimated_and_never_empty(flavour: Flavour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "_BOUND", 5)
    conn = flavour.conn
    conn.execute("CREATE TABLE t (id int PRIMARY KEY)")
    conn.execute(f"INSERT INTO t VALUES {', '.join(f'({number})' for number in range(50))}")
    size = flavour.dialect.sizes(conn)[T]
    assert size.rows > 5
    assert not size.exact


def test_many_tables_take_few_statements(flavour: Flavour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "_AT_ONCE", 4)
    for number in range(9):
        flavour.conn.execute(f"CREATE TABLE t{number} (id int PRIMARY KEY)")
    flavour.conn.execute("INSERT INTO t8 VALUES (1)")
    start = flavour.conn.sent
    counted = flavour.dialect.sizes(flavour.conn)
    assert flavour.conn.sent - start == 1 + 3
    assert [counted[Ref("table", f"t{number}")].rows for number in range(9)] == [0] * 8 + [1]


# Type, default, another value that the type's collation or numbers may take for equal.
DEFAULTS = [
    ("int", "7", "8"),
    ("decimal(10,2)", "1.5", "1.51"),
    ("double", "1e3", "1000.5"),
    ("bit(4)", "b'101'", "b'111'"),
    ("tinyint(1)", "true", "false"),
    ("year", "2020", "2021"),
    ("varchar(20)", "'it''s é'", "'it''s É'"),
    ("varchar(20)", "'a'", "'a '"),
    ("varchar(20) character set latin1", "'é'", "'e'"),
    ("char(5)", "'a'", "'A'"),
    ("text", "('a')", "'A'"),
    ("enum('a','b')", "'a'", "'b'"),
    ("set('x','y')", "'x,y'", "'x'"),
    ("date", "'2020-01-02'", "'2020-01-03'"),
    ("datetime(3)", "'2020-01-01 10:00'", "'2020-01-01 10:00:00.001'"),
    ("time", "'10:00'", "'10:00:01'"),
    ("binary(4)", "'ab'", "'abc'"),
    ("varbinary(4)", "'ab'", "'AB'"),
]


@pytest.mark.parametrize(("type_", "default", "other"), DEFAULTS)
def test_rows_differ_from_a_default(type_: str, default: str, other: str, flavour: Flavour) -> None:
    conn = flavour.conn
    conn.execute(f"CREATE TABLE t (id int PRIMARY KEY, v {type_} DEFAULT {default})")
    conn.execute(f"INSERT INTO t VALUES (1, DEFAULT), (2, {other}), (3, NULL)")
    column = flavour.dialect.inspect(conn, Scope()).table(T).columns["v"]
    condition = flavour.dialect.differs_from_default(column)
    assert condition is not None
    rows = conn.query(f"SELECT id FROM t WHERE {condition} ORDER BY id")
    assert [row[0] for row in rows] == [2, 3]


def test_expressions_are_no_constants(flavour: Flavour) -> None:
    flavour.conn.execute("CREATE TABLE t (u varchar(36) DEFAULT (uuid()), d datetime DEFAULT now(), n int)")
    columns = flavour.dialect.inspect(flavour.conn, Scope()).table(T).columns
    assert [flavour.dialect.differs_from_default(column) for column in columns.values()] == [None, None, None]
