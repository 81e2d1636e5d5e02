-- renames: items.amount:quantity, items.note:remark

-- upgrade
ALTER TABLE items RENAME COLUMN amount TO quantity;

ALTER TABLE items RENAME COLUMN note TO remark;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_items (
    id INTEGER NOT NULL PRIMARY KEY,
    quantity VARCHAR(30) NOT NULL CONSTRAINT positive CHECK (quantity <> ''),
    remark VARCHAR(20) DEFAULT 'none' NOT NULL
);

INSERT INTO dbwarden_new_items (id, quantity, remark)
SELECT id, quantity, coalesce(remark, 'none')
FROM items;

DROP TABLE items;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_items RENAME TO items;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_items_amount ON items (quantity);

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_items (
    id INTEGER NOT NULL PRIMARY KEY,
    quantity INTEGER NOT NULL CONSTRAINT positive CHECK (quantity > 0),
    remark VARCHAR(20)
);

INSERT INTO dbwarden_new_items (id, quantity, remark)
SELECT id, quantity, remark
FROM items;

DROP TABLE items;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_items RENAME TO items;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_items_amount ON items (quantity);

PRAGMA foreign_keys = ON;

ALTER TABLE items RENAME COLUMN remark TO note;

ALTER TABLE items RENAME COLUMN quantity TO amount;
