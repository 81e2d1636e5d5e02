-- upgrade
DROP COLLATION caseless;

CREATE COLLATION swedish (PROVIDER = icu, LOCALE = 'sv');

COMMENT ON COLLATION swedish IS 'as in Sweden';

ALTER TABLE people ALTER COLUMN mail TYPE VARCHAR(40) COLLATE swedish;

DROP COLLATION gone;

COMMENT ON COLLATION german IS 'as in a list';

CREATE COLLATION caseless (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);

ALTER TABLE people ADD COLUMN nick VARCHAR(40) COLLATE swedish;

-- rollback
ALTER TABLE people DROP COLUMN nick;

DROP COLLATION caseless;

COMMENT ON COLLATION german IS 'as in a telephone book';

CREATE COLLATION gone (PROVIDER = libc, LC_COLLATE = 'C', LC_CTYPE = 'POSIX');

ALTER TABLE people ALTER COLUMN mail TYPE VARCHAR(40) COLLATE gone;

DROP COLLATION swedish;

CREATE COLLATION caseless (PROVIDER = icu, LOCALE = 'und-u-ks-level1', DETERMINISTIC = false);
