"""What every dialect has to do in its other roles: liveness, probing, scratch databases, rows, types."""

from __future__ import annotations

import os
import socket
from collections import Counter
from contextlib import ExitStack
from typing import Any

import pytest
import sqlalchemy as sa

from dbwarden.api.connection import connect
from dbwarden.core.dialect import Dialect, Holder, Liveness, ScratchRequest
from dbwarden.core.model import Column, Table
from dbwarden.core.statement import Evidence
from dbwarden.core.type_table import TypeChange
from dbwarden.core.types import Expression
from dbwarden.errors import Unsupported
from dbwarden.runtime.scratch_name import is_abandoned, new_name

from .conftest import DIALECTS, Subject
from .test_round_trips import table

TYPES = (sa.Integer(), sa.String(50), sa.Text(), sa.Numeric(10, 2))


def members() -> list[str]:
    return [name for role in Dialect.__mro__ for name in vars(role) if not name.startswith("_")]


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_writes_or_inherits_everything(name: str) -> None:
    """An interface's own method answers ``None`` where nobody wrote one."""
    kind = type(DIALECTS[name]())
    assert [member for member in members() if getattr(kind, member, None) is getattr(Dialect, member, "missing")] == []


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_types_come_back(type_: Any, subject: Subject) -> None:
    datatype, named = subject.dialect.from_sqlalchemy(type_)
    assert named == ()
    objects = [Table.of("t", [Column("a", datatype)])]
    assert subject.build(objects) == subject.schema(*objects)
    assert subject.dialect.type_change(datatype, datatype) is TypeChange.SAME
    plain = Column("a", datatype, nullable=not subject.dialect.features.zero_values)  # NULL is a type there
    assert subject.dialect.column_sql(plain) == f"a {subject.dialect.type_sql(datatype)}"


def test_the_own_session_is_never_gone(subject: Subject) -> None:
    locker = subject.dialect.locker(subject.conn, "key")
    if locker is None:
        return  # the process is asked for
    session = locker.enter()
    holder = Holder(socket.gethostname(), os.getpid(), "me", "migrate", session)
    assert locker.liveness(holder) is (Liveness.ALIVE if session else Liveness.UNKNOWN)
    locker.leave()


def test_what_was_refused_and_left_nothing_may_run_again(subject: Subject) -> None:
    assert subject.dialect.probe(subject.conn, "CREATE TABLE t (a INTEGER)", refused=True) is False


def test_what_cannot_be_looked_up_is_never_guessed(subject: Subject) -> None:
    subject.build(table(subject.dialect))
    subject.conn.execute("INSERT INTO t VALUES (2, 'y')")  # an empty table would show that nothing was inserted
    assert subject.dialect.probe(subject.conn, "INSERT INTO t VALUES (1, 'x')") is None


def test_a_probe_looks_where_the_dialect_says_that_something_shows_it(subject: Subject) -> None:
    """So it does where each statement commits by itself. Where a transaction covers it, it needs no evidence."""
    sql = "CREATE TABLE t (a INTEGER)"
    evident = subject.dialect.recovery(sql).evidence is Evidence.CATALOGUE
    assert subject.dialect.probe(subject.conn, sql) is (False if evident else None)
    subject.conn.execute(sql)
    assert subject.dialect.probe(subject.conn, sql) is (True if evident else None)


def test_hooks_leave_the_session_as_it_was(subject: Subject) -> None:
    subject.build(table(subject.dialect))
    hooks = subject.dialect.transaction_hooks(subject.conn, ("DROP TABLE t",))
    hooks.open()
    hooks.check()
    hooks.close()
    assert not subject.conn.in_transaction


def test_a_scratch_is_empty_can_be_emptied_and_goes(subject: Subject) -> None:
    request = ScratchRequest(new_name(), is_abandoned, connect, subject.conn)
    providers = subject.dialect.scratch_providers(request)
    if not providers:
        with pytest.raises(Unsupported):
            subject.dialect.clear(subject.conn)
        with pytest.raises(Unsupported):
            subject.dialect.first_object(subject.conn)
        return
    with ExitStack() as stack:
        conn = stack.enter_context(providers[0].open())
        scratch = Subject(subject.dialect, conn)  # type: ignore[arg-type]
        assert subject.dialect.first_object(conn) is None
        scratch.build(table(subject.dialect))
        assert "t" in (subject.dialect.first_object(conn) or "")
        assert not len(subject.inspect())
        subject.dialect.clear(conn)
        assert subject.dialect.first_object(conn) is None
        assert not len(scratch.inspect())


def test_rows_are_carried_over_as_they_are(subject: Subject) -> None:
    default = Column("d", subject.dialect.from_sqlalchemy(sa.Integer())[0], default=Expression("5"))
    there = subject.build(table(subject.dialect, default))
    subject.conn.execute("INSERT INTO t VALUES (1, 'x', NULL), (2, 'it''s', 3), (3, NULL, 4)")
    (item,) = there.tables()
    transfer = subject.dialect.transfer(item)
    before = subject.conn.query("SELECT * FROM t")
    rows = subject.conn.query(transfer.select)
    subject.conn.execute("DELETE FROM t WHERE 1 = 1")
    for row in rows:
        subject.conn.execute(transfer.insert, {f"c{at}": value for at, value in enumerate(row)})
    for sql in transfer.finish:
        subject.conn.query(sql)
    assert Counter(subject.conn.query("SELECT * FROM t")) == Counter(before)
