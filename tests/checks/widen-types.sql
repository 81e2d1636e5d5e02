-- file: 0001_things.sql
CREATE TABLE things (
    small smallint, whole integer, big bigint, money numeric(10, 2), ratio double precision, short varchar(20),
    long text, at timestamptz, day date, flag boolean, doc json, mood mood
);
CREATE TYPE mood AS ENUM ('a');
-- file: 0002_change.sql
-- ok
ALTER TABLE things ALTER COLUMN small TYPE integer;
-- expect: WARN column big of things changes from bigint to integer
ALTER TABLE things ALTER COLUMN big TYPE integer;
-- expect: CRITICAL column money of things changes from numeric(10, 2) to numeric(10, 1)
ALTER TABLE things ALTER COLUMN money TYPE numeric(10, 1);
-- expect: CRITICAL column ratio
ALTER TABLE things ALTER ratio SET DATA TYPE real;
-- ok
ALTER TABLE things ALTER COLUMN short TYPE varchar(40), ALTER COLUMN day TYPE timestamp;
-- expect: WARN column long of things changes from text to varchar
ALTER TABLE things ALTER COLUMN long TYPE varchar(40);
-- expect: CRITICAL column at of things changes from timestamptz to date
ALTER TABLE things ALTER COLUMN at TYPE date;
-- expect: WARN column flag
ALTER TABLE things ALTER COLUMN flag TYPE bit USING flag::int::bit;
-- ok
ALTER TABLE things ALTER COLUMN doc TYPE jsonb;
-- ok: the rule for enumerations
ALTER TABLE things ALTER COLUMN mood TYPE text;
-- expect: INFO its former type is not known
ALTER TABLE elsewhere ALTER COLUMN a TYPE integer;
-- ok: everything becomes a text
ALTER TABLE elsewhere ALTER COLUMN a TYPE text;

-- next: a cast cuts without a word
-- file: 0001_users.sql
CREATE TABLE users (name text);
-- file: 0002_cut.sql
-- expect: CRITICAL column name
ALTER TABLE users ALTER COLUMN name TYPE varchar(5) USING name::varchar(5);

-- next: the rollback knows the former type
-- upgrade
-- expect: WARN from bigint to integer
ALTER TABLE users ALTER COLUMN n TYPE integer;
-- rollback
ALTER TABLE users ALTER COLUMN n TYPE bigint;

-- next: any value in any column, but a number out of a text
-- engine: sqlite
-- file: 0001_users.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, code TEXT, name VARCHAR(50), n BIGINT);
-- file: 0002_rebuild.sql
-- expect: WARN column code of users changes from text to integer
CREATE TABLE other (id INTEGER PRIMARY KEY, code INTEGER, name VARCHAR(10), n SMALLINT);
INSERT INTO other (id, code, name, n) SELECT id, code, name, n FROM users;
-- ok
DROP TABLE users;
ALTER TABLE other RENAME TO users;

-- next: numbers are refused, not cut
-- upgrade
-- expect: WARN from varchar(5) to integer
ALTER TABLE users ALTER COLUMN n TYPE integer USING n::integer;
-- rollback
ALTER TABLE users ALTER COLUMN n TYPE varchar(5);

-- next: a column that the file adds
-- engine: mysql mariadb
-- file: 0001_users.sql
CREATE TABLE users (id int);
-- file: 0002_fill.sql
-- ok
ALTER TABLE users ADD COLUMN name varchar(20) NULL;
-- ok
ALTER TABLE users MODIFY COLUMN name varchar(20) NOT NULL;
-- expect: WARN from varchar(20) to varchar(10)
ALTER TABLE users MODIFY COLUMN name varchar(10) NOT NULL;

-- next: what ClickHouse does without a word
-- engine: clickhouse
-- file: 0001_events.sql
CREATE TABLE events (id UInt64, tags Array(String), n Int64, at DateTime64(6)) ENGINE = MergeTree ORDER BY id;
-- file: 0002_change.sql
-- expect: CRITICAL column tags of events changes from Array(String) to String: values are changed for good
ALTER TABLE events MODIFY COLUMN tags String;
-- expect: CRITICAL column n of events
ALTER TABLE events MODIFY COLUMN n Int32;
-- expect: CRITICAL column at of events
ALTER TABLE events MODIFY COLUMN at DateTime64(3);
