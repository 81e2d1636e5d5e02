-- file: ROC__views.sql
-- expect: WARN create view fails when the file runs again
CREATE VIEW a AS SELECT 1;
-- ok
CREATE OR REPLACE VIEW b AS SELECT 1;
-- ok
DROP VIEW IF EXISTS c;
-- ok: dropped before
CREATE VIEW c AS SELECT 1;
-- ok
CREATE TABLE IF NOT EXISTS t (id integer);
-- expect: WARN create table
CREATE TABLE u (note text DEFAULT 'CREATE TABLE IF NOT EXISTS');
-- expect: WARN add column
ALTER TABLE t ADD COLUMN a text;
-- ok
ALTER TABLE t ADD COLUMN IF NOT EXISTS a text;
-- expect: WARN drop table
DROP TABLE x;
-- ok
GRANT SELECT ON t TO reader;
-- ok
ALTER TABLE t ALTER COLUMN a DROP NOT NULL;

-- next: SQLite
-- engine: sqlite
-- file: RA__views.sql
-- ok
CREATE VIEW IF NOT EXISTS a AS SELECT 1;
-- expect: WARN create view
CREATE VIEW b AS SELECT 1;

-- next: a version runs once
-- ok
CREATE VIEW a AS SELECT 1;

-- next: several tables renamed
-- engine: mysql mariadb
-- file: RA__names.sql
-- expect: WARN rename table
RENAME TABLE a TO b, c TO d;
-- ok
DROP PROCEDURE IF EXISTS p;
-- ok
CREATE PROCEDURE p () SELECT 1;
