"""Statements that are announced to the journal together: whatever follows, the system tables show each of them by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import ClusterMode, Server
from dbwarden.core.statement_groups import statement_groups
from dbwarden.dialects.clickhouse import cluster, probe
from dbwarden.errors import DatabaseError
from dbwarden.runtime.connection import DatabaseConnection

DIALECT = dialects.get("clickhouse")
GROUP = [
    "CREATE TABLE source (id UInt64, s String DEFAULT 'select', INDEX ix s TYPE minmax,"
    " PROJECTION p (SELECT s, count() GROUP BY s), CONSTRAINT c CHECK id < 5) ENGINE = MergeTree ORDER BY id"
    " TTL toDateTime('2100-01-01') + toIntervalDay(id)",
    "CREATE TABLE nested (id UInt64, n Nested(a UInt8, b String), last UInt8, t Tuple(a UInt8)) ENGINE = MergeTree ORDER BY id",
    "CREATE TABLE alike AS source",
    "CREATE TABLE nothing (id UInt64 ALIAS other, other UInt64, e UInt8 EPHEMERAL) ENGINE = Null",
    "CREATE VIEW v AS SELECT id FROM source",
    "CREATE MATERIALIZED VIEW mv TO nothing AS SELECT id AS other FROM source",
    "CREATE MATERIALIZED VIEW own (id UInt64) ENGINE = MergeTree ORDER BY id AS SELECT id FROM source",
    "CREATE DICTIONARY d (id UInt64, s String) PRIMARY KEY id SOURCE(CLICKHOUSE(TABLE 'source')) LAYOUT(FLAT()) LIFETIME(0)",
    "CREATE FUNCTION dbwarden_test_group AS (x) -> x + 1",
]
ALONE = [
    "CREATE TABLE IF NOT EXISTS t (id UInt8) ENGINE = Null",
    "CREATE OR REPLACE TABLE t (id UInt8) ENGINE = Null",
    "CREATE TEMPORARY TABLE t (id UInt8)",
    "CREATE TABLE t ENGINE = Memory AS SELECT 1 AS id",
    "CREATE TABLE t (id UInt8) ENGINE = Memory AS SELECT 1 AS id",
    "CREATE TABLE t CLONE AS u",
    "CREATE TABLE t ON CLUSTER c (id UInt8) ENGINE = Null",
    "ATTACH TABLE t (id UInt8) ENGINE = Null",
    "CREATE MATERIALIZED VIEW v ENGINE = Memory POPULATE AS SELECT 1 AS id",
    "CREATE MATERIALIZED VIEW v REFRESH EVERY 1 HOUR TO t AS SELECT 1 AS id",
    "CREATE OR REPLACE VIEW v AS SELECT 1",
    "CREATE USER u",
    "ALTER TABLE t ADD COLUMN x UInt8",
    "ALTER TABLE t ADD INDEX ix x TYPE minmax",
    "INSERT INTO t VALUES (1)",
    "DROP TABLE t",
]


@pytest.fixture
def conn(clickhouse_url: str) -> Iterator[DatabaseConnection]:
    with connect(clickhouse_url) as conn:
        conn.execute("DROP FUNCTION IF EXISTS dbwarden_test_group")
        yield conn
        conn.execute("DROP FUNCTION IF EXISTS dbwarden_test_group")


def test_each_one_is_shown_by_itself(conn: DatabaseConnection) -> None:
    """False before it, and true behind it until the group ends."""
    creates = [DIALECT.recovery(sql).creates for sql in GROUP]
    assert list(statement_groups(range(len(GROUP)), creates.__getitem__)) == [tuple(range(len(GROUP)))]
    for sql in GROUP:
        assert DIALECT.probe(conn, sql) is False, sql
        DIALECT.execute(conn, sql, lambda words: None)
        assert DIALECT.probe(conn, sql) is True, sql
    assert [sql for sql in GROUP if DIALECT.probe(conn, sql) is not True] == []
    for sql in GROUP:
        with pytest.raises(DatabaseError):  # each of them fails where its object exists
            DIALECT.execute(conn, sql, lambda words: None)


@pytest.mark.parametrize("sql", ALONE)
def test_others_are_announced_alone(sql: str) -> None:
    assert DIALECT.recovery(sql).creates == ()


@pytest.mark.parametrize(
    "settings", [{cluster.NAME: "c", cluster.MODE: ClusterMode.STATEMENT.value}, {cluster.ENGINE: "Replicated"}]
)
def test_where_several_servers_execute_it_each_statement_is_alone(settings: dict[str, str]) -> None:
    assert probe.recovery(GROUP[0], Server(settings=settings)).creates == ()
