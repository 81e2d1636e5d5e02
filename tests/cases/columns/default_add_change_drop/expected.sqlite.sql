-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_users (
    id INTEGER NOT NULL PRIMARY KEY,
    a VARCHAR(10) DEFAULT 'it''s',
    b VARCHAR(10) DEFAULT 'y',
    c INTEGER,
    d DATETIME DEFAULT CURRENT_TIMESTAMP
);

INSERT INTO dbwarden_new_users (id, a, b, c, d)
SELECT id, a, b, c, d
FROM users;

DROP TABLE users;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_users RENAME TO users;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_users (
    id INTEGER NOT NULL PRIMARY KEY,
    a VARCHAR(10),
    b VARCHAR(10) DEFAULT 'x',
    c INTEGER DEFAULT 5,
    d DATETIME DEFAULT CURRENT_TIMESTAMP
);

INSERT INTO dbwarden_new_users (id, a, b, c, d)
SELECT id, a, b, c, d
FROM users;

DROP TABLE users;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_users RENAME TO users;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
