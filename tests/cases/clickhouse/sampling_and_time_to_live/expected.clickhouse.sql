-- upgrade
ALTER TABLE t MODIFY SAMPLE BY cityHash64(n);

ALTER TABLE t MODIFY TTL at + toIntervalYear(80) WHERE n > 5, at + toIntervalDay(1) RECOMPRESS CODEC(ZSTD(9));

ALTER TABLE t MODIFY SETTING min_bytes_for_wide_part = 0;

ALTER TABLE told MODIFY COMMENT 'new';

ALTER TABLE told COMMENT COLUMN id 'it\'s new';

CREATE TABLE grouped (
    id UInt64,
    at DateTime,
    n UInt64
)
ENGINE = MergeTree
ORDER BY id
TTL at + toIntervalMonth(1) GROUP BY id SET n = sum(n);

CREATE TABLE keyed (
    id UInt64,
    n UInt64
)
ENGINE = MergeTree
PRIMARY KEY id
ORDER BY (id, n);

-- rollback
DROP TABLE keyed;

DROP TABLE grouped;

ALTER TABLE told COMMENT COLUMN id 'old';

ALTER TABLE told MODIFY COMMENT 'old';

ALTER TABLE t REMOVE SAMPLE BY;

ALTER TABLE t REMOVE TTL;

ALTER TABLE t RESET SETTING min_bytes_for_wide_part;
