-- file: 0001_users.sql
CREATE TABLE users (id integer, name varchar(20), price numeric(10, 2));
-- file: 0002_change.sql
-- expect: WARN the new type of id rewrites users
ALTER TABLE users ALTER COLUMN id TYPE bigint;
-- ok
ALTER TABLE users ALTER COLUMN name TYPE varchar(40);
-- ok
ALTER TABLE users ALTER COLUMN name TYPE text, ALTER COLUMN price TYPE numeric(12, 2);
-- expect: WARN rewrite table rewrites users
ALTER TABLE users SET UNLOGGED;
-- expect: WARN vacuum full
VACUUM FULL;
-- ok
VACUUM;
-- ok: the rule for volatile defaults
ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();
-- ok: made here
CREATE TABLE fresh (id integer);
ALTER TABLE fresh ALTER COLUMN id TYPE bigint;

-- next: the whole file is locked anyway
-- engine: sqlite
-- ok
VACUUM;

-- next: where InnoDB copies
-- engine: mysql mariadb
-- sizes: users=5000000
-- file: 0001_users.sql
CREATE TABLE users (id int, name varchar(20), other varchar(20), city_id int, note text);
-- file: 0002_change.sql
-- expect: WARN the new type of id rewrites users (about 5,000,000 rows, 477 MB) while nobody can write to it
ALTER TABLE users MODIFY id bigint NOT NULL;
-- ok: refused where it would copy
ALTER TABLE users MODIFY id bigint NOT NULL, ALGORITHM=INPLACE, LOCK=NONE;
-- ok
ALTER TABLE users MODIFY name varchar(40);
-- ok: the type stays
ALTER TABLE users CHANGE other renamed varchar(20) NOT NULL;
-- expect: WARN convert to character set rewrites users
ALTER TABLE users CONVERT TO CHARACTER SET latin1;
-- expect: WARN add foreign key rewrites users
ALTER TABLE users ADD CONSTRAINT f FOREIGN KEY (city_id) REFERENCES cities (id);
-- expect: WARN add index rewrites users
ALTER TABLE users ADD FULLTEXT INDEX ft (note);
-- ok: in place, while others write
ALTER TABLE users FORCE;
-- ok
ALTER TABLE users ADD INDEX ix (name), ADD COLUMN n int;
-- ok
OPTIMIZE TABLE users;

-- next: where parts are rewritten in the background
-- engine: clickhouse
-- sizes: events=5000000
-- file: 0001_events.sql
CREATE TABLE events (id UInt64, kind Enum8('a' = 1), n Int32) ENGINE = MergeTree ORDER BY id;
-- file: 0002_change.sql
-- expect: WARN the new type of n is a mutation: it rewrites parts of events (about 5,000,000 rows, 477 MB) in the background
ALTER TABLE events MODIFY COLUMN n Int64;
-- expect: WARN the new type of kind is a mutation
ALTER TABLE events MODIFY COLUMN kind Nullable(Enum8('a' = 1));
-- ok: a value is added
ALTER TABLE events MODIFY COLUMN kind Enum8('a' = 1, 'b' = 2);
-- ok
ALTER TABLE events ADD COLUMN more String;
-- expect: WARN rename column is a mutation
ALTER TABLE events RENAME COLUMN n TO number;
-- expect: WARN materialize index is a mutation
ALTER TABLE events MATERIALIZE INDEX ix;


-- next: where a new form takes the place of a table
-- engine: clickhouse
-- sizes: events=5000000
-- file: 0001_events.sql
CREATE TABLE events (id UInt64, kind String) ENGINE = MergeTree ORDER BY id;
-- file: 0002_change.sql
-- ok: a copy that an earlier change has left
DROP TABLE IF EXISTS dbwarden_old_events;
-- ok
CREATE TABLE dbwarden_new_events (id UInt64, kind String) ENGINE = MergeTree ORDER BY kind;
-- expect: WARN the new form of events (about 5,000,000 rows, 477 MB) is a copy of it, and the old one stays
INSERT INTO dbwarden_new_events (id, kind) SELECT id, kind FROM events SETTINGS optimize_on_insert = 0;
-- ok
EXCHANGE TABLES events AND dbwarden_new_events;
