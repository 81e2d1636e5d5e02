-- expect: CRITICAL column phone of users is dropped
ALTER TABLE users DROP COLUMN phone;
-- expect: CRITICAL column a of users
-- expect: CRITICAL column b of users
ALTER TABLE users DROP a, ALTER COLUMN x SET DEFAULT 1, DROP COLUMN IF EXISTS b;
-- expect: CRITICAL table invoices is dropped
DROP TABLE invoices;
-- expect: CRITICAL table a is dropped
-- expect: CRITICAL table shop.b is dropped
DROP TABLE IF EXISTS a, shop.b CASCADE;
-- expect: CRITICAL table sessions is emptied
TRUNCATE sessions;
-- expect: CRITICAL schema shop is dropped with everything in it
DROP SCHEMA shop CASCADE;
-- ok: an index holds nothing of its own
DROP INDEX ix_users_phone;
-- ok
ALTER TABLE users DROP CONSTRAINT users_phone_key;
-- ok
ALTER TABLE users ALTER COLUMN phone DROP NOT NULL;
-- ok
DROP VIEW active_users;
-- ok: made here
CREATE TABLE scratch (id integer);
-- ok
DROP TABLE scratch;
-- ok: added here
ALTER TABLE users ADD COLUMN interim integer;
-- ok
ALTER TABLE users DROP COLUMN interim;
-- dbwarden: ignore keep-data: unused since 4.2, copied to users_fax_backup
-- ok
ALTER TABLE users DROP COLUMN fax;
ALTER TABLE users DROP COLUMN telex; -- dbwarden: ignore keep-data: nobody has one
-- dbwarden: ignore keep-data
-- expect: CRITICAL column pager of users
ALTER TABLE users DROP COLUMN pager;
-- dbwarden: ignore widen-types: another rule
-- expect: CRITICAL column tel of users
ALTER TABLE users DROP COLUMN tel;

-- next: a table without rows, a big one, one that is not there
-- sizes: empty=0 big=1200000
-- expect: INFO table empty (empty)
DROP TABLE empty;
-- expect: CRITICAL table big (about 1,200,000 rows, 114 MB) is dropped
DROP TABLE big;
-- expect: INFO table gone (empty)
DROP TABLE gone;

-- next: a rebuild keeps what it copies
-- engine: sqlite
-- file: 0001_users.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, phone TEXT, big INTEGER GENERATED ALWAYS AS (id * 2));
-- file: 0002_rebuild.sql
CREATE TABLE dbwarden_new_users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO dbwarden_new_users (id, name) SELECT id, name FROM users;
-- expect: CRITICAL column phone of users is not copied
DROP TABLE users;
-- ok
ALTER TABLE dbwarden_new_users RENAME TO users;

-- next: a rebuild behind a rename, and one before
-- engine: sqlite
-- file: 0001_users.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE posts (id INTEGER PRIMARY KEY, name TEXT);
-- file: 0002_rebuild.sql
ALTER TABLE users RENAME TO people;
CREATE TABLE dbwarden_new_people (id INTEGER PRIMARY KEY, name VARCHAR(50));
INSERT INTO dbwarden_new_people (id, name) SELECT id, name FROM people;
-- ok
DROP TABLE people;
ALTER TABLE dbwarden_new_people RENAME TO people;
CREATE TABLE dbwarden_new_posts (id INTEGER PRIMARY KEY);
INSERT INTO dbwarden_new_posts (id) SELECT id FROM posts;
-- expect: CRITICAL column name of posts is not copied
DROP TABLE posts;
ALTER TABLE dbwarden_new_posts RENAME TO posts;
ALTER TABLE posts RENAME TO articles;

-- next: a copy that never takes the name
-- engine: sqlite
-- file: 0001_users.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
-- file: 0002_copy.sql
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO people (id, name) SELECT id, name FROM users;
-- expect: CRITICAL table users is dropped
DROP TABLE users;

