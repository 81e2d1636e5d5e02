-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_pairs (
    a TEXT NOT NULL PRIMARY KEY,
    b INTEGER DEFAULT '3' NOT NULL
) WITHOUT ROWID, STRICT;

INSERT INTO dbwarden_new_pairs (a, b)
SELECT a, coalesce(b, '3')
FROM pairs;

DROP TABLE pairs;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_pairs RENAME TO pairs;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_pairs (
    a TEXT NOT NULL PRIMARY KEY,
    b INTEGER
) WITHOUT ROWID, STRICT;

INSERT INTO dbwarden_new_pairs (a, b)
SELECT a, b
FROM pairs;

DROP TABLE pairs;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_pairs RENAME TO pairs;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
