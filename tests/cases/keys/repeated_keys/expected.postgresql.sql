-- upgrade
CREATE TABLE named (
    id VARCHAR(36) NOT NULL,
    b INTEGER,
    c INTEGER,
    CONSTRAINT uq_id PRIMARY KEY (id),
    CONSTRAINT uq_b UNIQUE (b),
    CONSTRAINT uq_bc UNIQUE (b, c),
    CONSTRAINT uq_cb UNIQUE (c, b)
);

CREATE TABLE plain (
    id VARCHAR(36) NOT NULL,
    b INTEGER,
    PRIMARY KEY (id)
);

ALTER TABLE grown ADD COLUMN c INTEGER;

CREATE UNIQUE INDEX CONCURRENTLY grown_c_key ON grown (c);

ALTER TABLE grown ADD CONSTRAINT grown_c_key UNIQUE USING INDEX grown_c_key;

-- rollback
ALTER TABLE grown DROP CONSTRAINT grown_c_key;

ALTER TABLE grown DROP COLUMN c;

DROP TABLE plain;

DROP TABLE named;
