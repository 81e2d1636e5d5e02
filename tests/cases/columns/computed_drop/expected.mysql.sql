-- upgrade
ALTER TABLE users
    DROP COLUMN double_age,
    ALGORITHM=INSTANT;

-- rollback
ALTER TABLE users
    ADD COLUMN double_age INT GENERATED ALWAYS AS (age * 2) STORED,
    ALGORITHM=COPY, LOCK=SHARED;
