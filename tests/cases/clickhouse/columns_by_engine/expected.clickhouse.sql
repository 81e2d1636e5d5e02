-- upgrade
ALTER TABLE base ADD COLUMN new String DEFAULT 'x' AFTER n;

ALTER TABLE buffered ADD COLUMN new String DEFAULT 'x' AFTER n;

ALTER TABLE everywhere ADD COLUMN new String DEFAULT 'x' AFTER n;

ALTER TABLE in_memory ADD COLUMN new String DEFAULT 'x' AFTER n;

ALTER TABLE merged ADD COLUMN new String DEFAULT 'x' AFTER n;

ALTER TABLE nowhere ADD COLUMN new String DEFAULT 'x' AFTER n;

-- Move data here: from base (gone), dropped below, to base (new).
-- ALTER TABLE base UPDATE new = ... WHERE true;
-- Move data here: from buffered (gone), dropped below, to buffered (new).
-- ALTER TABLE buffered UPDATE new = ... WHERE true;
-- Move data here: from everywhere (gone), dropped below, to everywhere (new).
-- ALTER TABLE everywhere UPDATE new = ... WHERE true;
-- Move data here: from in_memory (gone), dropped below, to in_memory (new).
-- ALTER TABLE in_memory UPDATE new = ... WHERE true;
-- Move data here: from merged (gone), dropped below, to merged (new).
-- ALTER TABLE merged UPDATE new = ... WHERE true;
-- Move data here: from nowhere (gone), dropped below, to nowhere (new).
-- ALTER TABLE nowhere UPDATE new = ... WHERE true;
ALTER TABLE base MODIFY COLUMN n UInt32;

ALTER TABLE buffered MODIFY COLUMN n UInt32;

ALTER TABLE everywhere MODIFY COLUMN n UInt32;

ALTER TABLE in_memory MODIFY COLUMN n UInt32;

ALTER TABLE merged MODIFY COLUMN n UInt32;

ALTER TABLE nowhere MODIFY COLUMN n UInt32;

ALTER TABLE base DROP COLUMN gone;

ALTER TABLE buffered DROP COLUMN gone;

DROP TABLE IF EXISTS dbwarden_old_by_key;

CREATE TABLE dbwarden_new_by_key (
    id UInt64,
    n UInt32,
    new String DEFAULT 'x'
)
ENGINE = EmbeddedRocksDB
PRIMARY KEY id
COMMENT 'DBWarden: the new form of by_key';

-- Move data here: from by_key (gone), dropped below, to by_key (new). Write it into the INSERT and SELECT below:
-- new from ...
INSERT INTO dbwarden_new_by_key (id, n)
SELECT id, n
FROM by_key
SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0;

-- DBWarden also copies the rows that are inserted meanwhile. Whoever runs this file by another program must stop
-- inserts into by_key first: those between INSERT and EXCHANGE would be only in dbwarden_old_by_key.
EXCHANGE TABLES by_key AND dbwarden_new_by_key;

ALTER TABLE by_key MODIFY COMMENT '';

RENAME TABLE dbwarden_new_by_key TO dbwarden_old_by_key;

DROP TABLE IF EXISTS dbwarden_old_by_log;

CREATE TABLE dbwarden_new_by_log (
    id UInt64,
    n UInt32,
    new String DEFAULT 'x'
)
ENGINE = Log
COMMENT 'DBWarden: the new form of by_log';

-- Move data here: from by_log (gone), dropped below, to by_log (new). Write it into the INSERT and SELECT below:
-- new from ...
INSERT INTO dbwarden_new_by_log (id, n)
SELECT id, n
FROM by_log
SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0;

-- DBWarden also copies the rows that are inserted meanwhile. Whoever runs this file by another program must stop
-- inserts into by_log first: those between INSERT and EXCHANGE would be only in dbwarden_old_by_log.
EXCHANGE TABLES by_log AND dbwarden_new_by_log;

ALTER TABLE by_log MODIFY COMMENT '';

RENAME TABLE dbwarden_new_by_log TO dbwarden_old_by_log;

DROP TABLE IF EXISTS dbwarden_old_by_stripe_log;