-- next: a rebuild that copies all
-- engine: sqlite postgresql
-- file: 0001_users.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
-- file: 0002_rebuild.sql
CREATE TABLE "new" (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO "new" (id, name) SELECT id, COALESCE(name, '') FROM users;
-- ok
DROP TABLE users;
ALTER TABLE "new" RENAME TO users;

-- next: what the database computes is not lost
-- engine: sqlite postgresql
-- file: 0001_users.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, twice INTEGER GENERATED ALWAYS AS (id * 2) STORED);
-- file: 0002_drop.sql
-- ok
ALTER TABLE users DROP COLUMN twice;

-- next: the rollback knows what the database computes
-- upgrade
-- ok
ALTER TABLE users DROP COLUMN twice;
-- rollback
ALTER TABLE users ADD COLUMN twice INTEGER GENERATED ALWAYS AS (id * 2) STORED;

-- next: dropped and made anew
-- engine: postgresql sqlite
-- sizes: users=3 invoices=5
-- expect: CRITICAL column name of users (about 3 rows, 300 bytes) is dropped
ALTER TABLE users DROP COLUMN name;
ALTER TABLE users ADD COLUMN name TEXT;
-- ok: that is the new one
ALTER TABLE users DROP COLUMN name;
-- expect: CRITICAL table invoices (about 5 rows, 500 bytes) is dropped
DROP TABLE invoices;
CREATE TABLE invoices (id INTEGER);
-- ok: that is the new one
DROP TABLE invoices;

-- next: added before it is dropped
-- engine: postgresql sqlite
ALTER TABLE users ADD COLUMN interim TEXT;
UPDATE users SET interim = name WHERE name > '';
-- expect: CRITICAL column name of users
ALTER TABLE users DROP COLUMN name;
ALTER TABLE users RENAME COLUMN interim TO name;
-- ok: that is the new one
ALTER TABLE users DROP COLUMN name;

-- next: one statement, in whatever order
-- expect: CRITICAL column name of users
ALTER TABLE users ADD COLUMN name text, DROP COLUMN name;
-- expect: CRITICAL column mail of users
ALTER TABLE users DROP COLUMN mail, ADD COLUMN mail text;

-- next: may have been there before
-- engine: postgresql
ALTER TABLE users ADD COLUMN IF NOT EXISTS name text;
-- expect: CRITICAL column name of users
ALTER TABLE users DROP COLUMN name;
CREATE TABLE IF NOT EXISTS users (id integer);
-- expect: CRITICAL table users is dropped
DROP TABLE users;

