-- upgrade
ALTER TABLE users ADD COLUMN tags VARCHAR(10)[];

ALTER TABLE users ADD COLUMN doc JSONB;

CREATE INDEX ix_brin ON users USING brin (id) WITH (pages_per_range=32);

CREATE INDEX ix_doc ON users USING gin (doc jsonb_path_ops);

CREATE INDEX ix_gin ON users USING gin (tags);

CREATE INDEX ix_hash ON users USING hash (email);

CREATE INDEX ix_include ON users (age) INCLUDE (email);

CREATE INDEX ix_like ON users (email varchar_pattern_ops);

CREATE UNIQUE INDEX ix_nnd ON users (email) NULLS NOT DISTINCT;

CREATE INDEX ix_nulls ON users (age DESC NULLS LAST, email NULLS FIRST);

CREATE INDEX ix_with ON users (age) WITH (fillfactor=50);

-- rollback
DROP INDEX ix_with;

DROP INDEX ix_nulls;

DROP INDEX ix_nnd;

DROP INDEX ix_like;

DROP INDEX ix_include;

DROP INDEX ix_hash;

DROP INDEX ix_gin;

DROP INDEX ix_doc;

DROP INDEX ix_brin;

ALTER TABLE users DROP COLUMN doc;

ALTER TABLE users DROP COLUMN tags;
