"""Sequences and the columns that draw from them or own them: a serial column is both parts together, anything else is not."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Integer, MetaData, Sequence, Text, text

from dbwarden.core.dialect import Scope
from dbwarden.core.plan import pair, plan
from dbwarden.core.types import Ref
from dbwarden.dialects.postgresql.dialect import PostgreSQL
from dbwarden.models.read import read
from dbwarden.runtime.connection import DatabaseConnection
from tests.support.dump import dump
from tests.support.pipeline import planned, run


def _t(*items: Any, sequences: tuple[str, ...] = (), key: Any = None) -> MetaData:
    metadata = MetaData()
    for name in sequences:
        Sequence(name, metadata=metadata, data_type=Integer if name.startswith("t_") else None)
    sa.Table("t", metadata, Column("id", Integer, primary_key=True) if key is None else key, *items)
    return metadata


def _drawn(name: str, sequence: str, **options: Any) -> Column[Any]:
    return Column(name, Integer, server_default=text(f"nextval('{sequence}'::regclass)"), **options)


def _agree(conn: DatabaseConnection, dialect: PostgreSQL, metadata: MetaData) -> None:
    change = planned(conn, dialect, metadata)
    assert not change, change.upgrade()


REFLECTED = {
    "serial": ("CREATE TABLE t (id SERIAL PRIMARY KEY)", _t(key=_drawn("id", "t_id_seq", primary_key=True))),
    "serial that is no key": (
        "CREATE TABLE t (id SERIAL PRIMARY KEY, n SERIAL)",
        _t(_drawn("n", "t_n_seq", nullable=False), key=_drawn("id", "t_id_seq", primary_key=True)),
    ),
    "of a renamed table": (
        "CREATE TABLE u (id SERIAL PRIMARY KEY); ALTER TABLE u RENAME TO t", _t(key=_drawn("id", "u_id_seq", primary_key=True))
    ),
    "of a renamed table, not spelled out": ("CREATE TABLE u (id SERIAL PRIMARY KEY); ALTER TABLE u RENAME TO t", _t()),
    "nullable": (
        "CREATE TABLE t (id SERIAL PRIMARY KEY, n SERIAL); ALTER TABLE t ALTER n DROP NOT NULL", _t(_drawn("n", "t_n_seq"))
    ),
    "a sequence that nobody owns": (
        "CREATE SEQUENCE t_id_seq; CREATE TABLE t (id INTEGER DEFAULT nextval('t_id_seq') PRIMARY KEY)",
        _t(key=_drawn("id", "t_id_seq", primary_key=True)),
    ),
    "a sequence that nobody owns, not spelled out": (
        "CREATE SEQUENCE numbers; CREATE TABLE t (id INTEGER DEFAULT nextval('numbers') PRIMARY KEY)", _t()
    ),
    "shared": (
        "CREATE SEQUENCE numbers; CREATE TABLE t (id SERIAL PRIMARY KEY, a INT DEFAULT nextval('numbers'),"
        " b INT DEFAULT nextval('numbers'))",
        _t(_drawn("a", "numbers"), _drawn("b", "numbers")),
    ),
    "owned by a column that does not draw from it": (
        "CREATE TABLE t (id SERIAL PRIMARY KEY, n INT); CREATE SEQUENCE s OWNED BY t.n", _t(Column("n", Integer), sequences=("s",))
    ),
    "owned, and nobody describes it": (
        "CREATE TABLE t (id SERIAL PRIMARY KEY, n INT); CREATE SEQUENCE s OWNED BY t.n", _t(Column("n", Integer))
    ),
    "owned beside the serial's": (
        "CREATE TABLE t (id SERIAL PRIMARY KEY); CREATE SEQUENCE a OWNED BY t.id; CREATE SEQUENCE z OWNED BY t.id", _t()
    ),
    "both parts in the models": (
        "CREATE TABLE t (id SERIAL PRIMARY KEY, n SERIAL)", _t(_drawn("n", "t_n_seq", nullable=False), sequences=("t_n_seq",))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFLECTED)
def test_no_difference(name: str, conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    made, metadata = REFLECTED[name]
    for sql in made.split("; "):
        conn.execute(sql)
    desired = dialect.canonical(read([metadata], dialect))
    both = pair(dialect.inspect(conn, Scope((None,))), desired)
    assert plan(both, dialect).upgrade() == ()
    assert both.current == both.desired


def test_serial_on_a_column_that_is_not_the_key(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    metadata = _t(_drawn("n", "t_n_seq", nullable=False), Column("m", BigInteger))
    change = planned(conn, dialect, metadata)
    run(conn, dialect, change.upgrade())
    conn.execute("INSERT INTO t (m) VALUES (1), (2)")
    assert conn.query("SELECT n FROM t ORDER BY n") == [(1,), (2,)]
    assert conn.query("SELECT pg_get_serial_sequence('t', 'n')") == [("public.t_n_seq",)]
    _agree(conn, dialect, metadata)
    run(
        conn,
        dialect,
        planned(conn, dialect, _t(Column("n", Integer, nullable=False), Column("m", BigInteger))).upgrade(),
    )
    run(conn, dialect, planned(conn, dialect, metadata).upgrade())
    conn.execute("INSERT INTO t (m) VALUES (3)")
    assert conn.query("SELECT max(n) FROM t") == [(3,)]


CHANGES = {
    "the column goes, the sequence stays": (
        ("CREATE SEQUENCE s OWNED BY t.n",), (Column("n", Integer),), (), ("s",)
    ),
    "the column goes, and the sequence with it": (
        ("CREATE SEQUENCE s OWNED BY t.n",), (Column("n", Integer),), (), ()
    ),
    "a sequence that the column draws from beside others": (
        ("CREATE SEQUENCE s OWNED BY t.n", "ALTER TABLE t ALTER n SET DEFAULT nextval('s') + 1"),
        (Column("n", Integer),), (Column("n", Integer),), (),
    ),
    "the serial has another name": (("ALTER SEQUENCE t_id_seq RENAME TO numbers",), (), None, ()),
    "the serial becomes plain": (("ALTER SEQUENCE t_id_seq RENAME TO numbers",), (), (), ()),
    "the serial becomes text": (("ALTER SEQUENCE t_id_seq RENAME TO numbers",), (), (), ()),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_there_and_back(name: str, conn: DatabaseConnection, dialect: PostgreSQL, postgresql_url: str) -> None:
    extra, before, after, sequences = CHANGES[name]
    run(conn, dialect, planned(conn, dialect, _t(*before)).upgrade())
    for sql in extra:
        conn.execute(sql)
    conn.execute("INSERT INTO t DEFAULT VALUES")
    keys = {
        "the serial becomes plain": Column("id", Integer, primary_key=True, autoincrement=False),
        "the serial becomes text": Column("id", Text, primary_key=True),
    }
    metadata = MetaData() if after is None else _t(*after, sequences=sequences, key=keys.get(name))
    former = dump(postgresql_url)
    change = planned(conn, dialect, metadata)
    assert change and not change.irreversible()
    run(conn, dialect, change.upgrade())
    _agree(conn, dialect, metadata)
    reached = dump(postgresql_url)
    assert all(any(f"CREATE SEQUENCE public.{one} " in line for line in reached) for one in sequences)
    run(conn, dialect, change.rollback())
    assert dump(postgresql_url) == former
    run(conn, dialect, change.upgrade())
    assert dump(postgresql_url) == reached


def test_whose_it_is_is_known(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    conn.execute("CREATE TABLE t (id SERIAL PRIMARY KEY, n INT)")
    conn.execute("CREATE SEQUENCE s OWNED BY t.n")
    desired = dialect.canonical(read([_t(Column("n", Integer))], dialect))
    both = pair(dialect.inspect(conn, Scope((None,))), desired)
    assert Ref("sequence", "s") in both.current and Ref("sequence", "t_id_seq") not in both.current
    assert both.current == both.desired
    assert both.unowned == (Ref("sequence", "s"),)
