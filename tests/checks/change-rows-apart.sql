-- engine: mysql mariadb
ALTER TABLE orders ADD COLUMN a int;
-- expect: INFO update of users is committed by the statement in line
UPDATE users SET a = 1 WHERE b = 2;
-- ok: said once
DELETE FROM users WHERE b = 3;
CREATE INDEX ix ON users (a);

-- next: nothing commits it but the end
-- engine: mysql mariadb
ALTER TABLE users ADD COLUMN a int;
-- ok
UPDATE users SET a = 1 WHERE b = 2;

-- next: rows of a new table
-- engine: mysql mariadb
CREATE TABLE kinds (id int PRIMARY KEY);
-- ok
INSERT INTO kinds VALUES (1);
CREATE TABLE others (id int PRIMARY KEY);

-- next: one transaction
-- engine: postgresql sqlite
-- ok
UPDATE users SET a = 1 WHERE b = 2;
ALTER TABLE users ADD COLUMN c int;
