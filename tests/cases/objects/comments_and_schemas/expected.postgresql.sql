-- upgrade
DROP SCHEMA empty;

COMMENT ON EXTENSION citext IS 'texts in any case';

COMMENT ON EXTENSION ltree IS 'paths';

COMMENT ON SCHEMA sales IS 'what is sold';

COMMENT ON TYPE light IS 'of a crossing';

COMMENT ON TYPE mood IS 'how people feel';

CREATE EXTENSION IF NOT EXISTS hstore;

COMMENT ON EXTENSION hstore IS 'pairs';

CREATE SCHEMA stock;

COMMENT ON SCHEMA stock IS 'what is there';

ALTER TABLE people ADD COLUMN moods mood[];

-- rollback
ALTER TABLE people DROP COLUMN moods;

DROP SCHEMA stock;

DROP EXTENSION hstore;

COMMENT ON TYPE mood IS 'how somebody feels';

COMMENT ON TYPE light IS NULL;

COMMENT ON SCHEMA sales IS 'all that is sold';

COMMENT ON EXTENSION ltree IS 'data type for hierarchical tree-like structures';

COMMENT ON EXTENSION citext IS 'addresses';

CREATE SCHEMA empty;
