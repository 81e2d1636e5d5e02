CREATE EXTENSION citext;
CREATE DOMAIN email AS varchar(80) DEFAULT 'nobody@example.com' NOT NULL CONSTRAINT email_has_at CHECK (VALUE LIKE '%@%') CONSTRAINT email_is_short CHECK (length(VALUE) < 70);
COMMENT ON DOMAIN email IS 'an address of the post office';
CREATE TYPE address AS (street text, zip varchar(10));
COMMENT ON TYPE address IS 'where somebody lives';
CREATE TYPE speed AS RANGE (subtype = float8, subtype_diff = float8mi);
