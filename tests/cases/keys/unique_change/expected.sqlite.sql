-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY,
    a INTEGER,
    b INTEGER,
    c INTEGER,
    CONSTRAINT uq_b UNIQUE (b, c),
    CONSTRAINT uq_t UNIQUE (a, b)
);

INSERT INTO dbwarden_new_t (id, a, b)
SELECT id, a, b
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

CREATE UNIQUE INDEX ux_t ON t (a, b);

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY,
    a INTEGER,
    b INTEGER,
    CONSTRAINT uq_b UNIQUE (b),
    CONSTRAINT uq_t UNIQUE (a)
);

INSERT INTO dbwarden_new_t (id, a, b)
SELECT id, a, b
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

CREATE UNIQUE INDEX ux_t ON t (b);

PRAGMA foreign_keys = ON;
