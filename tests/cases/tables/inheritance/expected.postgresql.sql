-- upgrade
ALTER TABLE villages INHERIT marks;

ALTER TABLE places
    DROP CONSTRAINT has_people,
    ALTER COLUMN people TYPE BIGINT,
    ADD CONSTRAINT has_people CHECK (people >= 0);

CREATE TABLE islands (
    sea VARCHAR(20)
) INHERITS (places, marks);

ALTER TABLE capitals ADD COLUMN since INTEGER;

ALTER TABLE places ADD COLUMN height INTEGER;

-- rollback
ALTER TABLE places DROP COLUMN height;

ALTER TABLE capitals DROP COLUMN since;

DROP TABLE islands;

ALTER TABLE places
    DROP CONSTRAINT has_people,
    ALTER COLUMN people TYPE INTEGER,
    ADD CONSTRAINT has_people CHECK (people >= 0);

ALTER TABLE villages NO INHERIT marks;
