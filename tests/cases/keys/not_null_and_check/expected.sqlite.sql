-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY,
    a INTEGER CONSTRAINT ck_positive CHECK (a IS NOT NULL AND a > 0),
    b INTEGER NOT NULL
);

INSERT INTO dbwarden_new_t (id, a, b)
SELECT id, a, b
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY,
    a INTEGER NOT NULL CONSTRAINT ck_a CHECK (a > 0),
    b INTEGER CONSTRAINT ck_b CHECK (b IS NOT NULL)
);

INSERT INTO dbwarden_new_t (id, a, b)
SELECT id, a, b
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
