-- upgrade
DROP VIEW clauses;

DROP VIEW properties;

DROP VIEW to_log;

ALTER TABLE nightly MODIFY REFRESH every 2 day settings refresh_retries = 3;

CREATE MATERIALIZED VIEW appended REFRESH EVERY 1 DAY DEPENDS ON nightly SETTINGS refresh_retries = 1 APPEND ENGINE = MergeTree ORDER BY id SETTINGS index_granularity = 512 AS SELECT id FROM events WHERE id > 99;

CREATE MATERIALIZED VIEW clauses ENGINE = MergeTree PARTITION BY toYYYYMM(at) PRIMARY KEY id ORDER BY (id, cityHash64(kind)) SAMPLE BY id TTL at + interval 80 year SETTINGS index_granularity = 1024, ttl_only_drop_parts = 1 COMMENT 'it\'s new' AS SELECT id, kind, at FROM events;

ALTER TABLE filled MODIFY COMMENT 'it\'s new';

CREATE MATERIALIZED VIEW new ENGINE = MergeTree ORDER BY id POPULATE AS SELECT id, kind FROM events;

CREATE MATERIALIZED VIEW properties (id UInt64 CODEC(Delta, LZ4), kind String DEFAULT 'y' comment 'c', constraint c check id >= 0, projection p (select kind, count() group by kind)) ENGINE = MergeTree ORDER BY id AS SELECT id, kind FROM events;

-- rollback
DROP VIEW properties;

DROP VIEW new;

ALTER TABLE filled MODIFY COMMENT 'it\'s old';

DROP VIEW clauses;

DROP VIEW appended;

ALTER TABLE nightly MODIFY REFRESH EVERY 1 DAY;

CREATE MATERIALIZED VIEW to_log (`id` UInt64) ENGINE = Log AS SELECT id FROM events;

CREATE MATERIALIZED VIEW properties (`id` UInt64 CODEC(Delta(8), LZ4), `kind` String DEFAULT 'x', INDEX ix kind TYPE minmax GRANULARITY 1) ENGINE = MergeTree ORDER BY id SETTINGS index_granularity = 8192 AS SELECT id, kind FROM events;

CREATE MATERIALIZED VIEW clauses (`id` UInt64, `kind` String, `at` DateTime) ENGINE = MergeTree ORDER BY id SETTINGS index_granularity = 8192 AS SELECT id, kind, at FROM events;
