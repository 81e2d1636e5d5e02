-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id TEXT NOT NULL PRIMARY KEY,
    a INTEGER
);

INSERT INTO dbwarden_new_t (rowid, id, a)
SELECT rowid, id, a
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_u (
    id TEXT NOT NULL PRIMARY KEY,
    a INTEGER
);

INSERT INTO dbwarden_new_u (rowid, id, a)
SELECT rowid, id, a
FROM u;

DROP TABLE u;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_u RENAME TO u;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_u (
    id INTEGER NOT NULL PRIMARY KEY,
    a INTEGER
);

INSERT INTO dbwarden_new_u (id, a)
SELECT id, a
FROM u;

DROP TABLE u;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_u RENAME TO u;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY,
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
