-- upgrade
ALTER TABLE users DROP CONSTRAINT uq_users_email;

ALTER TABLE users DROP CONSTRAINT users_age_email_key;

-- rollback
ALTER TABLE users ADD CONSTRAINT users_age_email_key UNIQUE (age, email);

ALTER TABLE users ADD CONSTRAINT uq_users_email UNIQUE (email);
