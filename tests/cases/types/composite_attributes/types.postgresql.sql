CREATE TYPE place AS (x numeric(10, 2), y integer);
COMMENT ON TYPE place IS 'in metres';
CREATE TYPE address AS (street text, zip text, city text, country char(2), code text COLLATE "C");
