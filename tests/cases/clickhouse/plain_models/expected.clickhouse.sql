-- upgrade
ALTER TABLE users DROP INDEX ix_users_name;

ALTER TABLE users DROP CONSTRAINT positive;

ALTER TABLE users MODIFY COMMENT '';

ALTER TABLE users
    MODIFY COLUMN active Bool DEFAULT true,
    MODIFY COLUMN balance Nullable(Decimal(12, 3)),
    MODIFY COLUMN bio String DEFAULT 'none',
    MODIFY COLUMN name Nullable(String) DEFAULT 'y';

CREATE TABLE sites (
    code String,
    number Int32
)
ENGINE = MergeTree
ORDER BY (code, number);

ALTER TABLE users ADD COLUMN visits Nullable(Int64);

-- rollback
ALTER TABLE users DROP COLUMN visits;

DROP TABLE sites;

ALTER TABLE users
    MODIFY COLUMN name String DEFAULT 'x',
    MODIFY COLUMN bio REMOVE DEFAULT;

ALTER TABLE users
    MODIFY COLUMN bio Nullable(String),
    MODIFY COLUMN balance Nullable(Decimal(10, 2)),
    MODIFY COLUMN active REMOVE DEFAULT;

ALTER TABLE users MODIFY COMMENT 'people';

ALTER TABLE users ADD CONSTRAINT positive CHECK id > 0;

ALTER TABLE users ADD INDEX ix_users_name name TYPE minmax GRANULARITY 1;

ALTER TABLE users MATERIALIZE INDEX ix_users_name;
