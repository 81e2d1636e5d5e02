-- upgrade
ALTER TABLE users DROP COLUMN active;

ALTER TABLE users DROP COLUMN phone;

-- rollback
ALTER TABLE users ADD COLUMN phone VARCHAR(20);

ALTER TABLE users ADD COLUMN active BOOLEAN;
