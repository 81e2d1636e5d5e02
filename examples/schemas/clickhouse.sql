-- A sample of every kind of object that DBWarden knows on ClickHouse.
CREATE TABLE events (
    id UInt64,
    at DateTime CODEC(Delta, ZSTD(1)),
    kind LowCardinality(String) DEFAULT 'view',
    amount Nullable(Decimal(10, 2)) COMMENT 'in euros',
    day Date MATERIALIZED toDate(at),
    INDEX by_kind kind TYPE set(100) GRANULARITY 4,
    PROJECTION per_kind (SELECT kind, count() GROUP BY kind),
    CONSTRAINT positive CHECK amount >= 0
) ENGINE = MergeTree PARTITION BY toYYYYMM(at) ORDER BY (kind, id) TTL at + INTERVAL 5 YEAR COMMENT 'what happened';
CREATE TABLE names (id UInt64, name String) ENGINE = ReplacingMergeTree ORDER BY id;
CREATE TABLE daily (day Date, n SimpleAggregateFunction(sum, UInt64)) ENGINE = AggregatingMergeTree ORDER BY day;
CREATE VIEW clicks AS SELECT id, at FROM events WHERE kind = 'click';
CREATE MATERIALIZED VIEW to_daily TO daily AS SELECT toDate(at) AS day, count() AS n FROM events GROUP BY day;
CREATE DICTIONARY names_of (id UInt64, name String DEFAULT '?') PRIMARY KEY id SOURCE(CLICKHOUSE(TABLE 'names')) LIFETIME(300) LAYOUT(FLAT());
