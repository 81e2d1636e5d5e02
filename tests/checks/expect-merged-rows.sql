-- engine: clickhouse
-- sizes: events=1200000
CREATE TABLE events_new (id UInt64, at DateTime) ENGINE = ReplacingMergeTree(at) PARTITION BY toYYYYMM(at) ORDER BY id;
-- expect: WARN what is copied from events (about 1,200,000 rows, 114 MB) is merged: of rows with equal id, the last row stays
INSERT INTO events_new (id, at) SELECT id, at FROM events SETTINGS optimize_on_insert = 0;
-- expect: WARN of rows with equal k, numbers are added
CREATE TABLE sums ENGINE = SummingMergeTree ORDER BY k AS SELECT k, n FROM events;
CREATE TABLE pairs (k UInt64, sign Int8) ENGINE = CollapsingMergeTree(sign) ORDER BY k;
-- expect: WARN of rows with equal k, pairs of rows go
INSERT INTO pairs SELECT k, sign FROM events;
CREATE TABLE plain (id UInt64) ENGINE = MergeTree ORDER BY id;
-- ok
INSERT INTO plain SELECT id FROM events;
CREATE TABLE filled (id UInt64) ENGINE = ReplacingMergeTree ORDER BY id;
-- ok: no copy
INSERT INTO filled VALUES (1);
-- ok: not created here
INSERT INTO others SELECT id FROM events;

-- next: merged by the same key before
-- engine: clickhouse
CREATE TABLE events_new (id UInt64, at DateTime) ENGINE = ReplacingMergeTree() ORDER BY (id) COMMENT 'x';
-- ok
INSERT INTO events_new (id, at) SELECT id, at FROM events;
EXCHANGE TABLES events AND events_new;
-- rollback
CREATE TABLE events_new (id UInt64) ENGINE = ReplacingMergeTree ORDER BY id;
EXCHANGE TABLES events AND events_new;

-- next: by another key before
-- engine: clickhouse
-- sizes: events=0
CREATE TABLE events_new (id UInt64, at DateTime) ENGINE = ReplacingMergeTree ORDER BY id;
-- expect: INFO of rows with equal id, the last row stays
INSERT INTO events_new (id, at) SELECT id, at FROM events;
EXCHANGE TABLES events AND events_new;
-- rollback
CREATE TABLE events_new (id UInt64, at DateTime) ENGINE = ReplacingMergeTree ORDER BY (id, at);
EXCHANGE TABLES events AND events_new;

-- next: other engines
-- engine: postgresql mysql sqlite
CREATE TABLE t (id integer);
-- ok
INSERT INTO t SELECT id FROM u;
