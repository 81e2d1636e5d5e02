-- upgrade
CREATE TYPE letters AS ENUM ('a', 'b');

CREATE TABLE t (
    id SERIAL,
    big BIGINT,
    small SMALLINT,
    flag BOOLEAN,
    d DATE,
    dt TIMESTAMP,
    dtz TIMESTAMP WITH TIME ZONE,
    t TIME,
    tz TIME WITH TIME ZONE,
    f DOUBLE PRECISION,
    f24 REAL,
    dbl DOUBLE PRECISION,
    n NUMERIC,
    n10 NUMERIC(10, 0),
    n102 NUMERIC(10, 2),
    i INTERVAL,
    j JSON,
    b BYTEA,
    s VARCHAR,
    s10 VARCHAR(10),
    tx TEXT,
    u VARCHAR(30),
    ut TEXT,
    uid UUID,
    uids CHAR(32),
    e letters,
    en VARCHAR(3),
    ec VARCHAR(1),
    bc BOOLEAN,
    PRIMARY KEY (id),
    CONSTRAINT checked CHECK (ec IN ('a', 'b'))
);

-- rollback
DROP TABLE t;

DROP TYPE letters;
