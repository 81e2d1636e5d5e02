"""ON CLUSTER is written into statements and left out of them by their tokens."""

from __future__ import annotations

import pytest

from dbwarden.dialects.clickhouse.on_cluster import cluster_of, with_cluster, without_cluster
from dbwarden.dialects.clickhouse.statements import statement

PLACES = [
    "CREATE TABLE t# (`on` Int8, cluster String) ENGINE = MergeTree ORDER BY tuple()",
    "CREATE TABLE IF NOT EXISTS `d b`.`t (`# (a Int8) ENGINE = ReplicatedMergeTree('/t/{shard}', '{replica}') ORDER BY a",
    "CREATE OR REPLACE TABLE t UUID '00000000-0000-4000-8000-000000000000'# (a Int8) ENGINE = Null",
    "CREATE TABLE a# AS b",
    "CREATE VIEW v# AS SELECT 1 AS `on cluster`",
    "CREATE MATERIALIZED VIEW IF NOT EXISTS mv# REFRESH EVERY 1 HOUR TO t AS SELECT * FROM s",
    "CREATE MATERIALIZED VIEW mv# TO t (a Int8) AS SELECT a FROM s JOIN r ON cluster = x",
    "CREATE DICTIONARY d# (k UInt64) PRIMARY KEY k SOURCE(NULL()) LAYOUT(FLAT())",
    "CREATE FUNCTION f# AS (x) -> x + 1",
    "CREATE DATABASE IF NOT EXISTS d# ENGINE = Atomic",
    "ALTER TABLE t#\n    ADD COLUMN a Int8,\n    ADD COLUMN b Int8",
    "ALTER TABLE d.t# UPDATE a = 1 WHERE b",
    "DROP TABLE IF EXISTS t# SYNC",
    "DROP TABLE a, d.b#",
    "DROP VIEW v#",
    "DROP FUNCTION f#",
    "DROP DICTIONARY IF EXISTS d#",
    "TRUNCATE TABLE IF EXISTS t#",
    "TRUNCATE t#",
    "OPTIMIZE TABLE t# FINAL",
    "DELETE FROM t# WHERE a = 1",
    "UPDATE t# SET a = 1 WHERE b",
    "RENAME TABLE a TO b, c TO d#",
    "EXCHANGE TABLES a AND d.b#",
    "RENAME DICTIONARY a TO b#",
    "DETACH TABLE t# PERMANENTLY",
    "-- ON CLUSTER in a comment\nALTER TABLE t# DROP COLUMN a -- ON CLUSTER x",
    "create /* here */ table t# (a Int8) engine = Log",
]


@pytest.mark.parametrize("text", PLACES)
@pytest.mark.parametrize("name", ["both", "{cluster}", "a'b"])
def test_the_clause_is_written_behind_the_names_and_left_out_again(text: str, name: str) -> None:
    plain = text.replace("#", "")
    literal = name.replace("'", "\\'")
    written = with_cluster(plain, name)
    assert written == text.replace("#", f" ON CLUSTER '{literal}'")
    assert cluster_of(written) == name
    assert without_cluster(written) == plain
    assert with_cluster(written, "other") == written
    assert statement(written) == statement(plain) or statement(written).actions == statement(plain).actions


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t SELECT * FROM a JOIN b ON cluster = a.x",
        "SELECT * FROM a JOIN b ON cluster x",
        "CREATE TEMPORARY TABLE t (a Int8)",
        "SET max_threads = 1",
        "SYSTEM SYNC REPLICA t",
        "GRANT SELECT ON t TO u",
        "TRUNCATE ALL TABLES FROM d",
        "",
    ],
)
def test_other_statements_stay_as_they_are(sql: str) -> None:
    assert with_cluster(sql, "both") == sql
    assert without_cluster(sql) == sql


@pytest.mark.parametrize(
    ("sql", "plain", "name"),
    [
        ("CREATE TABLE t on  cluster both(a Int8) ENGINE = Log", "CREATE TABLE t(a Int8) ENGINE = Log", "both"),
        ('DROP TABLE t ON CLUSTER "my cluster"', "DROP TABLE t", "my cluster"),
        ("GRANT ON CLUSTER `c` SELECT ON t TO u", "GRANT SELECT ON t TO u", "c"),
        ("SYSTEM RELOAD DICTIONARY ON CLUSTER c d", "SYSTEM RELOAD DICTIONARY d", "c"),
        ("CREATE USER a ON CLUSTER c, b ON CLUSTER c", "CREATE USER a, b", "c"),
        ("CREATE ROW POLICY p ON CLUSTER c ON t USING a = 1", "CREATE ROW POLICY p ON t USING a = 1", "c"),
        ("KILL MUTATION ON CLUSTER c WHERE table = 't'", "KILL MUTATION WHERE table = 't'", "c"),
    ],
)
def test_statements_written_by_hand(sql: str, plain: str, name: str) -> None:
    assert (without_cluster(sql), cluster_of(sql)) == (plain, name)
