"""The table of types of each engine: every row leads from SQLAlchemy to SQL and back to itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from clickhouse_connect.cc_sqlalchemy import types as clickhouse
from sqlalchemy.dialects import mysql, postgresql

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.engine import SUPPORTED
from dbwarden.core.model import Column, Schema, Table
from dbwarden.core.type_table import Family, TypeChange, TypeRow
from dbwarden.core.types import DataType, Ref
from dbwarden.dialects.base.names import literal
from dbwarden.runtime.connection import DatabaseConnection

NAMES = {**vars(sa), "pg": postgresql, "my": mysql, "ch": clickhouse}
EVERY_ROW = [(engine, row) for engine in SUPPORTED for row in dialects.get(engine).types.rows]


def described(dialect: Dialect, row: TypeRow) -> DataType:
    """The row as what its SQLAlchemy type is read as; without one, by its own name."""
    if not row.sqlalchemy:
        return DataType(row.name, modifiers=row.modifiers)
    type_: Any = eval(row.sqlalchemy, NAMES)
    return dialect.from_sqlalchemy(type_)[0]


def canonical(dialect: Dialect, datatype: DataType) -> DataType:
    schema = dialect.canonical(Schema((Table.of("t", (Column("c", datatype),)),)))
    return schema.table(Ref("table", "t")).columns["c"].type


def idfn(value: object) -> str:
    return value.key if isinstance(value, TypeRow) else str(value)


@pytest.mark.parametrize(("engine", "row"), EVERY_ROW, ids=idfn)
def test_from_sqlalchemy_to_sql_and_back(engine: str, row: TypeRow) -> None:
    dialect = dialects.get(engine)
    datatype = canonical(dialect, described(dialect, row))
    assert dialect.types.row(datatype) is row
    assert canonical(dialect, dialect.parse_type(dialect.type_sql(datatype))) == datatype


@pytest.mark.parametrize(("engine", "row"), EVERY_ROW, ids=idfn)
def test_every_name_means_one_type(engine: str, row: TypeRow) -> None:
    types = dialects.get(engine).types
    assert [one.key for one in types.rows if {row.key, *row.aliases} & {one.key, *one.aliases}] == [row.key]
    for alias in row.aliases:
        assert types.get(alias) is row
    unknown = [key for key in row.conversions if types.get(key) is None]
    assert not unknown, "a conversion leads to a type that the engine does not have"


@pytest.mark.parametrize("engine", SUPPORTED)
def test_a_type_stays_what_it_is(engine: str) -> None:
    dialect = dialects.get(engine)
    for row in dialect.types.rows:
        datatype = DataType(row.name, modifiers=row.modifiers)
        assert dialect.type_change(datatype, datatype) is TypeChange.SAME


@pytest.fixture
def conn(database_url: str) -> Iterator[DatabaseConnection]:
    connection = connect(database_url)
    yield connection
    connection.close()


@pytest.fixture
def dialect(database_url: str, conn: DatabaseConnection) -> Dialect:
    dialect = dialects.get(database_url.partition(":")[0])
    return dialect.for_server(dialect.server_of(conn))


def test_the_engine_has_every_type(conn: DatabaseConnection, dialect: Dialect) -> None:
    """One table with a column of each type is what inspection finds."""
    rows = dialect.types.rows
    for row in rows:
        if row.extension:
            conn.execute(f"CREATE EXTENSION {row.name}")
    expected = {f"c{at}": canonical(dialect, described(dialect, row)) for at, row in enumerate(rows)}
    columns = ", ".join(f"{name} {dialect.type_sql(datatype)}" for name, datatype in expected.items())
    conn.execute(f"CREATE TABLE t ({columns})")
    table = dialect.inspect(conn, Scope()).table(Ref("table", "t"))
    assert {name: column.type for name, column in table.columns.items()} == expected
    assert [dialect.types.row(column.type) for column in table.columns.values()] == list(rows)


def test_examples_are_values_of_their_type(conn: DatabaseConnection, dialect: Dialect) -> None:
    for row in dialect.types.rows:
        if row.examples and not row.extension:
            conn.execute(f"CREATE TABLE t (c {dialect.type_sql(canonical(dialect, described(dialect, row)))})")
            for text in row.examples:
                conn.execute(f"INSERT INTO t VALUES ({literal(text)})")
            assert conn.query("SELECT COUNT(*) FROM t WHERE c IS NOT NULL") == [(len(row.examples),)]
            conn.execute("DROP TABLE t")


@pytest.mark.parametrize("engine", SUPPORTED)
def test_kinship_is_by_family(engine: str) -> None:
    types = dialects.get(engine).types
    first, second, *_ = sorted(types.names(Family.WHOLE))
    assert types.family_key(DataType(first)) == types.family_key(DataType(second)) != types.family_key(DataType("text"))
    assert types.family_key(DataType("strange")) != types.family_key(DataType("stranger"))
