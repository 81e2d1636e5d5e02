-- upgrade
DROP TABLE IF EXISTS dbwarden_old_people;

CREATE TABLE dbwarden_new_people (
    id UInt64,
    version UInt32
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
COMMENT 'DBWarden: the new form of people';

INSERT INTO dbwarden_new_people (id, version)
SELECT id, version
FROM people
SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0;

-- DBWarden also copies the rows that are inserted meanwhile. Whoever runs this file by another program must stop
-- inserts into people first: those between INSERT and EXCHANGE would be only in dbwarden_old_people.
EXCHANGE TABLES people AND dbwarden_new_people;

ALTER TABLE people MODIFY COMMENT '';

RENAME TABLE dbwarden_new_people TO dbwarden_old_people;

CREATE TABLE aggregated (
    id UInt64,
    a AggregateFunction(uniq, String)
)
ENGINE = AggregatingMergeTree
ORDER BY id;

CREATE TABLE collapsed (
    id UInt64,
    sign Int8
)
ENGINE = CollapsingMergeTree(sign)
PARTITION BY id % 8
ORDER BY id;

CREATE TABLE collapsed_by_version (
    id UInt64,
    sign Int8,
    version UInt8
)
ENGINE = VersionedCollapsingMergeTree(sign, version)
ORDER BY id;

CREATE TABLE deleted (
    id UInt64,
    version UInt32,
    gone UInt8
)
ENGINE = ReplacingMergeTree(version, gone)
ORDER BY id;

CREATE TABLE rolled_up (
    Path String,
    Time DateTime,
    Value Float64,
    Timestamp UInt32
)
ENGINE = GraphiteMergeTree('graphite_rollup')
ORDER BY (Path, Time);

CREATE TABLE summed (
    id UInt64,
    a UInt64,
    b UInt64
)
ENGINE = SummingMergeTree((a, b))
ORDER BY id;

CREATE TABLE summed_all (
    id UInt64,
    a UInt64
)
ENGINE = SummingMergeTree
ORDER BY id;

-- rollback
DROP TABLE summed_all;

DROP TABLE summed;

DROP TABLE rolled_up;

DROP TABLE deleted;

DROP TABLE collapsed_by_version;

DROP TABLE collapsed;

DROP TABLE aggregated;

DROP TABLE IF EXISTS dbwarden_old_people;

CREATE TABLE dbwarden_new_people (
    id UInt64,
    version UInt32
)
ENGINE = MergeTree
ORDER BY id
COMMENT 'DBWarden: the new form of people';

INSERT INTO dbwarden_new_people (id, version)
SELECT id, version
FROM people
SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0;

-- DBWarden also copies the rows that are inserted meanwhile. Whoever runs this file by another program must stop
-- inserts into people first: those between INSERT and EXCHANGE would be only in dbwarden_old_people.
EXCHANGE TABLES people AND dbwarden_new_people;

ALTER TABLE people MODIFY COMMENT '';

RENAME TABLE dbwarden_new_people TO dbwarden_old_people;
