"""From one schema to another and back, on a real database of each dialect: the target is reached exactly, rows stay, a second
plan is empty, columns have their order where an engine can give it, and what is printed is understood by the same dialect's
reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from dbwarden.core.change import Rename
from dbwarden.core.ddl.statements import Unknown
from dbwarden.core.dialect import Dialect, Prefs
from dbwarden.core.model import (
    Check,
    Column,
    ForeignKey,
    Index,
    IndexElement,
    Object,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from dbwarden.core.sqltext import split
from dbwarden.core.types import Expression, Ref
from dbwarden.errors import Unsupported

from .conftest import Subject

T, U = Ref("table", "t"), Ref("table", "u")
Make = Callable[[Dialect], list[Object]]


def column(dialect: Dialect, name: str, type_: Any, **rest: Any) -> Column:
    return Column(name, dialect.from_sqlalchemy(type_)[0], **rest)


def table(dialect: Dialect, *more: Column, ref: Ref = T) -> list[Object]:
    columns = [column(dialect, "id", sa.Integer(), nullable=False), column(dialect, "s", sa.String(20)), *more]
    return [Table.of(ref.name, columns), PrimaryKey(ref, f"{ref.name}_pkey", ("id",))]


def one(*members: Object) -> Make:
    return lambda dialect: [*table(dialect), *members]


def wider(name: str, type_: Any, **rest: Any) -> Make:
    return lambda dialect: table(dialect, column(dialect, name, type_, **rest))


def two(*members: Object) -> Make:
    return lambda dialect: [*table(dialect), *table(dialect, ref=U), *members]


def among(name: str, type_: Any) -> Make:
    """A table with one more column between the others."""

    def make(dialect: Dialect) -> list[Object]:
        first, *rest = table(dialect)
        assert isinstance(first, Table)
        columns = [*first.columns.values()]
        return [Table.of(T.name, [columns[0], column(dialect, name, type_), *columns[1:]]), *rest]

    return make


def order(schema: Schema) -> dict[Ref, list[str]]:
    """The columns of each table in their order."""
    return {table.ref: list(table.columns) for table in schema.tables()}


INDEX = Index(T, "t_s", (IndexElement("s"),))
CASES: dict[str, tuple[Make, Make]] = {
    "create a table": (lambda dialect: [], one()),
    "create two tables with members": (
        lambda dialect: [],
        two(
            Unique(T, "t_s_key", ("s",)),
            Check(T, "t_id_check", Expression("id > 0"), ("id",)),
            ForeignKey(T, "t_u_fkey", ("id",), U, ("id",), None, "cascade"),
            Index(U, "u_s", (IndexElement("s"),), unique=True),
        ),
    ),
    "add a column": (one(), wider("n", sa.Integer())),
    "add a column between others": (one(), among("n", sa.Integer())),
    "add a column with a default": (
        one(),
        wider("n", sa.Integer(), nullable=False, default=Expression("7")),
    ),
    "add a text with quotes as its default": (one(), wider("q", sa.Text(), default=Expression("'it''s'"))),
    "add an index": (one(), one(INDEX)),
    "add a unique index": (one(), one(Index(T, "t_s_u", (IndexElement("s"), IndexElement("id")), unique=True))),
    "add a unique constraint": (one(), one(Unique(T, "t_s_key", ("s",)))),
    "add a check": (one(), one(Check(T, "t_id_check", Expression("id > 0"), ("id",)))),
    "add a foreign key": (two(), two(ForeignKey(T, "t_u_fkey", ("id",), U, ("id",)))),
    "widen a type": (wider("n", sa.Integer()), wider("n", sa.BigInteger())),
    "set a default": (wider("n", sa.Integer()), wider("n", sa.Integer(), default=Expression("3"))),
    "forbid NULL": (wider("n", sa.Integer()), wider("n", sa.Integer(), nullable=False)),
    "replace a table": (one(INDEX), lambda dialect: table(dialect, ref=U)),
}
REFUSED = {"toy": ("widen a type", "set a default", "forbid NULL")}
"""What a dialect has no statement for: an explicit answer, never an empty plan."""
BOTH_WAYS = [*((name, False) for name in CASES), *((name, True) for name in CASES)]


@pytest.mark.parametrize(("case", "backwards"), BOTH_WAYS)
def test_there_and_back(case: str, backwards: bool, subject: Subject) -> None:
    before, after = (make(subject.dialect) for make in CASES[case][:: -1 if backwards else 1])
    former = subject.build(before)
    assert former == subject.schema(*before)
    desired = subject.schema(*after)
    if case in REFUSED.get(subject.dialect.name, ()):
        with pytest.raises(Unsupported):
            subject.plan(former, desired)
        return
    plan = subject.plan(former, desired)
    subject.execute(plan.upgrade())
    assert subject.inspect() == desired
    ordered = subject.dialect.features.column_places
    assert not ordered or order(subject.inspect()) == order(desired)
    assert not subject.plan(subject.inspect(), desired)
    assert plan.irreversible() == ()
    subject.execute(plan.rollback())
    assert subject.inspect() == former
    assert not ordered or order(subject.inspect()) == order(former)


@pytest.mark.parametrize("case", CASES)
def test_what_is_printed_is_understood(case: str, subject: Subject) -> None:
    """Split as written, read, and judged by the dialect's own rows."""
    before, after = (subject.schema(*make(subject.dialect)) for make in CASES[case])
    if case in REFUSED.get(subject.dialect.name, ()):
        return
    plan = subject.plan(before, after)
    dialect = subject.dialect
    for statements in (plan.upgrade(), plan.rollback()):
        text = ";\n".join((*statements, ""))
        bare = [re.sub(r"\A(?:--.*\n)+", "", sql) for sql in statements]  # a marked place stands before its statement
        assert [statement.text for statement in split(text, dialect.lexical_rules)] == bare
        for sql in statements:
            assert not isinstance(dialect.parse(sql), Unknown), sql
            assert dialect.facts(sql).known, sql
        assert len(dialect.analyze_file(statements)) == len(statements)


@pytest.mark.parametrize(
    ("old", "new"),
    [(T, T._replace(name="Order")), (Ref("column", "s", None, "t"), Ref("column", "select", None, "t"))],
    ids=["table", "column"],
)
def test_renames_keep_the_rows(old: Ref, new: Ref, subject: Subject) -> None:
    if old.kind not in subject.dialect.features.renames:
        return
    former = subject.build(table(subject.dialect))
    subject.conn.execute("INSERT INTO t VALUES (1, 'x')")
    rename = Rename(old, new)
    there = rename.apply(former)
    for change, before, after in ((rename, former, there), (rename.inverse(), there, former)):
        subject.execute(_printed(subject.dialect, change, before, after))
        assert [item.ref for item in subject.inspect().tables()] == [item.ref for item in after.tables()]
    assert subject.inspect() == former
    assert subject.conn.query("SELECT * FROM t") == [(1, "x")]


def _printed(dialect: Dialect, change: Rename, before: Schema, after: Schema) -> tuple[str, ...]:
    return dialect.ddl(change, before, after, Prefs())


def test_rows_stay_where_a_table_changes(subject: Subject) -> None:
    former = subject.build(table(subject.dialect))
    subject.conn.execute("INSERT INTO t VALUES (1, 'x')")
    desired = subject.schema(*CASES["add a column with a default"][1](subject.dialect))
    plan = subject.plan(former, desired)
    subject.execute(plan.upgrade())
    assert subject.conn.query("SELECT id, s, n FROM t") == [(1, "x", 7)]
    subject.execute(plan.rollback())
    assert subject.conn.query("SELECT * FROM t") == [(1, "x")]
