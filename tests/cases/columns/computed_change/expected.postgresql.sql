-- upgrade
ALTER TABLE users
    DROP COLUMN double_age,
    ADD COLUMN double_age INTEGER GENERATED ALWAYS AS (age * 3) STORED;

-- rollback
ALTER TABLE users
    DROP COLUMN double_age,
    ADD COLUMN double_age INTEGER GENERATED ALWAYS AS (age * 2) STORED;
