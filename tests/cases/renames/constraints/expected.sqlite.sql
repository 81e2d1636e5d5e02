-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_items (
    id INTEGER NOT NULL PRIMARY KEY,
    code VARCHAR(20) NOT NULL,
    price INTEGER CONSTRAINT new_price CHECK (price > 0),
    CONSTRAINT new_code UNIQUE (code)
);

INSERT INTO dbwarden_new_items (id, code, price)
SELECT id, code, price
FROM items;

DROP TABLE items;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_items RENAME TO items;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_new ON items (price, code);

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_items (
    id INTEGER NOT NULL PRIMARY KEY,
    code VARCHAR(20) NOT NULL,
    price INTEGER CONSTRAINT old_price CHECK (price > 0),
    CONSTRAINT old_code UNIQUE (code)
);

INSERT INTO dbwarden_new_items (id, code, price)
SELECT id, code, price
FROM items;

DROP TABLE items;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_items RENAME TO items;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_old ON items (price, code);

PRAGMA foreign_keys = ON;
