"""Files with statements of every kind, for ClickHouse, where every statement is applied by itself."""

from __future__ import annotations

from tests.support.ddl_files import File

BASE = (
    "CREATE TABLE u (id UInt64, a UInt64, s String) ENGINE = MergeTree ORDER BY id",
    "INSERT INTO u VALUES (1, 1, 'one'), (2, 2, 'two'), (3, 3, 'three')",
    "CREATE TABLE full (id UInt64) ENGINE = MergeTree ORDER BY id",
    "INSERT INTO full VALUES (1)",
    "CREATE TABLE totals (s String, n UInt64) ENGINE = SummingMergeTree ORDER BY s",
    "CREATE TABLE events (id UInt64, day Date, kind LowCardinality(String), note Nullable(String)) ENGINE = MergeTree"
    " PARTITION BY toYYYYMM(day) ORDER BY (day, id)",
    "INSERT INTO events SELECT number, toDate('2024-01-01') + number % 60, toString(number % 5), NULL FROM numbers(3000)",
    "CREATE TABLE latest (id UInt64, v UInt64) ENGINE = MergeTree ORDER BY id",
    "INSERT INTO latest SELECT number % 50, number FROM numbers(100)",
)


def rebuild(table: str, columns: str, create: str) -> tuple[str, ...]:
    """The statements of a generated file for a new table in the place of another."""
    return (
        f"DROP TABLE IF EXISTS dbwarden_old_{table}",
        f"CREATE TABLE dbwarden_new_{table} {create} COMMENT 'DBWarden: the new form of {table}'",
        f"INSERT INTO dbwarden_new_{table} ({columns})\nSELECT {columns}\nFROM {table}\n"
        "SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0",
        f"EXCHANGE TABLES {table} AND dbwarden_new_{table}",
        f"ALTER TABLE {table} MODIFY COMMENT ''",
        f"RENAME TABLE dbwarden_new_{table} TO dbwarden_old_{table}",
    )


