-- upgrade
CREATE TABLE pairs (
    a TEXT NOT NULL,
    b TEXT NOT NULL,
    PRIMARY KEY (a, b)
) WITHOUT ROWID, STRICT;

-- rollback
DROP TABLE pairs;
