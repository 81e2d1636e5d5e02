-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_p (
    id VARCHAR(20) NOT NULL PRIMARY KEY
);

INSERT INTO dbwarden_new_p (rowid, id)
SELECT rowid, id
FROM p;

DROP TABLE p;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_p RENAME TO p;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY,
    p_id VARCHAR(20) REFERENCES p (id)
);

INSERT INTO dbwarden_new_t (id, p_id)
SELECT id, p_id
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
    p_id INTEGER REFERENCES p (id)
);

INSERT INTO dbwarden_new_t (id, p_id)
SELECT id, p_id
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_p (
    id INTEGER NOT NULL PRIMARY KEY
);

INSERT INTO dbwarden_new_p (id)
SELECT id
FROM p;

DROP TABLE p;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_p RENAME TO p;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
