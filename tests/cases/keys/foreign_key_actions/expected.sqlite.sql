-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_child (
    id INTEGER NOT NULL PRIMARY KEY,
    parent_id INTEGER CONSTRAINT fk REFERENCES parent (id) ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED
);

INSERT INTO dbwarden_new_child (id, parent_id)
SELECT id, parent_id
FROM child;

DROP TABLE child;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_child RENAME TO child;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_child (
    id INTEGER NOT NULL PRIMARY KEY,
    parent_id INTEGER CONSTRAINT fk REFERENCES parent (id)
);

INSERT INTO dbwarden_new_child (id, parent_id)
SELECT id, parent_id
FROM child;

DROP TABLE child;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_child RENAME TO child;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