CREATE TABLE dbwarden_new_by_stripe_log (
    id UInt64,
    n UInt32,
    new String DEFAULT 'x'
)
ENGINE = StripeLog
COMMENT 'DBWarden: the new form of by_stripe_log';

-- Move data here: from by_stripe_log (gone), dropped below, to by_stripe_log (new). Write it into the INSERT and SELECT below:
-- new from ...
INSERT INTO dbwarden_new_by_stripe_log (id, n)
SELECT id, n
FROM by_stripe_log
SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0;

-- DBWarden also copies the rows that are inserted meanwhile. Whoever runs this file by another program must stop
-- inserts into by_stripe_log first: those between INSERT and EXCHANGE would be only in dbwarden_old_by_stripe_log.
EXCHANGE TABLES by_stripe_log AND dbwarden_new_by_stripe_log;

ALTER TABLE by_stripe_log MODIFY COMMENT '';

RENAME TABLE dbwarden_new_by_stripe_log TO dbwarden_old_by_stripe_log;

DROP TABLE IF EXISTS dbwarden_old_by_tiny_log;

CREATE TABLE dbwarden_new_by_tiny_log (
    id UInt64,
    n UInt32,
    new String DEFAULT 'x'
)
ENGINE = TinyLog
COMMENT 'DBWarden: the new form of by_tiny_log';

-- Move data here: from by_tiny_log (gone), dropped below, to by_tiny_log (new). Write it into the INSERT and SELECT below:
-- new from ...
INSERT INTO dbwarden_new_by_tiny_log (id, n)
SELECT id, n
FROM by_tiny_log
SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0;

-- DBWarden also copies the rows that are inserted meanwhile. Whoever runs this file by another program must stop
-- inserts into by_tiny_log first: those between INSERT and EXCHANGE would be only in dbwarden_old_by_tiny_log.
EXCHANGE TABLES by_tiny_log AND dbwarden_new_by_tiny_log;

ALTER TABLE by_tiny_log MODIFY COMMENT '';

RENAME TABLE dbwarden_new_by_tiny_log TO dbwarden_old_by_tiny_log;

ALTER TABLE everywhere DROP COLUMN gone;

ALTER TABLE in_memory DROP COLUMN gone;

ALTER TABLE merged DROP COLUMN gone;

ALTER TABLE nowhere DROP COLUMN gone;

-- rollback
ALTER TABLE nowhere ADD COLUMN gone Date AFTER n;

ALTER TABLE merged ADD COLUMN gone Date AFTER n;

ALTER TABLE in_memory ADD COLUMN gone Date AFTER n;

ALTER TABLE everywhere ADD COLUMN gone Date AFTER n;

-- Move data here: from everywhere (new), dropped below, to everywhere (gone).
-- ALTER TABLE everywhere UPDATE gone = ... WHERE true;
-- Move data here: from in_memory (new), dropped below, to in_memory (gone).
-- ALTER TABLE in_memory UPDATE gone = ... WHERE true;
-- Move data here: from merged (new), dropped below, to merged (gone).
-- ALTER TABLE merged UPDATE gone = ... WHERE true;
-- Move data here: from nowhere (new), dropped below, to nowhere (gone).
-- ALTER TABLE nowhere UPDATE gone = ... WHERE true;
DROP TABLE IF EXISTS dbwarden_old_by_tiny_log;

CREATE TABLE dbwarden_new_by_tiny_log (
    id UInt64,
    n UInt8,
    gone Date
)
ENGINE = TinyLog
COMMENT 'DBWarden: the new form of by_tiny_log';

-- Move data here: from by_tiny_log (new), dropped below, to by_tiny_log (gone). Write it into the INSERT and SELECT below:
-- gone from ...
INSERT INTO dbwarden_new_by_tiny_log (id, n)
SELECT id, n
FROM by_tiny_log
SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0;

-- DBWarden also copies the rows that are inserted meanwhile. Whoever runs this file by another program must stop
-- inserts into by_tiny_log first: those between INSERT and EXCHANGE would be only in dbwarden_old_by_tiny_log.
EXCHANGE TABLES by_tiny_log AND dbwarden_new_by_tiny_log;

