CREATE TABLE fresh (id integer);
-- ok
CREATE INDEX CONCURRENTLY ix ON users (a);
-- expect: WARN add column waits for users
ALTER TABLE users ADD COLUMN a text;
-- ok: said once
ALTER TABLE users ADD COLUMN b text;

-- next: the file sets one
SET LOCAL lock_timeout = '5s';
-- ok
ALTER TABLE users ADD COLUMN a text;

-- next: another way
SELECT set_config('lock_timeout', '5s', true);
-- ok
ALTER TABLE users ADD COLUMN a text;

-- next: the configuration sets one
-- lock_timeout: 5
-- ok
ALTER TABLE users ADD COLUMN a text;

-- next: new tables
CREATE TABLE fresh (id integer);
-- ok
ALTER TABLE fresh ADD COLUMN a text;

-- next: the whole file is locked anyway
-- engine: sqlite
-- ok
ALTER TABLE users ADD COLUMN a text;

-- next: a limit that is none
SET lock_timeout = 0;
-- expect: WARN add column waits for users
ALTER TABLE users ADD COLUMN a text;

-- next: another setting
SET application_name = 'lock_timeout';
-- expect: WARN add column waits for users
ALTER TABLE users ADD COLUMN a text;

-- next: others wait behind a statement that waits, whatever it blocks later
-- engine: mysql mariadb
-- expect: WARN add index waits for users
ALTER TABLE users ADD INDEX ix (a);

-- next: a limit of its own
-- engine: mysql mariadb
SET SESSION lock_wait_timeout = 5;
-- ok
ALTER TABLE users ADD COLUMN a text;
