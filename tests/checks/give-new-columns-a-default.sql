-- engine: postgresql sqlite
-- expect: WARN column country is added to users as NOT NULL without a default
ALTER TABLE users ADD COLUMN country text NOT NULL;
-- ok
ALTER TABLE users ADD COLUMN land text NOT NULL DEFAULT 'unknown';
-- ok
ALTER TABLE users ADD COLUMN city text;
-- expect: WARN column zip
ALTER TABLE users ADD zip varchar(10) CHECK (zip <> '') NOT NULL DEFAULT NULL;
-- ok
ALTER TABLE users ADD COLUMN note text CHECK (note IS NOT NULL OR city IS NULL);
-- ok: made here
CREATE TABLE fresh (id integer);
-- ok
ALTER TABLE fresh ADD COLUMN a text NOT NULL;

-- next: numbered and computed by the database
-- expect: WARN column c
ALTER TABLE users ADD COLUMN a bigserial NOT NULL, ADD b int GENERATED ALWAYS AS IDENTITY, ADD c int NOT NULL;

-- next: without rows
-- sizes: users=0 few=3
-- expect: INFO column country
ALTER TABLE users ADD COLUMN country text NOT NULL;
-- expect: WARN column country
ALTER TABLE few ADD COLUMN country text NOT NULL;

-- next: in a rebuild
-- engine: sqlite
-- file: 0001_users.sql
CREATE TABLE users (name TEXT);
CREATE TABLE tags (name TEXT);
CREATE TABLE notes (text TEXT);
-- file: 0002_rebuild.sql
CREATE TABLE dbwarden_new_users (
    id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, land TEXT NOT NULL DEFAULT '', city TEXT, zip TEXT NOT NULL,
    twice INTEGER NOT NULL GENERATED ALWAYS AS (id * 2)
);
-- expect: CRITICAL column zip is added to users as NOT NULL without a default
INSERT INTO dbwarden_new_users (name) SELECT name FROM users;
DROP TABLE users;
ALTER TABLE dbwarden_new_users RENAME TO users;
CREATE TABLE dbwarden_new_tags (code TEXT NOT NULL PRIMARY KEY, name TEXT);
-- expect: CRITICAL column code is added to tags
INSERT INTO dbwarden_new_tags (name) SELECT name FROM tags;
DROP TABLE tags;
ALTER TABLE dbwarden_new_tags RENAME TO tags;
CREATE TABLE dbwarden_new_notes (id INTEGER NOT NULL, text TEXT, CONSTRAINT notes_pk PRIMARY KEY (id));
-- ok
INSERT INTO dbwarden_new_notes (text) SELECT text FROM notes;
DROP TABLE notes;
ALTER TABLE dbwarden_new_notes RENAME TO notes;

-- next: copied into a table that does not take its place
-- engine: sqlite
-- file: 0001_users.sql
CREATE TABLE users (name TEXT);
-- file: 0002_copy.sql
CREATE TABLE people (name TEXT, zip TEXT NOT NULL);
-- ok
INSERT INTO people (name) SELECT name FROM users;

-- next: an implicit value
-- engine: mysql mariadb
-- expect: WARN column country is added to users as NOT NULL without a default: rows that exist get 0 or an empty string
ALTER TABLE users ADD COLUMN country varchar(2) NOT NULL;
-- ok
ALTER TABLE users ADD COLUMN id int AUTO_INCREMENT PRIMARY KEY;
