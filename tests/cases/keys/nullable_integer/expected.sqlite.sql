-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_notes (
    id INTEGER PRIMARY KEY,
    text TEXT
);

INSERT INTO dbwarden_new_notes (id, text)
SELECT id, text
FROM notes;

DROP TABLE notes;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_notes RENAME TO notes;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

CREATE TABLE tags (
    id INTEGER PRIMARY KEY,
    word TEXT
);

-- rollback
DROP TABLE tags;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_notes (
    id INTEGER PRIMARY KEY,
    text VARCHAR(20)
);

INSERT INTO dbwarden_new_notes (id, text)
SELECT id, text
FROM notes;

DROP TABLE notes;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_notes RENAME TO notes;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
