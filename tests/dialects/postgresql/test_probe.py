"""What the catalogue shows of every statement that PostgreSQL refuses inside a transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.statement import Evidence
from dbwarden.dialects import get
from dbwarden.errors import DatabaseBusy, DatabaseError
from dbwarden.runtime.connection import DatabaseConnection

DIALECT = get("postgresql")


@pytest.fixture
def conn(postgresql_url: str) -> Iterator[DatabaseConnection]:
    with connect(postgresql_url) as connection:
        connection.execute("CREATE TABLE t (a INTEGER, b INTEGER); CREATE INDEX t_b ON t (b); CREATE SCHEMA s")
        connection.execute('CREATE TABLE s."T x" (a INTEGER); CREATE TABLE p (a INTEGER) PARTITION BY LIST (a)')
        connection.execute("CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)")
        yield connection


SHOWN = [
    "CREATE INDEX CONCURRENTLY t_a ON t (a)",
    "create unique index concurrently if not exists t_a ON ONLY public.t USING btree (a)",
    'CREATE INDEX CONCURRENTLY "I y" ON s."T x" (a)',
    f"CREATE INDEX CONCURRENTLY {'n' * 70} ON t (a)",
    "DROP INDEX CONCURRENTLY t_b",
    "DROP INDEX CONCURRENTLY IF EXISTS public.t_b",
    "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY",
    "ALTER TABLE IF EXISTS ONLY public.p DETACH PARTITION public.p1 CONCURRENTLY",
]


@pytest.mark.parametrize("sql", SHOWN)
def test_shown(conn: DatabaseConnection, sql: str) -> None:
    assert DIALECT.recovery(sql).evidence is Evidence.CATALOGUE
    assert not DIALECT.facts(sql).transactional
    assert DIALECT.probe(conn, sql) is False
    conn.execute(sql)
    assert DIALECT.probe(conn, sql) is True


def test_comments_do_not_count(conn: DatabaseConnection) -> None:
    sql = "create /* c */ index concurrently -- c\n if not exists t_b on /* t_c */ t (b)"
    assert DIALECT.probe(conn, sql) is True


def test_databases_and_tablespaces(conn: DatabaseConnection) -> None:
    name = f"probed_{conn.database}"
    for sql in (f"CREATE DATABASE {name}", f"DROP DATABASE IF EXISTS {name}"):
        assert DIALECT.probe(conn, sql) is False
        conn.execute(sql)
        assert DIALECT.probe(conn, sql) is True
    assert DIALECT.probe(conn, f"ALTER DATABASE {conn.database} SET TABLESPACE pg_default") is True
    assert DIALECT.probe(conn, "CREATE TABLESPACE pg_default LOCATION '/x'") is True
    assert DIALECT.probe(conn, "DROP TABLESPACE pg_default") is False
    assert DIALECT.probe(conn, "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p") is False
    assert DIALECT.probe(conn, "DROP SUBSCRIPTION IF EXISTS s") is True


@pytest.mark.parametrize(
    "sql",
    [
        "VACUUM", "VACUUM (FULL) t", "REINDEX SCHEMA public", "REINDEX INDEX CONCURRENTLY t_b", "CLUSTER",
        "REINDEX (VERBOSE) TABLE CONCURRENTLY t", "REINDEX (CONCURRENTLY) TABLE t", "ALTER SYSTEM SET work_mem = '8MB'",
        "DISCARD ALL",
    ],
)  # fmt: skip
def test_repeatable(conn: DatabaseConnection, sql: str) -> None:
    assert DIALECT.recovery(sql).evidence is Evidence.REPEATABLE
    assert DIALECT.probe(conn, sql) is False


def test_the_name_that_the_server_chose_is_not_known(conn: DatabaseConnection) -> None:
    sql = "CREATE INDEX CONCURRENTLY ON t (a)"
    assert DIALECT.recovery(sql).evidence is Evidence.NONE
    assert DIALECT.probe(conn, sql) is None
    assert DIALECT.probe(conn, sql, refused=True) is False


def test_an_index_of_another_table_is_not_ours(conn: DatabaseConnection) -> None:
    conn.execute('CREATE INDEX t_a ON s."T x" (a)')
    assert DIALECT.probe(conn, "CREATE INDEX CONCURRENTLY t_a ON t (a)") is False


def _invalid(conn: DatabaseConnection) -> list[tuple[str]]:
    return list(conn.query("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1"))


@pytest.mark.parametrize("clause", ["", "IF NOT EXISTS "])
def test_an_invalid_index_is_cleared_away(conn: DatabaseConnection, clause: str) -> None:
    conn.execute("INSERT INTO t VALUES (1, 1), (1, 2)")
    sql = f"CREATE UNIQUE INDEX CONCURRENTLY {clause}t_a ON t (a)"
    with pytest.raises(DatabaseError, match="duplicated"):
        conn.execute(sql)
    assert _invalid(conn) == [("t_a",)]
    assert DIALECT.probe(conn, sql, refused=True) is False
    assert _invalid(conn) == []


def test_copies_of_an_interrupted_reindex_are_cleared_away(conn: DatabaseConnection) -> None:
    """As pg_cancel_backend leaves them."""
    for name in ("t_b_ccnew", "t_b_ccnew1", "t_b_ccold"):
        conn.execute(f"CREATE INDEX {name} ON t (b)")
        conn.execute(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{name}'::regclass")
    conn.execute('CREATE INDEX other_ccnew ON s."T x" (a)')
    conn.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 's.other_ccnew'::regclass")
    assert DIALECT.probe(conn, "REINDEX INDEX CONCURRENTLY t_b", refused=True) is False
    assert _invalid(conn) == [("s.other_ccnew",)]


def test_a_pending_detach_is_completed(conn: DatabaseConnection, postgresql_url: str) -> None:
    sql = "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY"
    with connect(postgresql_url) as reader, connect(postgresql_url, lock_timeout=0.2) as waiting:
        reader.begin()
        reader.query("SELECT * FROM p")
        with pytest.raises(DatabaseError, match="lock timeout"):
            waiting.execute(sql)
    assert conn.query("SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = 'p1'::regclass") == [(True,)]
    assert DIALECT.probe(conn, sql, refused=True) is True
    assert conn.query("SELECT 1 FROM pg_inherits WHERE inhrelid = 'p1'::regclass") == []


def test_who_still_works_on_it_is_waited_for(conn: DatabaseConnection, postgresql_url: str) -> None:
    """The server may go on with a statement whose client is gone: looked at too early, its index is not there yet."""
    sql = "CREATE INDEX CONCURRENTLY t_a ON t (a)"
    waits = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock'"
    with connect(postgresql_url) as writer, connect(postgresql_url) as builder:
        writer.begin()
        writer.execute("INSERT INTO t VALUES (1, 1)")
        building = threading.Thread(target=builder.execute, args=(sql,))
        building.start()
        while not conn.query(waits):
            building.join(0.01)
        answers: list[bool | None] = []
        looking = threading.Thread(target=lambda: answers.append(DIALECT.probe(conn, sql)))
        looking.start()
        looking.join(0.5)
        assert answers == []
        writer.commit()
        building.join()
        looking.join()
    assert answers == [True]


def test_who_never_ends_is_named(conn: DatabaseConnection, postgresql_url: str) -> None:
    with connect(postgresql_url) as other, connect(postgresql_url, lock_timeout=0.2) as looking, other.transaction():
        other.execute("LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE")
        with pytest.raises(DatabaseBusy, match="still works on table t"):
            DIALECT.probe(looking, "CREATE INDEX CONCURRENTLY t_a ON t (a)")
