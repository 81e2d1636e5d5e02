-- upgrade
CREATE TABLE t (
    id INTEGER NOT NULL PRIMARY KEY,
    big BIGINT,
    small SMALLINT,
    flag BOOLEAN,
    d DATE,
    dt DATETIME,
    dtz DATETIME,
    t TIME,
    tz TIME,
    f FLOAT,
    f24 FLOAT,
    dbl DOUBLE,
    n NUMERIC,
    n10 NUMERIC(10),
    n102 NUMERIC(10, 2),
    i DATETIME,
    j JSON,
    b BLOB,
    s VARCHAR,
    s10 VARCHAR(10),
    tx TEXT,
    u VARCHAR(30),
    ut TEXT,
    uid CHAR(32),
    uids CHAR(32),
    e VARCHAR(1),
    en VARCHAR(3),
    ec VARCHAR(1) CONSTRAINT checked CHECK (ec IN ('a', 'b')),
    bc BOOLEAN CONSTRAINT bc_bool CHECK (bc IN (0, 1))
);

-- rollback
DROP TABLE t;
