-- upgrade
CREATE TABLE added (
    id UInt64,
    n UInt64
)
ENGINE = SummingMergeTree(n)
ORDER BY id;

CREATE TABLE by_log (
    id UInt64
)
ENGINE = Log;

CREATE TABLE collapsing (
    id UInt64,
    sign Int8
)
ENGINE = CollapsingMergeTree(sign)
ORDER BY id;

CREATE TABLE in_memory (
    id UInt64
)
ENGINE = Memory;

CREATE TABLE in_set (
    id UInt64
)
ENGINE = Set;

CREATE TABLE joined (
    id UInt64
)
ENGINE = Join(ANY, LEFT, id);

CREATE TABLE linked (
    id UInt64
)
ENGINE = URL('http://localhost/x.csv', 'CSV');

CREATE TABLE nowhere (
    id UInt64
)
ENGINE = Null;

CREATE TABLE states (
    id UInt64,
    n AggregateFunction(sum, UInt64),
    m SimpleAggregateFunction(max, UInt64)
)
ENGINE = AggregatingMergeTree
ORDER BY id;

CREATE TABLE versioned (
    id UInt64,
    sign Int8,
    version UInt32
)
ENGINE = VersionedCollapsingMergeTree(sign, version)
ORDER BY id;

-- rollback
DROP TABLE versioned;

DROP TABLE states;

DROP TABLE nowhere;

DROP TABLE linked;

DROP TABLE joined;

DROP TABLE in_set;

DROP TABLE in_memory;

DROP TABLE collapsing;

DROP TABLE by_log;

DROP TABLE added;
