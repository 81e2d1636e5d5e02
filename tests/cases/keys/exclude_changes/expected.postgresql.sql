-- upgrade
ALTER TABLE bookings DROP CONSTRAINT no_overlap;

ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&) WHERE (priority > 0) DEFERRABLE;

ALTER TABLE bookings DROP CONSTRAINT no_clash;

-- rollback
ALTER TABLE bookings ADD CONSTRAINT no_clash EXCLUDE USING gist (int4range(room, priority) WITH &&);

ALTER TABLE bookings DROP CONSTRAINT no_overlap;

ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&);
