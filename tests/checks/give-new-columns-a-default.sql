-- engine: postgresql sqlite
-- expect: WARN column country is added to users as NOT NULL without a default
ALTER TABLE users ADD COLUMN country text NOT NULL;
-- ok
ALTER TABLE users ADD COLUMN land text NOT NULL DEFAULT 'unknown';
-- ok
ALTER TABLE users ADD COLUMN city text;
-- expect: WARN column zip
ALTER TABLE users ADD zip varchar(10) CHECK (zip <> '') NOT NULL DEFAULT NULL;
-- ok
ALTER TABLE users ADD COLUMN note text CHECK (note IS NOT NULL OR city IS NULL);
-- ok: made here
CREATE TABLE fresh (id integer);
-- ok
ALTER TABLE fresh ADD COLUMN a text NOT NULL;

-- next: numbered and computed by the database
-- expect: WARN column c
ALTER TABLE users ADD COLUMN a bigserial NOT NULL, ADD b int GENERATED ALWAYS AS IDENTITY, ADD c int NOT NULL;

-- next: without rows
-- sizes: users=0 few=3
-- expect: INFO column country
ALTER TABLE users ADD COLUMN country text NOT NULL;
-- expect: WARN column country
ALTER TABLE few ADD COLUMN country text NOT NULL;
