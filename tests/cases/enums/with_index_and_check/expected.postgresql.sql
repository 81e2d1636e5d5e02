-- upgrade
DROP INDEX ix_s;

ALTER TYPE abc RENAME TO abc_old;

CREATE TYPE abc AS ENUM ('a', 'b');

ALTER TABLE t ALTER COLUMN s TYPE abc USING s::text::abc;

DROP TYPE abc_old;

CREATE INDEX ix_s ON t (n) WHERE s = 'a';

-- rollback
ALTER TYPE abc ADD VALUE 'c';
