-- upgrade
CREATE TABLE p (
    a INTEGER NOT NULL,
    b INTEGER NOT NULL,
    PRIMARY KEY (a, b)
);

CREATE TABLE c (
    id INTEGER NOT NULL PRIMARY KEY,
    a INTEGER,
    b INTEGER,
    CONSTRAINT fk_c_p FOREIGN KEY (a, b) REFERENCES p (a, b)
);

-- rollback
DROP TABLE c;

DROP TABLE p;
