-- expect: WARN column token with default gen_random_uuid() rewrites users
ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();
-- expect: WARN column twice
ALTER TABLE users ADD COLUMN twice int GENERATED ALWAYS AS (id * 2) STORED;
-- expect: WARN column number
ALTER TABLE users ADD COLUMN number bigserial;
-- ok
ALTER TABLE users ADD COLUMN at timestamptz NOT NULL DEFAULT now();
-- ok
ALTER TABLE users ADD COLUMN name text DEFAULT 'random()';
-- ok
ALTER TABLE users ADD COLUMN code varchar(20) DEFAULT 'a'::varchar(20) CHECK (length(code) > 0);
-- ok
ALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid();
-- ok: made here
CREATE TABLE fresh (id integer);
ALTER TABLE fresh ADD COLUMN a uuid DEFAULT gen_random_uuid();

-- next: SQLite refuses these itself
-- engine: sqlite
-- ok
ALTER TABLE users ADD COLUMN a text DEFAULT (random());

-- next: where InnoDB computes a value for each row
-- engine: mysql mariadb
-- expect: WARN column token with default (uuid()) rewrites users while nobody can write to it
ALTER TABLE users ADD COLUMN token varchar(36) DEFAULT (uuid());
-- expect: WARN column n with a value computed for each row rewrites users
ALTER TABLE users ADD COLUMN n int GENERATED ALWAYS AS (m + 1) STORED;
-- ok
ALTER TABLE users ADD COLUMN v int GENERATED ALWAYS AS (m + 1) VIRTUAL;
-- ok
ALTER TABLE users ADD COLUMN at datetime DEFAULT CURRENT_TIMESTAMP;
-- ok: rebuilt while others write
ALTER TABLE users ADD COLUMN code int UNIQUE;
