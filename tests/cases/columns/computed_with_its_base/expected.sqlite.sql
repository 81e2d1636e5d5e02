-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_boxes (
    id INTEGER NOT NULL PRIMARY KEY
);

INSERT INTO dbwarden_new_boxes (id)
SELECT id
FROM boxes;

DROP TABLE boxes;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_boxes RENAME TO boxes;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_crates (
    id INTEGER NOT NULL PRIMARY KEY,
    area INTEGER GENERATED ALWAYS AS (width * 2) STORED,
    width INTEGER
);

INSERT INTO dbwarden_new_crates (id)
SELECT id
FROM crates;

DROP TABLE crates;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_crates RENAME TO crates;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_crates (
    id INTEGER NOT NULL PRIMARY KEY
);

INSERT INTO dbwarden_new_crates (id)
SELECT id
FROM crates;

DROP TABLE crates;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_crates RENAME TO crates;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_boxes (
    id INTEGER NOT NULL PRIMARY KEY,
    a INTEGER,
    b INTEGER GENERATED ALWAYS AS (a + 1) STORED
);

INSERT INTO dbwarden_new_boxes (id)
SELECT id
FROM boxes;

DROP TABLE boxes;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_boxes RENAME TO boxes;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
