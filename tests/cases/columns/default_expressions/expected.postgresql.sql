-- upgrade
CREATE TABLE t (
    id SERIAL,
    a VARCHAR(20) DEFAULT lower('ABC'),
    b INTEGER DEFAULT (1 + 2),
    c TIMESTAMP WITH TIME ZONE DEFAULT (now() + '1 day'::interval),
    d NUMERIC(6, 2) DEFAULT 1.50,
    e TEXT DEFAULT '',
    f BOOLEAN DEFAULT false,
    g DATE DEFAULT CURRENT_DATE,
    h INTEGER[] DEFAULT '{1,2}',
    i INTEGER DEFAULT -1,
    j BIGINT DEFAULT 0,
    k DOUBLE PRECISION DEFAULT 0,
    PRIMARY KEY (id)
);

-- rollback
DROP TABLE t;
