-- file: 0001_users.sql
CREATE TABLE users (name text, mail text, land text NOT NULL, "Zip" text);
-- file: 0002_fill.sql
-- expect: WARN column name of users becomes NOT NULL
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- ok
UPDATE users SET mail = '' WHERE mail IS NULL;
-- ok
ALTER TABLE users ALTER COLUMN mail SET NOT NULL;
-- ok: it is already
ALTER TABLE users ALTER COLUMN land SET NOT NULL;
-- ok
UPDATE users SET "Zip" = '' WHERE "Zip" IS NULL;
-- ok
ALTER TABLE users ALTER COLUMN "Zip" SET NOT NULL;
-- expect: WARN column name of people
ALTER TABLE people ALTER name SET NOT NULL;

-- next: filled too late
ALTER TABLE users DROP COLUMN gone;
-- expect: WARN column name
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
UPDATE users SET name = '' WHERE name IS NULL;

-- next: without rows
-- sizes: users=0 few=3
-- expect: INFO column name
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- expect: WARN column name
ALTER TABLE few ALTER COLUMN name SET NOT NULL;

-- next: in a rebuild
-- engine: sqlite
-- file: 0001_users.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, mail TEXT, land TEXT NOT NULL);
-- file: 0002_rebuild.sql
CREATE TABLE dbwarden_new_users (
    id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, mail TEXT NOT NULL DEFAULT '', land TEXT NOT NULL
);
-- expect: WARN column name of users becomes NOT NULL
INSERT INTO dbwarden_new_users (id, name, mail, land) SELECT id, name, COALESCE(mail, ''), land FROM users;
DROP TABLE users;
ALTER TABLE dbwarden_new_users RENAME TO users;

-- next: another column is filled
UPDATE users SET mail = name WHERE name IS NULL;
-- expect: WARN column name of users becomes NOT NULL
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- next: filled by a statement with a common table expression
WITH x AS (SELECT 1) UPDATE users SET (mail, name) = ('', '') WHERE name IS NULL;
-- ok
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- next: a whole definition
-- engine: mysql mariadb
-- file: 0001_users.sql
CREATE TABLE users (mail varchar(20), name varchar(20) NOT NULL, city varchar(20));
-- file: 0002_change.sql
-- expect: WARN column mail of users becomes NOT NULL
ALTER TABLE users MODIFY mail varchar(20) NOT NULL;
-- ok
ALTER TABLE users MODIFY name varchar(40) NOT NULL;
UPDATE users SET city = '' WHERE city IS NULL;
-- ok
ALTER TABLE users MODIFY city varchar(40) NOT NULL;

-- next: a column that the file adds
-- engine: mysql mariadb
-- file: 0001_users.sql
CREATE TABLE users (id int);
-- file: 0002_fill.sql
ALTER TABLE users ADD COLUMN name varchar(20) NULL;
-- expect: CRITICAL column name of users is new, has no value and becomes NOT NULL
ALTER TABLE users MODIFY COLUMN name varchar(20) NOT NULL;
