-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_child (
    id INTEGER NOT NULL PRIMARY KEY,
    parent_id INTEGER CONSTRAINT fk REFERENCES parent (id) ON DELETE CASCADE,
    note VARCHAR(40)
);

INSERT INTO dbwarden_new_child (id, parent_id, note)
SELECT id, parent_id, note
FROM child;

DROP TABLE child;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_child RENAME TO child;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_parent ON child (parent_id);

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_child (
    id INTEGER NOT NULL PRIMARY KEY,
    parent_id INTEGER CONSTRAINT fk REFERENCES parent (id),
    note VARCHAR(40)
);

INSERT INTO dbwarden_new_child (id, parent_id, note)
SELECT id, parent_id, note
FROM child;

DROP TABLE child;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_child RENAME TO child;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_note ON child (note);

PRAGMA foreign_keys = ON;
