-- upgrade
ALTER PUBLICATION reports DROP TABLES IN SCHEMA audit;

ALTER PUBLICATION changes DROP TABLE ONLY orders;

ALTER PUBLICATION changes DROP TABLE ONLY audit.events;

DROP PUBLICATION old;

ALTER PUBLICATION changes SET (publish = 'insert, update', publish_via_partition_root = true);

ALTER PUBLICATION everything SET (publish = 'insert');

COMMENT ON PUBLICATION everything IS NULL;

ALTER PUBLICATION reports SET (publish = 'insert, update, delete, truncate');

COMMENT ON PUBLICATION reports IS 'the auditors read this';

ALTER TABLE orders ADD COLUMN note VARCHAR(50);

CREATE PUBLICATION paid;

ALTER PUBLICATION changes ADD TABLE ONLY orders (id, note, total) WHERE (orders.total >= 10);

ALTER PUBLICATION paid ADD TABLE ONLY orders WHERE (paid AND note IS NOT NULL);

ALTER PUBLICATION reports ADD TABLES IN SCHEMA public;

ALTER PUBLICATION paid ADD TABLES IN SCHEMA audit;

-- rollback
ALTER PUBLICATION reports DROP TABLES IN SCHEMA public;

ALTER PUBLICATION changes DROP TABLE ONLY orders;

DROP PUBLICATION paid;

ALTER TABLE orders DROP COLUMN note;

ALTER PUBLICATION reports SET (publish = 'insert, truncate');

COMMENT ON PUBLICATION reports IS NULL;

ALTER PUBLICATION everything SET (publish = 'insert, update, delete, truncate');

COMMENT ON PUBLICATION everything IS 'for the standby';

ALTER PUBLICATION changes SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = false);

CREATE PUBLICATION old;

ALTER PUBLICATION changes ADD TABLE ONLY audit.events;

ALTER PUBLICATION old ADD TABLE ONLY users;

ALTER PUBLICATION changes ADD TABLE ONLY orders (id, total) WHERE (total > 0);

ALTER PUBLICATION reports ADD TABLES IN SCHEMA audit;
