-- upgrade
ALTER TABLE users
    DROP COLUMN active,
    DROP COLUMN phone;

-- rollback
ALTER TABLE users
    ADD COLUMN phone VARCHAR(20),
    ADD COLUMN active BOOLEAN;
