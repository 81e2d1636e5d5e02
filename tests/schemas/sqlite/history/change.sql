DROP TRIGGER forgotten;
ALTER TABLE notes ADD COLUMN tag TEXT;
DROP VIEW latest;
CREATE VIEW latest AS SELECT note, max(at) AS at, count(*) AS n FROM versions GROUP BY note;
