-- upgrade
DROP DICTIONARY old_names;

DROP VIEW old_rows;

CREATE VIEW new_rows AS SELECT id FROM events;

CREATE DICTIONARY new_names (id UInt64, kind String) PRIMARY KEY id SOURCE(CLICKHOUSE(TABLE 'events')) LIFETIME(MIN 0 MAX 300) LAYOUT(FLAT());

-- rollback
DROP DICTIONARY new_names;

DROP VIEW new_rows;

CREATE VIEW old_rows (`id` UInt64) AS SELECT id FROM events;

CREATE DICTIONARY old_names (`id` UInt64, `kind` String) PRIMARY KEY id SOURCE(CLICKHOUSE(TABLE 'events')) LIFETIME(MIN 0 MAX 300) LAYOUT(FLAT());
