-- upgrade
DROP PROCEDURE gone;

ALTER FUNCTION half NO SQL SQL SECURITY DEFINER COMMENT 'of a number';

-- MySQL cannot replace a function: statements that call it between DROP and CREATE fail.
DROP FUNCTION twice;

CREATE FUNCTION twice(n decimal(12,2)) RETURNS decimal(12,2) DETERMINISTIC NO SQL RETURN n * 2;

ALTER PROCEDURE noted CONTAINS SQL SQL SECURITY INVOKER COMMENT 'It''s used';

-- MySQL cannot replace a procedure: calls between DROP and CREATE fail.
DROP PROCEDURE tidy;

CREATE PROCEDURE tidy() COMMENT 'of old lines'
BEGIN
    DELETE FROM log WHERE id < 0;
    INSERT INTO log VALUES (0, 'tidied');
END;

ALTER TABLE users
    ADD COLUMN email VARCHAR(80),
    ALGORITHM=INSTANT;

-- MySQL cannot replace a trigger: rows written between DROP and CREATE miss it.
DROP TRIGGER counted;

CREATE TRIGGER counted BEFORE INSERT ON users FOR EACH ROW PRECEDES named
BEGIN
    SET NEW.age = COALESCE(NEW.age, twice(2));
    SET NEW.email = CONCAT(NEW.name, '@example.org');
END;

-- rollback
-- MySQL cannot replace a trigger: rows written between DROP and CREATE miss it.
DROP TRIGGER counted;

CREATE TRIGGER counted BEFORE INSERT ON users
FOR EACH ROW PRECEDES named SET NEW.age = COALESCE(NEW.age, twice(1));

ALTER TABLE users
    DROP COLUMN email,
    ALGORITHM=INSTANT;

-- MySQL cannot replace a procedure: calls between DROP and CREATE fail.
DROP PROCEDURE tidy;

CREATE PROCEDURE tidy()
DELETE FROM log WHERE id < 0;

ALTER PROCEDURE noted READS SQL DATA SQL SECURITY DEFINER COMMENT 'once';

-- MySQL cannot replace a function: statements that call it between DROP and CREATE fail.
DROP FUNCTION twice;

CREATE FUNCTION twice(n decimal(10,2)) RETURNS decimal(10,2)
    DETERMINISTIC
    NO SQL
RETURN n * 2;

-- MySQL cannot replace a function: statements that call it between DROP and CREATE fail.
DROP FUNCTION half;

CREATE FUNCTION half(n decimal(9,2)) RETURNS decimal(9,2)
    DETERMINISTIC
    SQL SECURITY INVOKER
RETURN n / 2;

CREATE PROCEDURE gone(OUT n decimal(10,0))
SELECT count(*) INTO n FROM users;
