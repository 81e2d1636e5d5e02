-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_logs (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    line TEXT NOT NULL
);

INSERT INTO dbwarden_new_logs (id, line)
SELECT id, line
FROM logs;

DELETE FROM sqlite_sequence WHERE name = 'dbwarden_new_logs';

INSERT INTO sqlite_sequence (name, seq)
SELECT 'dbwarden_new_logs', seq
FROM sqlite_sequence
WHERE name = 'logs';

DROP TABLE logs;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_logs RENAME TO logs;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_logs (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    line TEXT
);

INSERT INTO dbwarden_new_logs (id, line)
SELECT id, line
FROM logs;

DELETE FROM sqlite_sequence WHERE name = 'dbwarden_new_logs';

INSERT INTO sqlite_sequence (name, seq)
SELECT 'dbwarden_new_logs', seq
FROM sqlite_sequence
WHERE name = 'logs';

DROP TABLE logs;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_logs RENAME TO logs;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
