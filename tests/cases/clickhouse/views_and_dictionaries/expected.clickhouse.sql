-- upgrade
DROP VIEW gone;

CREATE OR REPLACE VIEW recent AS SELECT `events`.`id`, length(`events`.`kind`) AS `letters`
FROM `events`
WHERE `events`.`id` > 5;

CREATE VIEW of_view AS SELECT letters FROM recent;

ALTER TABLE hourly MODIFY REFRESH after 2 hour;

ALTER TABLE of_ids MODIFY QUERY SELECT id, 2 AS n FROM events;

CREATE MATERIALIZED VIEW once REFRESH every 1 day offset 3 hour append TO kinds AS SELECT kind, toUInt64(7) AS n FROM events WHERE id > 99;

ALTER TABLE to_kinds MODIFY QUERY select lower(kind) as kind, count(*) as n from events group by kind;

CREATE DICTIONARY `ids` (`kind` String, `id` UInt64) PRIMARY KEY kind SOURCE(CLICKHOUSE(TABLE 'events')) LAYOUT(COMPLEX_KEY_HASHED()) LIFETIME(MIN 0 MAX 60);

CREATE OR REPLACE DICTIONARY names (id UInt64, kind String DEFAULT '?') PRIMARY KEY id SOURCE(CLICKHOUSE(TABLE 'events')) LIFETIME(MIN 10 MAX 300) LAYOUT(flat()) COMMENT 'by id';

-- rollback
CREATE OR REPLACE DICTIONARY names (`id` UInt64, `kind` String DEFAULT '?') PRIMARY KEY id SOURCE(CLICKHOUSE(TABLE 'events')) LIFETIME(MIN 0 MAX 300) LAYOUT(HASHED());

DROP DICTIONARY ids;

ALTER TABLE to_kinds MODIFY QUERY SELECT kind, count() AS n FROM events GROUP BY kind;

DROP VIEW once;

ALTER TABLE of_ids MODIFY QUERY SELECT id, 1 AS n FROM events;

ALTER TABLE hourly MODIFY REFRESH EVERY 1 HOUR;

DROP VIEW of_view;

CREATE OR REPLACE VIEW recent (`id` UInt64) AS SELECT id FROM events WHERE id > 3 LIMIT 10;

CREATE MATERIALIZED VIEW gone (`id` UInt64) ENGINE = MergeTree ORDER BY id SETTINGS index_granularity = 8192 AS SELECT id FROM events;
