-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_users (
    id INTEGER NOT NULL PRIMARY KEY,
    phone VARCHAR(20)
);

INSERT INTO dbwarden_new_users (id, phone)
SELECT id, phone
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
    email VARCHAR(120) NOT NULL,
    phone VARCHAR(20)
);

INSERT INTO dbwarden_new_users (id, phone)
SELECT id, phone
FROM users;

DROP TABLE users;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_users RENAME TO users;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
