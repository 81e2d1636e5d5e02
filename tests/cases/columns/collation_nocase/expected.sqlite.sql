-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_users (
    id INTEGER NOT NULL PRIMARY KEY,
    email VARCHAR(120) COLLATE NOCASE NOT NULL,
    age INTEGER
);

INSERT INTO dbwarden_new_users (id, email, age)
SELECT id, email, age
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
    age INTEGER
);

INSERT INTO dbwarden_new_users (id, email, age)
SELECT id, email, age
FROM users;

DROP TABLE users;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_users RENAME TO users;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
