CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, kind text NOT NULL, payload jsonb, PRIMARY KEY (id, at, kind)) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (kind);
CREATE TABLE events_2026_clicks PARTITION OF events_2026 FOR VALUES IN ('click');
CREATE TABLE events_2026_others PARTITION OF events_2026 DEFAULT;
CREATE INDEX by_kind ON events (kind);
CREATE VIEW clicks AS SELECT id, at FROM events WHERE kind = 'click';
