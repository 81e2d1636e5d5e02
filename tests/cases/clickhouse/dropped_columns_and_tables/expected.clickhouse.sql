-- upgrade
ALTER TABLE visits DROP COLUMN agent;

DROP TABLE old;

-- rollback
CREATE TABLE old (
    id UInt64
)
ENGINE = MergeTree
ORDER BY id;

ALTER TABLE visits ADD COLUMN agent String;
