-- upgrade
ALTER TABLE users DROP COLUMN double_age;

-- rollback
ALTER TABLE users ADD COLUMN double_age INTEGER GENERATED ALWAYS AS (age * 2) STORED;
