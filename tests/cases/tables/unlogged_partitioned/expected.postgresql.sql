-- upgrade
CREATE TABLE events (
    id BIGINT NOT NULL,
    at TIMESTAMP NOT NULL
) PARTITION BY RANGE (at);

-- rollback
DROP TABLE events;
