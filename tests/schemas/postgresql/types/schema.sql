CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE place AS (street text, town text);
CREATE DOMAIN email AS text CHECK (VALUE ~ '@');
CREATE DOMAIN score AS integer DEFAULT 0 NOT NULL CHECK (VALUE >= 0) CHECK (VALUE <= 100);
CREATE TABLE people (id integer PRIMARY KEY, name text, mail email, feels mood DEFAULT 'ok', points score, moods mood[]);
CREATE VIEW happy AS SELECT id, name FROM people WHERE feels = 'happy';
CREATE FUNCTION cheer(who integer) RETURNS mood LANGUAGE sql AS $$ UPDATE people SET feels = 'happy' WHERE id = who RETURNING feels $$;
