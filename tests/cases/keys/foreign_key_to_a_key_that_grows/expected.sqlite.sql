-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_items (
    supplier_id INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    PRIMARY KEY (supplier_id, item_id)
);

INSERT INTO dbwarden_new_items (rowid, supplier_id, item_id)
SELECT rowid, supplier_id, item_id
FROM items;

DROP TABLE items;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_items RENAME TO items;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_item_prices (
    id INTEGER NOT NULL PRIMARY KEY,
    item_id INTEGER,
    supplier_id INTEGER,
    FOREIGN KEY (supplier_id, item_id) REFERENCES items (supplier_id, item_id)
);

INSERT INTO dbwarden_new_item_prices (id, item_id, supplier_id)
SELECT id, item_id, supplier_id
FROM item_prices;

DROP TABLE item_prices;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_item_prices RENAME TO item_prices;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_item_prices (
    id INTEGER NOT NULL PRIMARY KEY,
    item_id INTEGER REFERENCES items (item_id),
    supplier_id INTEGER
);

INSERT INTO dbwarden_new_item_prices (id, item_id, supplier_id)
SELECT id, item_id, supplier_id
FROM item_prices;

DROP TABLE item_prices;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_item_prices RENAME TO item_prices;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_items (
    item_id INTEGER NOT NULL PRIMARY KEY,
    supplier_id INTEGER NOT NULL
);

INSERT INTO dbwarden_new_items (item_id, supplier_id)
SELECT item_id, supplier_id
FROM items;

DROP TABLE items;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_items RENAME TO items;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
