"""The ClickHouse that the other tests stand on."""

from __future__ import annotations

from contextlib import closing

import pytest
import sqlalchemy

from dbwarden.api.connection import connect
from dbwarden.errors import DatabaseError
from tests.servers import Server, Unavailable, clickhouse, engine_url, zookeeper
from tests.servers.databases import Databases
from tests.servers.fixtures import missing, need


def test_sqlalchemy_gets_a_fresh_database(clickhouse_url: str) -> None:
    """Through the vendor's driver, which sends and reads the format Native."""
    engine = sqlalchemy.create_engine(engine_url(clickhouse_url))
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE t (a Int32, s String) ENGINE = MergeTree ORDER BY a"))
        connection.execute(sqlalchemy.text("INSERT INTO t VALUES (1, 'é')"))
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.client.insert("t", [[2, "two"]], ["a", "s"])
        rows = connection.execute(sqlalchemy.text("SELECT a, s FROM t ORDER BY a")).fetchall()
    assert [tuple(row) for row in rows] == [(1, "é"), (2, "two")]
    engine.dispose()


def test_a_copy_of_a_database() -> None:
    """With rows and views."""
    with closing(Databases(need("clickhouse"))) as databases:
        base = databases.new()
        with connect(base) as connection:
            connection.execute("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a")
            connection.execute("CREATE MATERIALIZED VIEW v ENGINE = MergeTree ORDER BY a AS SELECT a FROM t")
            connection.execute("INSERT INTO t VALUES (1)")
        with connect(databases.new(base)) as connection:
            connection.execute("INSERT INTO t VALUES (2)")
            assert connection.query("SELECT a FROM v ORDER BY a") == [(1,), (2,)]
        with connect(base) as connection:
            assert connection.query("SELECT a FROM v") == [(1,)]


def test_a_database_is_dropped_while_somebody_is_connected(clickhouse_server: Server) -> None:
    clickhouse_server.create_database("in_use")
    with connect(clickhouse_server.url("in_use")) as connection:
        connection.execute("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a")
        clickhouse_server.drop_database("in_use")
        with pytest.raises(DatabaseError, match="in_use"):
            connection.query("SELECT 1 FROM t")
    clickhouse_server.drop_database("in_use")


def test_a_keeper_gives_a_row_to_one_of_two(clickhouse_url: str) -> None:
    try:
        zookeeper.find()
    except Unavailable as reason:
        missing(f"zookeeper: {reason}")
    with connect(clickhouse_url) as connection:
        connection.execute(
            f"CREATE TABLE k (k String, v String) ENGINE = KeeperMap('/{connection.database}') PRIMARY KEY k"
        )
        insert = "INSERT INTO k SETTINGS keeper_map_strict_mode = 1 VALUES ('lock', 'me')"
        connection.execute(insert)
        with pytest.raises(DatabaseError, match="Node exists"):
            connection.execute(insert)


def test_it_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clickhouse.WITHOUT, "clickhouse")
    with pytest.raises(Unavailable, match="left out by DBWARDEN_TEST_WITHOUT"):
        clickhouse.find()
    assert not clickhouse.install()
