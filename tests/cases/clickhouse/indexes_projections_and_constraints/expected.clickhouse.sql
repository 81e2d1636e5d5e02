-- upgrade
ALTER TABLE logs DROP PROJECTION counts;

ALTER TABLE logs DROP INDEX by_level;

ALTER TABLE logs DROP INDEX by_words;

ALTER TABLE logs DROP CONSTRAINT few;

ALTER TABLE logs ADD CONSTRAINT few CHECK id < 2000000 and level != '';

ALTER TABLE logs DROP CONSTRAINT positive;

ALTER TABLE logs ADD INDEX by_length length(text) TYPE minmax GRANULARITY 1;

ALTER TABLE logs MATERIALIZE INDEX by_length;

ALTER TABLE logs ADD INDEX by_level level TYPE set(100) GRANULARITY 2;

ALTER TABLE logs MATERIALIZE INDEX by_level;

ALTER TABLE logs ADD PROJECTION counts (select level, count(), max(id) group by level);

ALTER TABLE logs MATERIALIZE PROJECTION counts;

ALTER TABLE logs ADD PROJECTION sorted (select * order by level);

ALTER TABLE logs MATERIALIZE PROJECTION sorted;

-- rollback
ALTER TABLE logs DROP PROJECTION sorted;

ALTER TABLE logs DROP PROJECTION counts;

ALTER TABLE logs DROP INDEX by_level;

ALTER TABLE logs DROP INDEX by_length;

ALTER TABLE logs ADD CONSTRAINT positive ASSUME id >= 0;

ALTER TABLE logs DROP CONSTRAINT few;

ALTER TABLE logs ADD CONSTRAINT few CHECK id < 1000000;

ALTER TABLE logs ADD INDEX by_words lower(text) TYPE tokenbf_v1(256, 2, 0) GRANULARITY 1;

ALTER TABLE logs MATERIALIZE INDEX by_words;

ALTER TABLE logs ADD INDEX by_level level TYPE set(10) GRANULARITY 4;

ALTER TABLE logs MATERIALIZE INDEX by_level;

ALTER TABLE logs ADD PROJECTION counts (SELECT level, count() GROUP BY level);

ALTER TABLE logs MATERIALIZE PROJECTION counts;
