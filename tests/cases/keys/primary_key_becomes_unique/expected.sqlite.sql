-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_items (
    code INTEGER NOT NULL PRIMARY KEY,
    item_id INTEGER,
    UNIQUE (item_id)
);

INSERT INTO dbwarden_new_items (code, item_id)
SELECT code, item_id
FROM items;

DROP TABLE items;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_items RENAME TO items;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_items (
    item_id INTEGER NOT NULL PRIMARY KEY,
    code INTEGER
);

INSERT INTO dbwarden_new_items (item_id, code)
SELECT item_id, code
FROM items;

DROP TABLE items;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_items RENAME TO items;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
