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
-- expect: CRITICAL namespace shop is dropped with everything in it
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
