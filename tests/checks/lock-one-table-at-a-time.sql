ALTER TABLE users ADD COLUMN a text;
-- ok: the same table
ALTER TABLE users ADD COLUMN b text;
-- expect: WARN orders is locked while users is still locked
ALTER TABLE orders ADD COLUMN a text;
-- ok: said once
ALTER TABLE items ADD COLUMN a text;

-- next: the wait is limited
-- lock_timeout: 5
ALTER TABLE users ADD COLUMN a text;
-- expect: INFO orders is locked while users is still locked
ALTER TABLE orders ADD COLUMN a text;

-- next: slow work behind a strong lock
ALTER TABLE users ADD COLUMN a text;
-- expect: WARN update works on orders while nobody can use users
UPDATE orders SET a = 'x' WHERE a IS NULL;

-- next: outside of a transaction
ALTER TABLE users ADD COLUMN a text;
CREATE INDEX CONCURRENTLY ix ON users (a);
-- ok
ALTER TABLE orders ADD COLUMN a text;

-- next: each statement a transaction
-- transaction: off

-- upgrade
ALTER TABLE users ADD COLUMN a text;
-- ok
ALTER TABLE orders ADD COLUMN a text;

-- next: new tables
CREATE TABLE a (id integer);
CREATE TABLE b (id integer);
-- ok
ALTER TABLE a ADD COLUMN x text;
ALTER TABLE b ADD COLUMN x text;

-- next: the whole file is locked anyway
-- engine: sqlite
ALTER TABLE users ADD COLUMN a text;
-- ok
ALTER TABLE orders ADD COLUMN a text;

-- next: nothing in them
-- sizes: other=1
ALTER TABLE users ADD COLUMN a text;
-- expect: INFO orders (empty) is locked
ALTER TABLE orders ADD COLUMN a text;

-- next: slow work that needs the table for itself anyway
ALTER TABLE users ADD COLUMN a text;
-- ok
ALTER TABLE users ALTER COLUMN n TYPE bigint;
