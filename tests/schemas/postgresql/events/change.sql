CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
CREATE INDEX by_at ON events (at DESC);
CREATE OR REPLACE VIEW clicks AS SELECT id, at FROM events WHERE kind IN ('click', 'tap');
