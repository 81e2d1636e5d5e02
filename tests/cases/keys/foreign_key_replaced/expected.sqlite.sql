-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY,
    p_id INTEGER CONSTRAINT fk_new REFERENCES p (id) ON DELETE CASCADE
);

INSERT INTO dbwarden_new_t (id, p_id)
SELECT id, p_id
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY,
    p_id INTEGER CONSTRAINT fk_old REFERENCES p (id)
);

INSERT INTO dbwarden_new_t (id, p_id)
SELECT id, p_id
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
