-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY,
    a INTEGER,
    b INTEGER,
    CONSTRAINT uq_b UNIQUE (b)
);

INSERT INTO dbwarden_new_t (id, a, b)
SELECT id, a, b
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

CREATE UNIQUE INDEX ix_t_a ON t (a);

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY,
    a INTEGER,
    b INTEGER,
    UNIQUE (a)
);

INSERT INTO dbwarden_new_t (id, a, b)
SELECT id, a, b
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

CREATE UNIQUE INDEX ix_t_b ON t (b);

PRAGMA foreign_keys = ON;
