-- file: 0001_mood.sql
CREATE TYPE mood AS ENUM ('happy', 'sad');
ALTER TYPE mood ADD VALUE 'it''s ok';
CREATE TYPE size AS ENUM ('s', 'm');
-- file: 0002_swap.sql
ALTER TYPE mood RENAME TO mood_old;
-- expect: WARN enum mood loses 'it's ok': rows that hold it
CREATE TYPE mood AS ENUM ('happy', 'sad');
ALTER TABLE people ALTER COLUMN mood TYPE mood USING mood::text::mood;
DROP TYPE mood_old;
-- ok: another order
ALTER TYPE size RENAME TO size_old;
CREATE TYPE size AS ENUM ('m', 's');

-- next: the new one first
-- file: 0001_mood.sql
CREATE TYPE mood AS ENUM ('happy', 'sad');
-- file: 0002_swap.sql
CREATE TYPE mood_new AS ENUM ('sad');
ALTER TABLE people ALTER COLUMN mood TYPE mood_new USING mood::text::mood_new;
DROP TYPE mood;
-- expect: WARN enum mood loses 'happy'
ALTER TYPE mood_new RENAME TO mood;

-- next: the former values are not known
ALTER TYPE mood RENAME TO mood_old;
-- expect: WARN enum mood is made anew
CREATE TYPE mood AS ENUM ('happy');

-- next: a new type, and one that is only renamed
-- ok
CREATE TYPE colour AS ENUM ('red');
-- ok
ALTER TYPE tone RENAME TO hue;

-- next: in the type of the column
-- engine: mysql mariadb
-- file: 0001_people.sql
CREATE TABLE people (mood enum('happy', 'ok', 'sad'), tags set('a', 'b'), marks set('a', 'b'));
-- file: 0002_change.sql
-- expect: WARN column mood loses 'sad'
ALTER TABLE people MODIFY mood enum('happy', 'ok', 'new');
-- ok
ALTER TABLE people MODIFY tags set('a', 'b', 'c');
-- expect: WARN column labels loses 'a'
ALTER TABLE people CHANGE marks labels set('b');
