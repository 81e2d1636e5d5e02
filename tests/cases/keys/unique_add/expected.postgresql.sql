-- upgrade
CREATE UNIQUE INDEX CONCURRENTLY uq_users_email ON users (email);

CREATE UNIQUE INDEX CONCURRENTLY users_age_email_key ON users (age, email);

ALTER TABLE users ADD CONSTRAINT uq_users_email UNIQUE USING INDEX uq_users_email;

ALTER TABLE users ADD CONSTRAINT users_age_email_key UNIQUE USING INDEX users_age_email_key;

-- rollback
ALTER TABLE users DROP CONSTRAINT users_age_email_key;

ALTER TABLE users DROP CONSTRAINT uq_users_email;
