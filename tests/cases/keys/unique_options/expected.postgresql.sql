-- upgrade
ALTER TABLE users ADD CONSTRAINT uq_users_age UNIQUE NULLS NOT DISTINCT (age) INCLUDE (email);

ALTER TABLE users ADD CONSTRAINT uq_users_email UNIQUE (email) DEFERRABLE INITIALLY DEFERRED;

-- rollback
ALTER TABLE users DROP CONSTRAINT uq_users_email;

ALTER TABLE users DROP CONSTRAINT uq_users_age;
