"""Inspection: a constant number of queries, canonical, without our own tables, and never an empty answer for an error."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from dbwarden.core.dialect import Scope
from dbwarden.core.model import Column, Index, IndexElement, Object, PrimaryKey, Table, Unique
from dbwarden.core.own_tables import COLUMNS, OwnTables
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError

from .conftest import Subject
from .test_round_trips import CASES


def tables(subject: Subject, numbers: range) -> list[Object]:
    integer = subject.dialect.from_sqlalchemy(sa.Integer())[0]
    objects: list[Object] = []
    for number in numbers:
        ref = Ref("table", f"t{number}")
        objects += [
            Table.of(ref.name, [Column("id", integer, False), Column("a", integer), Column("b", integer)]),
            PrimaryKey(ref, f"{ref.name}_pkey", ("id",)),
            Unique(ref, f"{ref.name}_b_key", ("b",)),
            Index(ref, f"{ref.name}_a", (IndexElement("a"),)),
        ]
    return objects


def test_the_number_of_queries_does_not_grow(subject: Subject) -> None:
    def queries() -> int:
        start = subject.conn.sent
        subject.inspect()
        return subject.conn.sent - start

    subject.build(tables(subject, range(1)))
    few = queries()
    subject.execute(subject.plan(subject.schema(), subject.schema(*tables(subject, range(1, 40)))).upgrade())
    assert queries() == few <= 13


@pytest.mark.parametrize("case", CASES)
def test_what_is_inspected_is_canonical(case: str, subject: Subject) -> None:
    there = subject.build(CASES[case][1](subject.dialect))
    assert subject.dialect.canonical(there) == there
    again = subject.dialect.canonical(there)
    assert {ref: getattr(item, "expression", None) for ref, item in again.items()} == {
        ref: getattr(item, "expression", None) for ref, item in there.items()
    }


@pytest.mark.parametrize("case", CASES)
def test_the_canonical_form_of_a_canonical_schema_is_itself(case: str, subject: Subject) -> None:
    desired = subject.schema(*CASES[case][1](subject.dialect))
    assert subject.dialect.canonical(desired) is desired


def test_our_own_tables_are_made_twice_and_not_seen(subject: Subject) -> None:
    tables = OwnTables()
    for _ in range(2):
        for name in COLUMNS:
            for sql in subject.dialect.history_ddl(name, tables):
                subject.conn.execute(sql)
    made = {name: columns for name, columns in COLUMNS.items() if subject.dialect.history_ddl(name, tables)}
    assert len(made) >= len(COLUMNS) - 1  # the lock may be something else than a table
    for name, columns in made.items():
        assert subject.dialect.columns_of(subject.conn, tables.name(name)) == {column for column, _ in columns}
        assert subject.conn.query(f"SELECT * FROM {tables.name(name)}") == []
    assert subject.dialect.columns_of(subject.conn, "absent") == frozenset()
    assert not len(subject.inspect())


def test_a_failed_query_is_an_error(subject: Subject) -> None:
    subject.conn.close()
    with pytest.raises(DatabaseError):
        subject.dialect.inspect(subject.conn, Scope())


def test_the_server_says_what_it_is(subject: Subject) -> None:
    server = subject.dialect.server_of(subject.conn)
    assert server.version
    assert server.product.partition(" ")[2].startswith(str(server.version[0]))


def test_a_table_without_rows_is_empty_and_one_with_rows_is_not(subject: Subject) -> None:
    subject.build(tables(subject, range(2)))
    subject.conn.execute("INSERT INTO t1 VALUES (1, 2, 3)")
    sizes = subject.dialect.sizes(subject.conn)
    if not sizes:
        return  # the engine does not say
    assert sizes[Ref("table", "t0")].rows == 0
    assert sizes[Ref("table", "t1")].rows > 0


def test_rows_that_differ_from_a_default_are_found(subject: Subject) -> None:
    case = CASES["add a column with a default"][1]
    (table,) = subject.build(case(subject.dialect)).tables()
    subject.conn.execute("INSERT INTO t (id, s, n) VALUES (1, 'x', 7), (2, 'x', 8)")
    condition = subject.dialect.differs_from_default(table.columns["n"])
    if condition is None:
        return  # the dialect cannot say
    assert subject.conn.query(f"SELECT id FROM t WHERE {condition}") == [(2,)]
