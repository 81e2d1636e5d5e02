-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_child (
    id INTEGER NOT NULL PRIMARY KEY,
    parent_id INTEGER REFERENCES parent (id) ON DELETE CASCADE,
    code VARCHAR(12) REFERENCES parent (code)
);

INSERT INTO dbwarden_new_child (id, parent_id, code)
SELECT id, parent_id, code
FROM child;

DROP TABLE child;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_child RENAME TO child;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_parent (
    id INTEGER NOT NULL PRIMARY KEY,
    code VARCHAR(12) NOT NULL,
    UNIQUE (code)
);

INSERT INTO dbwarden_new_parent (id, code)
SELECT id, code
FROM parent;

DROP TABLE parent;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_parent RENAME TO parent;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_parent (
    id INTEGER NOT NULL PRIMARY KEY,
    code VARCHAR(9),
    UNIQUE (code)
);

INSERT INTO dbwarden_new_parent (id, code)
SELECT id, code
FROM parent;

DROP TABLE parent;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_parent RENAME TO parent;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_child (
    id INTEGER NOT NULL PRIMARY KEY,
    parent_id INTEGER REFERENCES parent (id) ON DELETE CASCADE,
    code VARCHAR(9) REFERENCES parent (code)
);

INSERT INTO dbwarden_new_child (id, parent_id, code)
SELECT id, parent_id, code
FROM child;

DROP TABLE child;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_child RENAME TO child;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
