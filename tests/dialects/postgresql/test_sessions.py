"""What needs a session: probing what a failed statement left, settling, the lock that tells whether a holder lives."""

from __future__ import annotations

import secrets

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.dialect import Holder, Liveness, Scope, ScratchRequest
from dbwarden.core.model import Check, Column, Schema, Table
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.postgresql.dialect import PostgreSQL
from dbwarden.errors import DatabaseError
from dbwarden.runtime.connection import DatabaseConnection

T = Ref("table", "t")


def test_an_index_that_failed_is_cleared_away(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    conn.execute("CREATE TABLE t (a int)")
    conn.execute("INSERT INTO t VALUES (1), (1)")
    create = 'CREATE UNIQUE INDEX CONCURRENTLY "I x" ON public.t (a)'
    assert dialect.probe(conn, create) is False
    with pytest.raises(DatabaseError):
        conn.execute(create)
    assert dialect.inspect(conn, Scope((None,))).get(Ref("index", "I x", None, "t")).options.get("invalid") == "true"  # type: ignore[union-attr]
    assert dialect.probe(conn, create) is False
    assert Ref("index", "I x", None, "t") not in dialect.inspect(conn, Scope((None,)))
    conn.execute("DELETE FROM t")
    conn.execute(create)
    assert dialect.probe(conn, create) is True
    assert dialect.probe(conn, 'DROP INDEX CONCURRENTLY IF EXISTS "I x"') is False
    conn.execute('DROP INDEX "I x"')
    assert dialect.probe(conn, 'DROP INDEX CONCURRENTLY "I x"') is True


def test_an_enum_value_is_there_or_not(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    conn.execute("CREATE TYPE c AS ENUM ('a')")
    assert dialect.probe(conn, "ALTER TYPE c ADD VALUE IF NOT EXISTS 'b' AFTER 'a'") is False
    conn.execute("ALTER TYPE c ADD VALUE 'b'")
    assert dialect.probe(conn, "ALTER TYPE public.c ADD VALUE 'b'") is True
    assert dialect.probe(conn, "VACUUM") is False, "it may simply run again"


def test_settling_leaves_nothing_behind(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    conn.execute("CREATE TABLE t (a interval DEFAULT '1 day', b text CHECK (substring(b from 1 for 2) = 'xx'), c int)")
    current = dialect.inspect(conn, Scope((None,)))
    columns = (
        Column("a", DataType("interval"), default=Expression("'24 hours'::interval * 0 + interval '1 day'")),
        Column("b", DataType("text")),
        Column("c", DataType("no_such_type", ref=Ref("enum", "no_such_type"))),
    )
    broken = Check(T, "broken", Expression("nonsense(b)"))
    desired = dialect.canonical(
        Schema([Table.of("t", columns), Check(T, None, Expression("SUBSTRING(b FROM 1 FOR 2) = 'xx'")), broken])
    )
    assert desired.get(Ref("check", "t_b_check", None, "t")) != current.get(Ref("check", "t_b_check", None, "t"))
    normalized = dialect.normalize_on_server(conn, current, desired, [T])
    assert normalized.get(Ref("check", "t_b_check", None, "t")) == current.get(Ref("check", "t_b_check", None, "t"))
    assert normalized.get(broken.ref) == broken
    assert normalized.table(T).columns["a"] != current.table(T).columns["a"]
    assert not conn.in_transaction
    assert dialect.inspect(conn, Scope((None,))) == current


def test_a_read_only_server_refuses_to_normalize(postgresql_url: str, dialect: PostgreSQL) -> None:
    conn = connect(postgresql_url, read_only=True)
    table = Table.of("t", [Column("a", DataType("integer"), default=Expression("1 + 1"))])
    with pytest.raises(DatabaseError):
        dialect.normalize_on_server(conn, Schema([table]), Schema([table]), [T])
    conn.close()


def test_the_verdict_on_a_holder(conn: DatabaseConnection, postgresql_url: str, dialect: PostgreSQL) -> None:
    holding = connect(postgresql_url)
    lock = dialect.locker(holding, "primary")
    holder = Holder("here", 1, "me", "migrate", lock.enter())
    watching = dialect.locker(conn, "primary")
    assert watching.liveness(holder) is Liveness.ALIVE
    assert dialect.locker(conn, "other").liveness(holder) is Liveness.GONE
    assert watching.liveness(Holder("here", 1, "me", "migrate", "1/2")) is Liveness.UNKNOWN
    assert watching.liveness(Holder("here", 1, "me", "migrate", "")) is Liveness.UNKNOWN
    holding.close()
    for _ in range(100):
        if watching.liveness(holder) is Liveness.GONE:
            break
    assert watching.liveness(holder) is Liveness.GONE


def test_a_scratch_database_is_gone_afterwards(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    name = f"dbwarden_scratch_{secrets.token_hex(4)}"
    names = f"SELECT datname FROM pg_database WHERE datname = '{name}'"
    request = ScratchRequest(name, lambda name: False, conn.sibling, conn)
    with dialect.scratch_providers(request)[0].open() as other:
        other.execute("CREATE TABLE t (a int)")
        assert conn.query(names)
    assert not conn.query(names)


def test_namespaces_are_those_that_people_made(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    conn.execute("CREATE SCHEMA audit")
    assert dialect.namespaces(conn) == ("audit", "public")


KEEPALIVES = "SELECT current_setting('tcp_keepalives_idle'), current_setting('tcp_keepalives_interval')"


def test_a_session_that_writes_ends_soon_after_its_network(postgresql_url: str) -> None:
    """Not one that only looks; a shorter time of the server's own stays, and a lost setting comes back."""
    database = postgresql_url.rpartition("/")[2]
    with connect(postgresql_url, read_only=True) as conn:
        assert conn.query(KEEPALIVES) != [("60", "10")]
    with connect(postgresql_url) as conn:
        assert conn.query(KEEPALIVES) == [("60", "10")]
        conn.execute("SET tcp_keepalives_idle = 99")
        conn.restore()
        assert conn.query(KEEPALIVES) == [("60", "10")]
        conn.execute(f"ALTER DATABASE {database} SET tcp_keepalives_idle = 7")
    with connect(postgresql_url) as conn:
        assert conn.query(KEEPALIVES) == [("7", "10")]
