-- engine: mysql
-- expect: WARN trigger stamp does not exist between DROP and CREATE: rows that are written meanwhile miss it
DROP TRIGGER stamp;
-- ok
CREATE TRIGGER stamp BEFORE UPDATE ON users FOR EACH ROW SET NEW.a = 1;
-- expect: INFO procedure tidy does not exist between DROP and CREATE: calls fail meanwhile, and the privileges on it are gone
DROP PROCEDURE IF EXISTS tidy;
-- ok
CREATE PROCEDURE tidy() SELECT 1;
-- expect: INFO view v does not exist between DROP and CREATE: queries fail meanwhile
DROP VIEW v;
-- ok
CREATE VIEW v AS SELECT 1 AS a;
-- expect: INFO event e does not exist
DROP EVENT e;
-- ok
CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01' DO SET @x = 1;
-- ok: another one
DROP TRIGGER other;
-- ok
CREATE OR REPLACE VIEW w AS SELECT 1 AS a;

-- next: the privileges come back
-- engine: mysql
-- expect: INFO function f does not exist between DROP and CREATE: statements that call it fail meanwhile
DROP FUNCTION f;
-- ok
CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;
-- ok
GRANT EXECUTE ON FUNCTION f TO app;

-- next: nobody writes to an empty table
-- engine: mysql
-- sizes: users=0
-- expect: INFO trigger stamp
DROP TRIGGER stamp;
-- ok
CREATE TRIGGER stamp BEFORE UPDATE ON users FOR EACH ROW SET NEW.a = 1;

-- next: in a transaction
-- engine: postgresql
-- ok
DROP VIEW v;
-- ok
CREATE VIEW v AS SELECT 1 AS a;
