-- engine: postgresql sqlite
-- expect: WARN column phone of users is renamed to tel
ALTER TABLE users RENAME COLUMN phone TO tel;
-- expect: WARN column a of users is renamed to b
ALTER TABLE users RENAME a TO b;
-- expect: WARN table users is renamed to people
ALTER TABLE users RENAME TO people;
-- ok: made here
CREATE TABLE fresh (id integer);
-- ok
ALTER TABLE fresh RENAME TO fresher;
-- ok
ALTER TABLE fresher RENAME COLUMN id TO number;

-- next: constraints, indexes and types
-- ok
ALTER TABLE users RENAME CONSTRAINT a TO b;
-- ok
ALTER INDEX ix_a RENAME TO ix_b;
-- ok
ALTER TYPE mood RENAME TO feeling;

-- next: not there yet
-- sizes: other=1
-- expect: INFO column phone
ALTER TABLE users RENAME COLUMN phone TO tel;