_EVENTS = "(id UInt64, day Date, kind LowCardinality(String), note Nullable(String)) ENGINE = MergeTree"
_LATEST = "(id UInt64, v UInt64) ENGINE"
SLOW = "ALTER TABLE u UPDATE a = a {} 1000 + sleepEachRow(0.9) WHERE 1"
"""A mutation that works on for a while after the server has accepted it."""
FILES: tuple[File, ...] = (
    (
        "0002_tables",
        "",
        (
            "CREATE TABLE c (id UInt64, n UInt64 DEFAULT 5) ENGINE = MergeTree ORDER BY id COMMENT 'x'",
            "INSERT INTO c (id, n) SELECT id, a FROM u",
            "ALTER TABLE c ADD COLUMN m String DEFAULT toString(n) CODEC(ZSTD(1)), ADD INDEX ix n TYPE minmax",
            "ALTER TABLE c ADD CONSTRAINT positive CHECK n >= 0",
            "ALTER TABLE c ADD PROJECTION p (SELECT n, count() GROUP BY n)",
            "ALTER TABLE c MATERIALIZE INDEX ix",
            "ALTER TABLE u UPDATE a = a + 1000 WHERE 1",
            "ALTER TABLE c UPDATE n = n + 1000 WHERE id < 3, DELETE WHERE id = 3",
            "ALTER TABLE c DROP PROJECTION p",
            "ALTER TABLE c MODIFY COLUMN n Int64 COMMENT 'y'",
            "ALTER TABLE c RENAME COLUMN m TO label",
            "DELETE FROM c WHERE id = 2",
            "ALTER TABLE c MODIFY TTL toDateTime('2100-01-01') + toIntervalDay(id)",
            "ALTER TABLE c MODIFY SETTING ttl_only_drop_parts = 1",
            "ALTER TABLE c ADD COLUMN z UInt8, MODIFY ORDER BY (id, z)",
            "CREATE TABLE alike AS u",
            "RENAME TABLE alike TO copied",
            "CREATE TABLE filled ENGINE = MergeTree ORDER BY id AS SELECT id, a FROM u",
            "EXCHANGE TABLES filled AND copied",
            "DROP TABLE copied",
            "OPTIMIZE TABLE c FINAL",
            "TRUNCATE TABLE full",
            "INSERT INTO full VALUES (1), (2)",
        ),
        (
            "ALTER TABLE full DELETE WHERE id = 2",
            "DROP TABLE filled",
            "ALTER TABLE u UPDATE a = a - 1000 WHERE 1",
            "DROP TABLE c",
        ),
    ),
    (
        "0003_views",
        "",
        (
            "CREATE VIEW v AS SELECT id FROM u",
            "CREATE OR REPLACE VIEW v AS SELECT id, a FROM u",
            "CREATE MATERIALIZED VIEW mv TO totals AS SELECT s, count() AS n FROM u GROUP BY s",
            "INSERT INTO u VALUES (4, 4, 'four')",
            "ALTER TABLE mv MODIFY QUERY SELECT s, sum(a) AS n FROM u GROUP BY s",
            "CREATE DICTIONARY d (id UInt64, a UInt64) PRIMARY KEY id SOURCE(CLICKHOUSE(TABLE 'u')) LAYOUT(FLAT()) LIFETIME(0)",
            "SET mutations_sync = 0",
            "DROP VIEW v",
        ),
        ("DROP DICTIONARY d", "DROP VIEW mv", "DELETE FROM u WHERE id = 4"),
    ),
    (
        "0004_rebuild",
        "",
        rebuild("events", "id, day, kind, note", f"{_EVENTS} PARTITION BY toYYYYMM(day) ORDER BY (kind, id)"),
        rebuild("events", "id, day, kind, note", f"{_EVENTS} PARTITION BY toYYYYMM(day) ORDER BY (day, id)"),
    ),
    (
        "0005_engine",
        "",
        rebuild("latest", "id, v", f"{_LATEST} = ReplacingMergeTree(v) ORDER BY id"),
        rebuild("latest", "id, v", f"{_LATEST} = MergeTree ORDER BY id"),
    ),
    (
        "0006_mutation",
        "",
        (SLOW.format("+"), "ALTER TABLE u RENAME COLUMN a TO b"),
        ("ALTER TABLE u RENAME COLUMN b TO a", SLOW.format("-")),
    ),
    (
        "0009_groups",
        "",
        (
            "CREATE TABLE g1 (id UInt64, n Nested(a UInt8, b String)) ENGINE = MergeTree ORDER BY id",
            "CREATE VIEW g2 AS SELECT id FROM g1",
            "CREATE MATERIALIZED VIEW g3 TO g1 AS SELECT id, [1] AS `n.a`, ['x'] AS `n.b` FROM u",
            "INSERT INTO u VALUES (4, 4, 'four')",
            "CREATE TABLE g4 AS u",
            "DROP TABLE g4",
            "CREATE TABLE g4 (id UInt64) ENGINE = MergeTree ORDER BY id",
            "CREATE TABLE g5 (id UInt64) ENGINE = Null",
        ),
        (
            "CREATE TABLE b1 (id UInt64) ENGINE = Null",
            "CREATE TABLE b2 (id UInt64) ENGINE = Null",
            "DROP VIEW g3",
            "DROP VIEW g2",
            "DROP TABLE g1",
            "DROP TABLE g5",
            "DROP TABLE g4",
            "DELETE FROM u WHERE id = 4",
        ),
    ),
)

LOOKS = {
    "INSERT INTO c": "SELECT count() > 0 FROM c",
    "INSERT INTO u": "SELECT count() > 0 FROM u WHERE id = 4",
    "INSERT INTO full": "SELECT count() = 2 FROM full",
    "TRUNCATE TABLE full": "SELECT count() = 0 FROM full",
    "CREATE TABLE filled": "SELECT count() > 0 FROM system.tables WHERE database = currentDatabase() AND name = 'filled'",
    "EXCHANGE TABLES filled": "SELECT count() = 3 FROM system.columns WHERE database = currentDatabase() AND table = 'filled'",
}
"""Queries for the statements whose effect the catalogue does not show."""
