-- upgrade
CREATE TABLE u (
    id INTEGER NOT NULL PRIMARY KEY REFERENCES p (id)
);

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY REFERENCES p (id),
    a INTEGER,
    b INTEGER,
    UNIQUE (b)
);

INSERT INTO dbwarden_new_t (id, a)
SELECT id, a
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY REFERENCES p (id),
    a INTEGER
);

INSERT INTO dbwarden_new_t (id, a)
SELECT id, a
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

DROP TABLE u;
