-- upgrade
CREATE EXTENSION IF NOT EXISTS citext;

CREATE DOMAIN email AS VARCHAR(80) DEFAULT 'nobody@example.com' NOT NULL CONSTRAINT email_has_at CHECK (VALUE LIKE '%@%') CONSTRAINT email_is_short CHECK (length(VALUE) < 70);

COMMENT ON DOMAIN email IS 'an address of the post office';

CREATE TYPE speed AS RANGE (subtype = double precision, subtype_diff = float8mi);

CREATE TYPE address AS (street TEXT, zip VARCHAR(10));

COMMENT ON TYPE address IS 'where somebody lives';

CREATE SEQUENCE tickets START WITH 1000;

ALTER TABLE people
    ADD COLUMN home address,
    ADD COLUMN mail email,
    ADD COLUMN walks speed;

-- rollback
ALTER TABLE people
    DROP COLUMN walks,
    DROP COLUMN mail,
    DROP COLUMN home;

DROP SEQUENCE tickets;

DROP TYPE address;

DROP TYPE speed;

DROP DOMAIN email;

DROP EXTENSION citext;
