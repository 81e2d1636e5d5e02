-- upgrade
CREATE TABLE named (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    b INTEGER,
    c INTEGER,
    CONSTRAINT uq_b UNIQUE (b),
    CONSTRAINT uq_b_too UNIQUE (b),
    CONSTRAINT uq_bc UNIQUE (b, c),
    CONSTRAINT uq_cb UNIQUE (c, b),
    CONSTRAINT uq_id UNIQUE (id),
    UNIQUE (b)
);

CREATE TABLE plain (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    b INTEGER,
    UNIQUE (id)
);

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_grown (
    a INTEGER NOT NULL PRIMARY KEY,
    b INTEGER,
    c INTEGER,
    UNIQUE (a),
    UNIQUE (b),
    UNIQUE (c)
);

INSERT INTO dbwarden_new_grown (a, b)
SELECT a, b
FROM grown;

DROP TABLE grown;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_grown RENAME TO grown;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_grown (
    a INTEGER NOT NULL PRIMARY KEY,
    b INTEGER,
    UNIQUE (b)
);

INSERT INTO dbwarden_new_grown (a, b)
SELECT a, b
FROM grown;

DROP TABLE grown;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_grown RENAME TO grown;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

DROP TABLE plain;

DROP TABLE named;
