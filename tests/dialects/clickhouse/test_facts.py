"""Metadata or mutation: what the facts say is what ``system.mutations`` shows."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.statement import Effect, Reach
from dbwarden.dialects.clickhouse.facts import METADATA, MUTATION

DIALECT = dialects.get("clickhouse")
TABLE = """CREATE TABLE t (id UInt64, a Int32, b String DEFAULT 'x' COMMENT 'c' CODEC(LZ4), e Enum8('a' = 1), at DateTime,
    INDEX i a TYPE minmax, CONSTRAINT k CHECK id < 100, PROJECTION p (SELECT id ORDER BY id))
    ENGINE = MergeTree ORDER BY id"""
MEASURED = {
    "ADD COLUMN c Int32": METADATA,
    "ADD COLUMN c Int32 DEFAULT a + 1": METADATA,
    "DROP COLUMN b": MUTATION,
    "RENAME COLUMN b TO c": MUTATION,
    "MODIFY COLUMN a Int64": MUTATION,
    "MODIFY COLUMN b REMOVE DEFAULT": METADATA,
    "MODIFY COLUMN b CODEC(ZSTD(3))": METADATA,
    "COMMENT COLUMN b 'new'": METADATA,
    "MODIFY COMMENT 'new'": METADATA,
    "MODIFY SETTING ttl_only_drop_parts = 1": METADATA,
    "ADD INDEX j a TYPE minmax": METADATA,
    "DROP INDEX i": MUTATION,
    "MATERIALIZE INDEX i": MUTATION,
    "ADD CONSTRAINT l CHECK id < 200": METADATA,
    "DROP CONSTRAINT k": METADATA,
    "ADD PROJECTION q (SELECT id ORDER BY a)": METADATA,
    "DROP PROJECTION p": MUTATION,
    "MATERIALIZE PROJECTION p": MUTATION,
    "MODIFY TTL at + INTERVAL 90 YEAR": MUTATION,
    "MODIFY TTL at + INTERVAL 90 YEAR GROUP BY id SET a = max(a)": MUTATION,
    "MODIFY TTL at + INTERVAL 90 YEAR TO DISK 'default'": MUTATION,
    "MODIFY TTL at + INTERVAL 90 YEAR RECOMPRESS CODEC(ZSTD(3))": MUTATION,
    "MODIFY COLUMN b TTL at + INTERVAL 90 YEAR": MUTATION,
    "MODIFY COLUMN b String TTL at + INTERVAL 90 YEAR": MUTATION,
    "MODIFY COLUMN b CODEC(ZSTD(3)) TTL at + INTERVAL 90 YEAR": MUTATION,
    "ADD COLUMN c Int32, MODIFY ORDER BY (id, c)": METADATA,
    "UPDATE a = 1 WHERE id = 1": MUTATION,
    "DELETE WHERE id = 1": MUTATION,
}


@pytest.mark.parametrize("clause", MEASURED)
def test_a_mutation_is_said_to_be_one(clause: str, clickhouse_url: str) -> None:
    with connect(clickhouse_url) as conn:
        conn.execute(TABLE)
        conn.execute("INSERT INTO t (id, a, e, at) VALUES (1, 1, 'a', now())")
        conn.execute(f"ALTER TABLE t {clause}")
        ((mutations,),) = conn.query("SELECT count() FROM system.mutations WHERE database = currentDatabase()")
    facts = DIALECT.facts(f"ALTER TABLE t {clause}")
    assert facts.known and not facts.transactional
    assert facts.lock == MEASURED[clause]
    assert (facts.lock == MUTATION) == bool(mutations)
    assert (Effect.REWRITES in facts.effects) == (facts.lock == MUTATION)


@pytest.mark.parametrize(
    ("sql", "reach"),
    [
        ("CREATE TABLE t (a Int32) ENGINE = Memory", Reach.DATABASE),
        ("CREATE TABLE other.t (a Int32) ENGINE = Memory", Reach.SERVER),
        ("CREATE TABLE t (a Int32) ENGINE = URL('http://localhost/x', 'CSV')", Reach.SERVER),
        ("CREATE DATABASE d", Reach.SERVER),
        ("CREATE USER u", Reach.SERVER),
        ("CREATE FUNCTION f AS (x) -> x", Reach.SERVER),
        ("GRANT SELECT ON t TO u", Reach.SERVER),
        ("SYSTEM FLUSH LOGS", Reach.SERVER),
        ("CREATE MATERIALIZED VIEW v TO t AS SELECT 1", Reach.DATABASE),
        ("EXCHANGE TABLES a AND b", Reach.DATABASE),
        ("FROBNICATE", Reach.UNKNOWN),
    ],
)
def test_reach(sql: str, reach: Reach) -> None:
    assert DIALECT.facts(sql).reach is reach


@pytest.mark.parametrize(
    ("sql", "effect"),
    [
        ("DROP TABLE t", Effect.DELETES_DATA),
        ("TRUNCATE TABLE t", Effect.DELETES_DATA),
        ("ALTER TABLE t DROP PARTITION '2026'", Effect.DELETES_DATA),
        ("ALTER TABLE t CLEAR COLUMN a", Effect.DELETES_DATA),
        ("DELETE FROM t WHERE id = 1", Effect.DELETES_DATA),
        ("INSERT INTO t VALUES (1)", Effect.WRITES_ROWS),
        ("INSERT INTO TABLE t SELECT * FROM u", Effect.WRITES_ROWS),
        ("OPTIMIZE TABLE t FINAL", Effect.REWRITES),
    ],
)
def test_effects(sql: str, effect: Effect) -> None:
    assert effect in DIALECT.facts(sql).effects
