-- upgrade
DROP TRIGGER old_trigger;

DROP EVENT old_event;

DROP PROCEDURE old_tidy;

DROP VIEW old_rows;

DROP FUNCTION old;

-- MySQL cannot replace a function: statements that call it between DROP and CREATE fail.
DROP FUNCTION kept;

CREATE FUNCTION kept() RETURNS INT DETERMINISTIC RETURN 2;

-- MySQL cannot replace a procedure: calls between DROP and CREATE fail.
DROP PROCEDURE tidy;

CREATE PROCEDURE tidy() DELETE FROM t WHERE n < 2;

ALTER EVENT tidy ON SCHEDULE EVERY 2 MONTH STARTS '2030-01-01 00:00:00' DISABLE DO DELETE FROM t WHERE n = 0;

-- MySQL cannot replace a trigger: rows written between DROP and CREATE miss it.
DROP TRIGGER positive;

CREATE TRIGGER positive BEFORE INSERT ON t FOR EACH ROW SET NEW.n = greatest(NEW.n, 1);

CREATE FUNCTION new_one() RETURNS INT DETERMINISTIC RETURN 1;

CREATE VIEW new_rows AS
SELECT n FROM t;

CREATE PROCEDURE new_tidy() DELETE FROM t WHERE n < 0;

CREATE EVENT new_event ON SCHEDULE EVERY 1 YEAR STARTS '2030-01-01 00:00:00' DISABLE DO DELETE FROM t;

CREATE TRIGGER new_trigger BEFORE UPDATE ON t FOR EACH ROW SET NEW.n = 1;

-- rollback
DROP TRIGGER new_trigger;

DROP EVENT new_event;

DROP PROCEDURE new_tidy;

DROP VIEW new_rows;

DROP FUNCTION new_one;

-- MySQL cannot replace a trigger: rows written between DROP and CREATE miss it.
DROP TRIGGER positive;

CREATE TRIGGER positive BEFORE INSERT ON t
FOR EACH ROW SET NEW.n = greatest(NEW.n, 0);

ALTER EVENT tidy
    ON SCHEDULE EVERY 1 MONTH STARTS '2030-01-01 00:00:00'
    DISABLE
    DO DELETE FROM t WHERE n = 0;

-- MySQL cannot replace a procedure: calls between DROP and CREATE fail.
DROP PROCEDURE tidy;

CREATE PROCEDURE tidy()
DELETE FROM t WHERE n < 1;

-- MySQL cannot replace a function: statements that call it between DROP and CREATE fail.
DROP FUNCTION kept;

CREATE FUNCTION kept() RETURNS int
    DETERMINISTIC
RETURN 1;

CREATE FUNCTION old() RETURNS int
    DETERMINISTIC
RETURN 1;

CREATE VIEW old_rows AS
select `t`.`n` AS `n` from `t`;

CREATE PROCEDURE old_tidy()
DELETE FROM t WHERE n < 0;

CREATE EVENT old_event
    ON SCHEDULE EVERY 1 YEAR STARTS '2030-01-01 00:00:00'
    DISABLE
    DO DELETE FROM t;

CREATE TRIGGER old_trigger BEFORE UPDATE ON t
FOR EACH ROW SET NEW.n = 1;
