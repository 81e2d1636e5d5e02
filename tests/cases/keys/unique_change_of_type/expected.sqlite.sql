-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY,
    a BIGINT NOT NULL CONSTRAINT ck CHECK (a > -1),
    b VARCHAR(40),
    CONSTRAINT uq UNIQUE (a, b)
);

INSERT INTO dbwarden_new_t (id, a, b)
SELECT id, a, b
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_new ON t (b, id);

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_t (
    id INTEGER NOT NULL PRIMARY KEY,
    a INTEGER CONSTRAINT ck CHECK (a > 0),
    b VARCHAR(40),
    CONSTRAINT uq UNIQUE (a)
);

INSERT INTO dbwarden_new_t (id, a, b)
SELECT id, a, b
FROM t;

DROP TABLE t;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_t RENAME TO t;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_old ON t (b);

PRAGMA foreign_keys = ON;
