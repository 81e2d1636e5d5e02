-- upgrade
CREATE TABLE buffered (
    id UInt64
)
ENGINE = Buffer(currentDatabase(), 'rows', 1, 10, 100, 10000, 1000000, 10000000, 100000000);

CREATE TABLE everywhere (
    id UInt64
)
ENGINE = Distributed('alone', currentDatabase(), 'rows', rand());

CREATE TABLE joined (
    id UInt64,
    name String
)
ENGINE = Join(any, left, id)
SETTINGS join_use_nulls = 1;

CREATE TABLE merged (
    id UInt64
)
ENGINE = Merge(currentDatabase(), '^rows$');

CREATE TABLE remembered (
    id UInt64
)
ENGINE = Memory
SETTINGS max_rows_to_keep = 100, min_rows_to_keep = 1;

CREATE TABLE striped (
    id UInt64
)
ENGINE = StripeLog;

CREATE TABLE tiny (
    id UInt64
)
ENGINE = TinyLog;

-- rollback
DROP TABLE tiny;

DROP TABLE striped;

DROP TABLE remembered;

DROP TABLE merged;

DROP TABLE joined;

DROP TABLE everywhere;

DROP TABLE buffered;
