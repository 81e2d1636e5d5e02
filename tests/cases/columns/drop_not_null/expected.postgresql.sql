-- upgrade
ALTER TABLE users DROP COLUMN email;

-- rollback
ALTER TABLE users ADD COLUMN email VARCHAR(120) NOT NULL;
