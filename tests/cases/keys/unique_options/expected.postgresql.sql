-- upgrade
CREATE UNIQUE INDEX CONCURRENTLY uq_users_age ON users (age) INCLUDE (email) NULLS NOT DISTINCT;

CREATE UNIQUE INDEX CONCURRENTLY uq_users_email ON users (email);

ALTER TABLE users ADD CONSTRAINT uq_users_age UNIQUE USING INDEX uq_users_age;

ALTER TABLE users ADD CONSTRAINT uq_users_email UNIQUE USING INDEX uq_users_email DEFERRABLE INITIALLY DEFERRED;

-- rollback
ALTER TABLE users DROP CONSTRAINT uq_users_email;

ALTER TABLE users DROP CONSTRAINT uq_users_age;
