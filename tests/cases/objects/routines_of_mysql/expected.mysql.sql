-- upgrade
DROP TRIGGER counted;

DROP PROCEDURE gone;

DROP PROCEDURE tidy;

DROP FUNCTION twice;

CREATE FUNCTION twice(n decimal(12,2)) RETURNS decimal(12,2) DETERMINISTIC NO SQL RETURN n * 2;

ALTER TABLE users
    ADD COLUMN email VARCHAR(80),
    ALGORITHM=INSTANT;

CREATE PROCEDURE tidy() COMMENT 'of old lines'
BEGIN
    DELETE FROM log WHERE id < 0;
    INSERT INTO log VALUES (0, 'tidied');
END;

CREATE TRIGGER counted BEFORE INSERT ON users FOR EACH ROW PRECEDES named
BEGIN
    SET NEW.age = COALESCE(NEW.age, twice(2));
    SET NEW.email = CONCAT(NEW.name, '@example.org');
END;

-- rollback
DROP TRIGGER counted;

DROP PROCEDURE tidy;

ALTER TABLE users
    DROP COLUMN email,
    ALGORITHM=INSTANT;

DROP FUNCTION twice;

CREATE FUNCTION twice(n decimal(10,2)) RETURNS decimal(10,2)
    DETERMINISTIC
    NO SQL
RETURN n * 2;

CREATE PROCEDURE tidy()
DELETE FROM log WHERE id < 0;

CREATE PROCEDURE gone(OUT n decimal(10,0))
SELECT count(*) INTO n FROM users;

CREATE TRIGGER counted BEFORE INSERT ON users
FOR EACH ROW PRECEDES named SET NEW.age = COALESCE(NEW.age, twice(1));
