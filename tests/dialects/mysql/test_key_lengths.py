"""MariaDB shortens the key of an index that is not unique to what a page takes: models without a length agree with that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbwarden.core.dialect import Prefs, Scope
from dbwarden.core.diff import diff
from dbwarden.core.model import Column, Index, IndexElement, Schema
from dbwarden.core.plan import pair, plan
from dbwarden.core.types import DataType, Expression, Ref

from .conftest import Flavour

T = Ref("table", "t")
INDEX = Ref("index", "ix", None, "t")
COLUMNS = {
    "text": 768,
    "text CHARACTER SET utf8mb3": 1024,
    "text CHARACTER SET latin1": 3072,
    "tinytext": 255,
    "json": 768,
    "mediumblob": 3072,
    "tinyblob": 255,
    "varchar(768)": None,
    "varchar(769)": 768,
    "varchar(769) CHARACTER SET utf8mb3": None,
    "varchar(5000) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin": 1024,
    "varbinary(3072)": None,
    "varbinary(4000)": 3072,
}


def _with_length(flavour: Flavour, there: Schema, length: int | None) -> Schema:
    """As models with this length describe the index."""
    index = there.get(INDEX)
    assert isinstance(index, Index)
    keys = tuple(replace(key, length=length) for key in index.elements)
    return flavour.dialect.canonical(there.put(replace(index, elements=keys)))


@pytest.mark.parametrize("column", COLUMNS)
def test_of_an_index(mariadb: Flavour, column: str) -> None:
    mariadb.conn.execute(f"CREATE TABLE t (a {column}, INDEX ix (a)) CHARSET utf8mb4")
    there = mariadb.dialect.inspect(mariadb.conn, Scope())
    index = there.get(INDEX)
    assert isinstance(index, Index)
    assert [key.length for key in index.elements] == [COLUMNS[column]]
    assert not list(diff(there, _with_length(mariadb, there, None)))


def test_of_an_index_with_a_length(mariadb: Flavour) -> None:
    mariadb.conn.execute("CREATE TABLE t (a text, INDEX ix (a(9000))) CHARSET utf8mb4")
    there = mariadb.dialect.inspect(mariadb.conn, Scope())
    assert not list(diff(there, _with_length(mariadb, there, 9000)))
    assert list(diff(there, _with_length(mariadb, there, 700)))


def test_of_a_unique_index(mariadb: Flavour) -> None:
    """It is kept whole, by a hash."""
    mariadb.conn.execute("CREATE TABLE t (a text, b varchar(4000), UNIQUE ix (a), UNIQUE (b)) CHARSET utf8mb4")
    there = mariadb.dialect.inspect(mariadb.conn, Scope())
    assert not list(diff(there, _with_length(mariadb, there, None)))


@pytest.mark.parametrize("unique", ["u text", "u varchar(800)", "u varchar(500)", "u varchar(20)"])
def test_changes_beside_a_unique_index(mariadb: Flavour, unique: str) -> None:
    """One with a hash has a hidden column, and every other change copies the table; the statements do not claim less."""
    v = unique.replace("u", "v", 1)
    mariadb.conn.execute(
        f"CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, {unique}, {v}, UNIQUE ux (u, v), INDEX i (n)) CHARSET utf8mb4"
    )
    there = mariadb.dialect.inspect(mariadb.conn, Scope())
    table = there.table(T)
    columns = {
        **table.columns,
        "n": replace(table.columns["n"], default=Expression("5")),
        "m": Column("m", DataType("int")),
    }
    key = Index(T, "j", (IndexElement("m"),))
    changed = there.without(Ref("index", "i", None, "t")).put(replace(table, columns=columns), key)
    without = changed.without(Ref("index", "ux", None, "t"))
    copies = unique != "u varchar(20)"
    for current, aim in ((there, changed), (changed, without), (without, changed), (changed, there), (there, without)):
        statements = plan(pair(current, aim, [T]), mariadb.dialect, Prefs(online=True)).upgrade()
        for sql in statements:
            mariadb.conn.execute(sql)
        assert not list(diff(mariadb.dialect.inspect(mariadb.conn, Scope()), aim))
        if current is there and aim is changed:
            assert any("ALGORITHM=COPY, LOCK=" in sql for sql in statements) is copies, statements


def test_of_a_column_that_becomes_longer(mariadb: Flavour) -> None:
    mariadb.conn.execute("CREATE TABLE t (a varchar(700), INDEX ix (a)) CHARSET utf8mb4")
    there = mariadb.dialect.inspect(mariadb.conn, Scope())
    table = there.table(T)
    longer = table.with_column(replace(table.columns["a"], type=DataType("varchar", ("1000",))))
    desired = mariadb.dialect.canonical(there.put(longer))
    for current, aim in ((there, desired), (desired, there)):
        for sql in plan(pair(current, aim, [T]), mariadb.dialect).upgrade():
            mariadb.conn.execute(sql)
        assert not list(diff(mariadb.dialect.inspect(mariadb.conn, Scope()), aim))
