-- upgrade
ALTER TABLE events ADD CONSTRAINT events_kind_set CHECK (kind IS NOT NULL) NOT VALID;

ALTER TABLE events ADD CONSTRAINT uq_events UNIQUE (id, kind);

ALTER TABLE events ADD CONSTRAINT ck_events CHECK (id > 0) NOT VALID;

CREATE INDEX ix_events_parent_id ON events (parent_id);

ALTER TABLE events ADD FOREIGN KEY (parent_id) REFERENCES parents (id);

ALTER TABLE events VALIDATE CONSTRAINT events_kind_set;

ALTER TABLE events VALIDATE CONSTRAINT ck_events;

ALTER TABLE events ALTER COLUMN kind SET NOT NULL;

ALTER TABLE events DROP CONSTRAINT events_kind_set;

-- rollback
ALTER TABLE events DROP CONSTRAINT events_parent_id_fkey;

DROP INDEX ix_events_parent_id;

ALTER TABLE events DROP CONSTRAINT ck_events;

ALTER TABLE events DROP CONSTRAINT uq_events;

ALTER TABLE events ALTER COLUMN kind DROP NOT NULL;
