-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_colours (
    id INTEGER NOT NULL PRIMARY KEY,
    shade INTEGER NOT NULL,
    new TEXT
);

-- Move data here: from colours (old), dropped below, to colours (new). Write it into the INSERT and SELECT below:
-- new from ...
INSERT INTO dbwarden_new_colours (id, shade)
SELECT id, shade
FROM colours;

DROP TABLE colours;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_colours RENAME TO colours;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_items (
    id INTEGER NOT NULL PRIMARY KEY,
    code VARCHAR(40) DEFAULT '00',
    label TEXT,
    size BIGINT NOT NULL,
    note TEXT,
    amount INTEGER DEFAULT '2',
    added VARCHAR(10) DEFAULT 'x' NOT NULL
);

-- Move data here: from items (obsolete), dropped below, to items (added). Write it into the INSERT and SELECT below:
-- added from ...
INSERT INTO dbwarden_new_items (id, code, label, size, note, amount)
SELECT id, code, label, size, note, amount
FROM items;

DROP TABLE items;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_items RENAME TO items;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_items (
    id INTEGER NOT NULL PRIMARY KEY,
    code VARCHAR(20) DEFAULT '0',
    label VARCHAR(20) NOT NULL,
    size INTEGER,
    note TEXT DEFAULT 'none',
    amount INTEGER DEFAULT '1',
    obsolete INTEGER
);

-- Move data here: from items (added), dropped below, to items (obsolete). Write it into the INSERT and SELECT below:
-- obsolete from ...
INSERT INTO dbwarden_new_items (id, code, label, size, note, amount)
SELECT id, code, label, size, note, amount
FROM items;

DROP TABLE items;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_items RENAME TO items;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_colours (
    id INTEGER NOT NULL PRIMARY KEY,
    shade INTEGER,
    old INTEGER
);

-- Move data here: from colours (new), dropped below, to colours (old). Write it into the INSERT and SELECT below:
-- old from ...
INSERT INTO dbwarden_new_colours (id, shade)
SELECT id, shade
FROM colours;

DROP TABLE colours;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_colours RENAME TO colours;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
