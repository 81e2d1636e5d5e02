-- expect: WARN there is no rollback
CREATE TABLE a (id integer);

-- next: all of it
-- upgrade
-- ok
CREATE TABLE a (id integer);
CREATE INDEX ix_a ON a (id);
ALTER TABLE b ADD COLUMN x integer, ADD CONSTRAINT c CHECK (x > 0);
CREATE INDEX ix_b ON b (x);
ALTER TABLE b ALTER COLUMN y SET NOT NULL;
ALTER TABLE b ALTER COLUMN z TYPE bigint;
ALTER TABLE b RENAME COLUMN m TO n;
DROP TABLE gone;
DROP INDEX ix_old;
CREATE VIEW v AS SELECT 1;
CREATE TYPE t AS ENUM ('a');
INSERT INTO b VALUES (1);
-- rollback
DROP TYPE t;
DROP VIEW v;
CREATE INDEX ix_old ON b (x);
CREATE TABLE gone (id integer);
ALTER TABLE b RENAME COLUMN n TO m;
ALTER TABLE b ALTER COLUMN z TYPE integer;
ALTER TABLE b ALTER COLUMN y DROP NOT NULL;
ALTER TABLE b DROP COLUMN x;
DROP TABLE a;

-- next: weaker
-- upgrade
-- expect: WARN the rollback does not take back: new column b.x, changed type of b.z, dropped table gone and 1 more
CREATE TABLE a (id integer);
ALTER TABLE b ADD COLUMN x integer;
ALTER TABLE b ALTER COLUMN z TYPE bigint;
DROP TABLE gone;
CREATE VIEW v AS SELECT 1;
-- rollback
DROP TABLE a;

-- next: said so
-- irreversible: the data is gone

-- upgrade
-- ok
DROP TABLE a;

-- next: an online way that makes and drops its own constraint
-- upgrade
-- ok
ALTER TABLE a ADD CONSTRAINT c CHECK (x IS NOT NULL) NOT VALID;
ALTER TABLE a VALIDATE CONSTRAINT c;
ALTER TABLE a ALTER COLUMN x SET NOT NULL;
ALTER TABLE a DROP CONSTRAINT c;
-- rollback
ALTER TABLE a ALTER COLUMN x DROP NOT NULL;

-- next: rebuilds
-- engine: sqlite
-- upgrade
-- ok
CREATE TABLE new_a (id integer, x text);
INSERT INTO new_a (id) SELECT id FROM a;
DROP TABLE a;
ALTER TABLE new_a RENAME TO a;
-- rollback
CREATE TABLE new_a (id integer);
INSERT INTO new_a (id) SELECT id FROM a;
DROP TABLE a;
ALTER TABLE new_a RENAME TO a;

-- next: a rebuild that nothing takes back
-- engine: sqlite
-- upgrade
-- expect: WARN changed table a
CREATE TABLE new_a (id integer, x text);
INSERT INTO new_a (id) SELECT id FROM a;
DROP TABLE a;
ALTER TABLE new_a RENAME TO a;
CREATE TABLE b (id integer);
-- rollback
DROP TABLE b;

-- next: a repeatable has none
-- file: ROC__v.sql
-- ok
CREATE OR REPLACE VIEW v AS SELECT 1;

-- next: rows only
-- ok
SELECT 1;

-- next: what is renamed, made anew and dropped
-- upgrade
-- ok
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('a');
ALTER TABLE people ALTER COLUMN mood TYPE mood USING mood::text::mood, ALTER COLUMN all_of TYPE mood[];
DROP TYPE mood_old;
DROP INDEX ix_p;
CREATE INDEX ix_p ON people (mood);
-- rollback
ALTER TYPE mood ADD VALUE 'b';

-- next: a trigger of the same name on another table
-- upgrade
-- expect: WARN new trigger a.t
CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f();
-- rollback
DROP TRIGGER t ON b;

-- next: an index that becomes a constraint
-- upgrade
-- ok
CREATE UNIQUE INDEX CONCURRENTLY "Uq" ON a (x);
ALTER TABLE a ADD CONSTRAINT "Uq" UNIQUE USING INDEX "Uq";
-- rollback
ALTER TABLE a DROP CONSTRAINT "Uq";

-- next: added, filled and required
-- upgrade
-- ok
ALTER TABLE users ADD COLUMN country text;
UPDATE users SET country = 'unknown' WHERE country IS NULL;
ALTER TABLE users ALTER COLUMN country SET NOT NULL, ALTER COLUMN country TYPE varchar(80);
ALTER TABLE users RENAME COLUMN country TO land;
-- rollback
ALTER TABLE users DROP COLUMN land;

-- next: what happens to another column is not taken back by dropping one
-- upgrade
-- expect: WARN the rollback does not take back: new not null users.name
ALTER TABLE users ADD COLUMN country text;
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- rollback
ALTER TABLE users DROP COLUMN country;

-- next: names in quotes, comments between words
-- upgrade
-- ok
CREATE /* x */ TABLE "my table" (id integer);
ALTER TABLE a ADD CONSTRAINT "u q" UNIQUE USING /* y */ INDEX "u q";
ALTER TYPE mood RENAME -- z
 TO "old mood";
CREATE TYPE mood AS ENUM ('a');
DROP TYPE "old mood";
-- rollback
ALTER TABLE a DROP CONSTRAINT "u q";
DROP TABLE "my table";
ALTER TYPE mood ADD VALUE 'b';
