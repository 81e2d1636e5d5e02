-- upgrade
DROP TABLE IF EXISTS dbwarden_old_events;

CREATE TABLE dbwarden_new_events (
    id UInt64,
    day Date,
    kind LowCardinality(String),
    note Nullable(String)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, id)
COMMENT 'DBWarden: the new form of events';

INSERT INTO dbwarden_new_events (id, day, kind, note)
SELECT id, day, kind, note
FROM events
SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0;

-- DBWarden also copies the rows that are inserted meanwhile. Whoever runs this file by another program must stop
-- inserts into events first: those between INSERT and EXCHANGE would be only in dbwarden_old_events.
EXCHANGE TABLES events AND dbwarden_new_events;

ALTER TABLE events MODIFY COMMENT '';

RENAME TABLE dbwarden_new_events TO dbwarden_old_events;

-- rollback
DROP TABLE IF EXISTS dbwarden_old_events;

CREATE TABLE dbwarden_new_events (
    id UInt32,
    day Date,
    kind LowCardinality(String),
    note Nullable(String)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, id)
COMMENT 'DBWarden: the new form of events';

INSERT INTO dbwarden_new_events (id, day, kind, note)
SELECT id, day, kind, note
FROM events
SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0;

-- DBWarden also copies the rows that are inserted meanwhile. Whoever runs this file by another program must stop
-- inserts into events first: those between INSERT and EXCHANGE would be only in dbwarden_old_events.
EXCHANGE TABLES events AND dbwarden_new_events;

ALTER TABLE events MODIFY COMMENT '';

RENAME TABLE dbwarden_new_events TO dbwarden_old_events;
