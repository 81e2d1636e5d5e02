-- upgrade
DROP TRIGGER named;

DROP TRIGGER gone_too;

DROP TRIGGER noted;

DROP VIEW gone;

DROP VIEW names;

DROP VIEW adults;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_users (
    id INTEGER NOT NULL PRIMARY KEY,
    name VARCHAR(50),
    age INTEGER DEFAULT '0' NOT NULL
);

INSERT INTO dbwarden_new_users (id, name, age)
SELECT id, name, coalesce(age, '0')
FROM users;

DROP TABLE users;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_users RENAME TO users;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

CREATE VIEW adults AS
SELECT users.id, users.name
FROM users
WHERE users.age >= 21;

CREATE VIEW lines AS
SELECT line FROM log ORDER BY id;

CREATE VIEW names AS
SELECT name FROM adults;

CREATE TRIGGER named INSTEAD OF INSERT ON names BEGIN INSERT INTO users (name, age) VALUES (NEW.name, 18); END;

CREATE TRIGGER noted AFTER INSERT ON users FOR EACH ROW
BEGIN
    INSERT INTO log (line) VALUES ('+' || NEW.name);
END;

-- rollback
DROP TRIGGER noted;

DROP TRIGGER named;

DROP VIEW names;

DROP VIEW lines;

DROP VIEW adults;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_users (
    id INTEGER NOT NULL PRIMARY KEY,
    name VARCHAR(50),
    age INTEGER
);

INSERT INTO dbwarden_new_users (id, name, age)
SELECT id, name, age
FROM users;

DROP TABLE users;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_users RENAME TO users;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

CREATE VIEW adults AS
SELECT users.id, users.name
FROM users
WHERE users.age >= 18;

CREATE VIEW names AS
SELECT name FROM adults;

CREATE VIEW gone AS
SELECT count(*) AS n FROM names;

CREATE TRIGGER noted AFTER INSERT ON users FOR EACH ROW
BEGIN
    INSERT INTO log (line) VALUES (NEW.name);
END;

CREATE TRIGGER gone_too BEFORE DELETE ON users BEGIN SELECT RAISE(ABORT, 'kept'); END;

CREATE TRIGGER named INSTEAD OF INSERT ON names BEGIN INSERT INTO users (name, age) VALUES (NEW.name, 18); END;
