-- upgrade
CREATE TABLE events (
    id INTEGER NOT NULL,
    at DATE NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);

CREATE TABLE events_before PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2025-01-01');

CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');

COMMENT ON TABLE events_2025 IS 'the year of the move';

CREATE TABLE events_after PARTITION OF events FOR VALUES FROM ('2026-01-01') TO (MAXVALUE) WITH (fillfactor=70);

CREATE TABLE places (
    country VARCHAR(2),
    name VARCHAR(80)
) PARTITION BY LIST (country);

CREATE TABLE places_eu PARTITION OF places FOR VALUES IN ('de', 'fr');

CREATE TABLE places_unknown PARTITION OF places FOR VALUES IN (NULL);

CREATE TABLE places_others PARTITION OF places DEFAULT;

CREATE TABLE spread (
    id INTEGER NOT NULL,
    PRIMARY KEY (id)
) PARTITION BY HASH (id);

CREATE TABLE spread_0 PARTITION OF spread FOR VALUES WITH (modulus 3, remainder 0);

CREATE TABLE spread_1 PARTITION OF spread FOR VALUES WITH (modulus 3, remainder 1);

CREATE TABLE spread_2 PARTITION OF spread FOR VALUES WITH (modulus 3, remainder 2);

-- rollback
DROP TABLE spread;

DROP TABLE places;

DROP TABLE events;