-- next: renamed first
-- engine: postgresql sqlite
-- sizes: users=3
ALTER TABLE users RENAME COLUMN name TO old;
ALTER TABLE users ADD COLUMN name TEXT;
-- expect: CRITICAL column old of users (about 3 rows
ALTER TABLE users DROP COLUMN old;
ALTER TABLE users RENAME TO former;
ALTER TABLE former RENAME TO ancient;
CREATE TABLE users (id INTEGER);
-- expect: CRITICAL table ancient (about 3 rows
DROP TABLE ancient;
-- ok: that is the new one
DROP TABLE users;

-- next: renamed by a pending file before it
-- engine: postgresql sqlite
-- sizes: users=3
-- pending: 0001_rename.sql
ALTER TABLE users RENAME TO former;
-- file: 0002_drop.sql
-- expect: CRITICAL table former (about 3 rows
DROP TABLE former;

-- next: a swap of names
-- engine: postgresql sqlite
-- sizes: a=3 b=0
ALTER TABLE a RENAME TO c;
ALTER TABLE b RENAME TO a;
ALTER TABLE c RENAME TO b;
-- expect: CRITICAL table b (about 3 rows
DROP TABLE b;

-- next: schemas
-- expect: CRITICAL schema shop is dropped with everything in it
DROP SCHEMA shop CASCADE;
CREATE SCHEMA shop;
-- ok: that is the new one
DROP SCHEMA shop CASCADE;
-- ok: it fails if there is anything in it
DROP SCHEMA other;

-- next: a table that moves, and the schema that goes
-- sizes: users=3
CREATE SCHEMA attic;
ALTER TABLE users SET SCHEMA attic;
-- expect: CRITICAL schema attic is dropped with everything in it: users (about 3 rows
DROP SCHEMA attic CASCADE;

-- next: a schema that is renamed
-- sizes: shop.users=3 other.users=0
ALTER SCHEMA shop RENAME TO attic;
-- expect: CRITICAL table attic.users (about 3 rows
DROP TABLE attic.users;
-- expect: INFO schema other is dropped
DROP SCHEMA other CASCADE;

-- next: types that take their columns with them
-- expect: CRITICAL type mood is dropped with every column
DROP TYPE mood CASCADE;
-- expect: CRITICAL domain mail is dropped with every column
DROP DOMAIN mail CASCADE;
-- expect: CRITICAL extension citext is dropped with every column
DROP EXTENSION citext CASCADE;
-- ok: it fails if a column needs it
DROP TYPE mood;

-- next: a copy of some rows
-- engine: sqlite postgresql
CREATE TABLE "new" (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO "new" (id, name) SELECT id, name FROM users WHERE name IS NOT NULL;
-- expect: CRITICAL table users is dropped
DROP TABLE users;
ALTER TABLE "new" RENAME TO users;

-- next: a copy of a table that was dropped before
-- engine: sqlite postgresql
-- expect: CRITICAL table users is dropped
DROP TABLE users;
CREATE TABLE users (id INTEGER);
CREATE TABLE "new" (id INTEGER);
INSERT INTO "new" SELECT * FROM users;
DROP TABLE users;
ALTER TABLE "new" RENAME TO users;

-- next: a copy from a table that was put out of the way
-- engine: sqlite postgresql
ALTER TABLE users RENAME TO former;
CREATE TABLE users (id INTEGER);
INSERT INTO users SELECT * FROM former;
-- ok
DROP TABLE former;

-- next: a copy of columns that are not known
-- engine: sqlite postgresql
CREATE TABLE "new" (id INTEGER, name TEXT);
INSERT INTO "new" (id, name) SELECT id, name FROM users;
-- expect: CRITICAL what users has beside id, name is not copied
DROP TABLE users;
ALTER TABLE "new" RENAME TO users;

-- next: the rollback knows what is not copied
-- engine: sqlite
-- upgrade
CREATE TABLE "new" (id INTEGER);
INSERT INTO "new" (id) SELECT id FROM users;
-- expect: CRITICAL column name of users is not copied
DROP TABLE users;
ALTER TABLE "new" RENAME TO users;
-- rollback
CREATE TABLE "new" (id INTEGER, name TEXT);
INSERT INTO "new" (id) SELECT id FROM users;
DROP TABLE users;
ALTER TABLE "new" RENAME TO users;

-- next: names that differ in their case alone
-- engine: postgresql
CREATE TABLE "Users" (id integer);
-- expect: CRITICAL table users is dropped
DROP TABLE users;
-- ok
DROP TABLE "Users";

-- next: on SQLite they are one
-- engine: sqlite
CREATE TABLE Users (id INTEGER);
-- ok
DROP TABLE users;
ALTER TABLE t ADD COLUMN Name TEXT;
-- ok
ALTER TABLE t DROP COLUMN name;

-- next: whether it was computed before is not known
-- engine: postgresql
-- expect: INFO column twice of users is computed from now on
ALTER TABLE users DROP COLUMN twice, ADD COLUMN twice integer GENERATED ALWAYS AS (id * 2) STORED;

-- next: it was not computed before
-- engine: postgresql
-- file: 0001_users.sql
CREATE TABLE users (id integer, twice integer);
-- file: 0002_twice.sql
-- expect: CRITICAL column twice of users is dropped
ALTER TABLE users DROP COLUMN twice, ADD COLUMN twice integer GENERATED ALWAYS AS (id * 2) STORED;

-- next: a name that a rename left is free
-- engine: postgresql
ALTER TABLE users RENAME COLUMN name TO old;
ALTER TABLE users ADD COLUMN IF NOT EXISTS name text;
-- ok
ALTER TABLE users DROP COLUMN name;

-- next: an index without a name creates no table
-- file: 0001_users.sql
CREATE TABLE users (id integer, name text);
-- file: 0002_drop.sql
-- ok
CREATE INDEX ON users (id);
-- expect: CRITICAL column name of users
ALTER TABLE users DROP COLUMN name;

-- next: a name that a drop left is free
-- engine: postgresql
-- expect: CRITICAL column name of users
ALTER TABLE users DROP COLUMN name;
ALTER TABLE users ADD COLUMN IF NOT EXISTS name text;
-- ok
ALTER TABLE users DROP COLUMN name;

-- next: a copy that ignores what does not fit
-- engine: sqlite
CREATE TABLE "new" (id INTEGER PRIMARY KEY);
INSERT OR IGNORE INTO "new" SELECT * FROM users;
-- expect: CRITICAL table users is dropped
DROP TABLE users;
ALTER TABLE "new" RENAME TO users;

-- next: a copy that replaces rows
-- engine: sqlite
CREATE TABLE "new" (id INTEGER PRIMARY KEY);
REPLACE INTO "new" SELECT * FROM users;
-- expect: CRITICAL table users is dropped
DROP TABLE users;
ALTER TABLE "new" RENAME TO users;

-- next: a copy of rows that differ
-- engine: sqlite postgresql
CREATE TABLE "new" (id INTEGER PRIMARY KEY);
INSERT INTO "new" SELECT DISTINCT id FROM users;
-- expect: CRITICAL table users is dropped
DROP TABLE users;
ALTER TABLE "new" RENAME TO users;

-- next: a copy of the first rows
-- engine: sqlite postgresql
CREATE TABLE "new" (id INTEGER PRIMARY KEY);
INSERT INTO "new" SELECT * FROM users LIMIT 10;
-- expect: CRITICAL table users is dropped
DROP TABLE users;
ALTER TABLE "new" RENAME TO users;

-- next: a copy of rows that another table has
-- engine: sqlite postgresql
CREATE TABLE "new" (id INTEGER PRIMARY KEY);
INSERT INTO "new" SELECT users.id FROM users JOIN other USING (id);
-- expect: CRITICAL table users is dropped
DROP TABLE users;
ALTER TABLE "new" RENAME TO users;

-- next: a copy of rows beside another table
-- engine: sqlite postgresql
CREATE TABLE "new" (id INTEGER PRIMARY KEY);
INSERT INTO "new" SELECT users.id FROM users, other;
-- expect: CRITICAL table users is dropped
DROP TABLE users;
ALTER TABLE "new" RENAME TO users;

-- next: a copy that skips conflicts
-- engine: sqlite postgresql
CREATE TABLE "new" (id INTEGER PRIMARY KEY);
INSERT INTO "new" SELECT * FROM users ON CONFLICT DO NOTHING;
-- expect: CRITICAL table users is dropped
DROP TABLE users;
ALTER TABLE "new" RENAME TO users;

-- next: several tables, one row
-- engine: postgresql
-- sizes: a=0 b=1 c=1
-- expect: CRITICAL table b (1 row, 100 bytes) is emptied
-- expect: INFO table a (empty) is emptied
TRUNCATE TABLE ONLY a, b RESTART IDENTITY;
-- expect: CRITICAL table c (1 row, 100 bytes) is dropped
DROP TABLE IF EXISTS c;

-- next: partitions, and a table that is replaced
-- engine: mysql mariadb
-- expect: CRITICAL drop partition of events: the rows in it are lost
ALTER TABLE events DROP PARTITION p0;
-- expect: CRITICAL truncate partition of events: the rows in it are lost
ALTER TABLE events TRUNCATE PARTITION p1, ALGORITHM=INPLACE;
-- ok
ALTER TABLE events ADD PARTITION (PARTITION p2 VALUES LESS THAN (20));
-- expect: CRITICAL table users is dropped
-- expect: CRITICAL table orders is dropped
DROP TABLE users, orders;

-- next: replaced
-- engine: mariadb
-- expect: CRITICAL table users is replaced
CREATE OR REPLACE TABLE users (id int);

-- next: renamed to itself, swapped, renamed to what goes
-- engine: mysql mariadb
ALTER TABLE users RENAME COLUMN a TO a;
-- expect: CRITICAL column a of users
ALTER TABLE users DROP COLUMN a;
ALTER TABLE users RENAME COLUMN b TO B;
-- expect: CRITICAL column B of users
ALTER TABLE users DROP COLUMN B;
ALTER TABLE users RENAME COLUMN c TO d, RENAME COLUMN d TO c;
-- expect: CRITICAL column c of users
ALTER TABLE users DROP COLUMN c;
-- expect: CRITICAL column f of users
ALTER TABLE users DROP COLUMN f, RENAME COLUMN e TO f;
-- expect: CRITICAL column f of users
ALTER TABLE users DROP COLUMN f;
ALTER TABLE items RENAME TO items;
-- expect: CRITICAL table items is dropped
DROP TABLE items;

-- next: values that become too old
-- engine: clickhouse
-- expect: CRITICAL modify TTL of logs: the rows that are too old by at + INTERVAL 1 YEAR are lost
ALTER TABLE logs MODIFY TTL at + INTERVAL 1 YEAR;
-- expect: CRITICAL the rows that are too old by at + INTERVAL 1 DAY (those WHERE level = 0) are lost
ALTER TABLE logs MODIFY TTL at + INTERVAL 1 DAY DELETE WHERE level = 0, at + INTERVAL 2 DAY TO VOLUME 'cold';
-- ok: they move, or are compressed
ALTER TABLE logs MODIFY TTL at + INTERVAL 1 DAY TO DISK 'cold', at + INTERVAL 7 DAY RECOMPRESS CODEC(ZSTD(3));
-- expect: WARN too old by at + INTERVAL 1 DAY become one for each level, host: their details are lost
ALTER TABLE logs MODIFY TTL at + INTERVAL 1 DAY GROUP BY level, host SET n = sum(n), m = max(m), at + INTERVAL 2 DAY TO DISK 'cold';
-- expect: CRITICAL become one for each level: their details are lost, and the rows that are too old by at + INTERVAL 9 DAY are lost
ALTER TABLE logs MODIFY TTL at + INTERVAL 1 DAY GROUP BY level SET n = sum(n), m = max(m), at + INTERVAL 9 DAY;
-- expect: CRITICAL modify column TTL of line in logs: the values that are too old are lost
ALTER TABLE logs MODIFY COLUMN line TTL at + INTERVAL 1 YEAR;
-- expect: CRITICAL modify column TTL of line in logs: the values that are too old are lost
ALTER TABLE logs MODIFY COLUMN line String TTL at + INTERVAL 1 YEAR;
-- expect: CRITICAL modify column TTL of line in logs: the values that are too old are lost
ALTER TABLE logs MODIFY COLUMN line String DEFAULT '' COMMENT 'x' CODEC(ZSTD(3)) TTL at + INTERVAL 1 YEAR;
-- expect: CRITICAL modify column TTL of line in logs: the values that are too old are lost
ALTER TABLE logs MODIFY COLUMN line CODEC(ZSTD(3)) TTL at + INTERVAL 1 YEAR;
-- ok
ALTER TABLE logs MODIFY COLUMN line String CODEC(ZSTD(3)), MODIFY COLUMN until DateTime DEFAULT ttl;
-- ok
ALTER TABLE logs REMOVE TTL, MODIFY COLUMN line REMOVE TTL;
