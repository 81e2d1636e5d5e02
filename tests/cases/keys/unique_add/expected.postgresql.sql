-- upgrade
ALTER TABLE users ADD CONSTRAINT uq_users_email UNIQUE (email);

ALTER TABLE users ADD UNIQUE (age, email);

-- rollback
ALTER TABLE users DROP CONSTRAINT users_age_email_key;

ALTER TABLE users DROP CONSTRAINT uq_users_email;
