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
