-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY,
    s VARCHAR(1) CONSTRAINT ab CHECK (s IN ('a', 'b', 'c'))
);

INSERT INTO dbwarden_new_t (id, s)
SELECT id, s
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
    s VARCHAR(1) CONSTRAINT ab CHECK (s IN ('a', 'b'))
);

INSERT INTO dbwarden_new_t (id, s)
SELECT id, s
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