ALTER TABLE by_tiny_log MODIFY COMMENT '';

RENAME TABLE dbwarden_new_by_tiny_log TO dbwarden_old_by_tiny_log;

DROP TABLE IF EXISTS dbwarden_old_by_stripe_log;

CREATE TABLE dbwarden_new_by_stripe_log (
    id UInt64,
    n UInt8,
    gone Date
)
ENGINE = StripeLog
COMMENT 'DBWarden: the new form of by_stripe_log';

-- Move data here: from by_stripe_log (new), dropped below, to by_stripe_log (gone). Write it into the INSERT and SELECT below:
-- gone from ...
INSERT INTO dbwarden_new_by_stripe_log (id, n)
SELECT id, n
FROM by_stripe_log
SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0;

-- DBWarden also copies the rows that are inserted meanwhile. Whoever runs this file by another program must stop
-- inserts into by_stripe_log first: those between INSERT and EXCHANGE would be only in dbwarden_old_by_stripe_log.
EXCHANGE TABLES by_stripe_log AND dbwarden_new_by_stripe_log;

ALTER TABLE by_stripe_log MODIFY COMMENT '';

RENAME TABLE dbwarden_new_by_stripe_log TO dbwarden_old_by_stripe_log;

DROP TABLE IF EXISTS dbwarden_old_by_log;

CREATE TABLE dbwarden_new_by_log (
    id UInt64,
    n UInt8,
    gone Date
)
ENGINE = Log
COMMENT 'DBWarden: the new form of by_log';

-- Move data here: from by_log (new), dropped below, to by_log (gone). Write it into the INSERT and SELECT below:
-- gone from ...
INSERT INTO dbwarden_new_by_log (id, n)
SELECT id, n
FROM by_log
SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0;

-- DBWarden also copies the rows that are inserted meanwhile. Whoever runs this file by another program must stop
-- inserts into by_log first: those between INSERT and EXCHANGE would be only in dbwarden_old_by_log.
EXCHANGE TABLES by_log AND dbwarden_new_by_log;

ALTER TABLE by_log MODIFY COMMENT '';

RENAME TABLE dbwarden_new_by_log TO dbwarden_old_by_log;

DROP TABLE IF EXISTS dbwarden_old_by_key;

CREATE TABLE dbwarden_new_by_key (
    id UInt64,
    n UInt8,
    gone Date
)
ENGINE = EmbeddedRocksDB
PRIMARY KEY id
COMMENT 'DBWarden: the new form of by_key';

-- Move data here: from by_key (new), dropped below, to by_key (gone). Write it into the INSERT and SELECT below:
-- gone from ...
INSERT INTO dbwarden_new_by_key (id, n)
SELECT id, n
FROM by_key
SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0;

-- DBWarden also copies the rows that are inserted meanwhile. Whoever runs this file by another program must stop
-- inserts into by_key first: those between INSERT and EXCHANGE would be only in dbwarden_old_by_key.
EXCHANGE TABLES by_key AND dbwarden_new_by_key;

ALTER TABLE by_key MODIFY COMMENT '';

RENAME TABLE dbwarden_new_by_key TO dbwarden_old_by_key;

ALTER TABLE buffered ADD COLUMN gone Date AFTER n;

ALTER TABLE base ADD COLUMN gone Date AFTER n;

ALTER TABLE nowhere MODIFY COLUMN n UInt8;

ALTER TABLE merged MODIFY COLUMN n UInt8;

ALTER TABLE in_memory MODIFY COLUMN n UInt8;

ALTER TABLE everywhere MODIFY COLUMN n UInt8;

ALTER TABLE buffered MODIFY COLUMN n UInt8;

ALTER TABLE base MODIFY COLUMN n UInt8;

ALTER TABLE nowhere DROP COLUMN new;

ALTER TABLE merged DROP COLUMN new;

ALTER TABLE in_memory DROP COLUMN new;

ALTER TABLE everywhere DROP COLUMN new;

ALTER TABLE buffered DROP COLUMN new;

ALTER TABLE base DROP COLUMN new;
