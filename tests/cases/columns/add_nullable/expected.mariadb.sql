-- upgrade
ALTER TABLE users
    ADD COLUMN phone VARCHAR(20),
    ALGORITHM=INSTANT;

-- rollback
ALTER TABLE users
    DROP COLUMN phone,
    ALGORITHM=INSTANT;
