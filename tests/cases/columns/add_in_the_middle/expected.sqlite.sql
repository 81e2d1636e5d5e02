-- upgrade
ALTER TABLE users ADD COLUMN phone VARCHAR(20);

-- rollback
ALTER TABLE users DROP COLUMN phone;
