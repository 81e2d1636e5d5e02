-- upgrade
CREATE INDEX CONCURRENTLY ix_users_email ON users (email);

CREATE UNIQUE INDEX CONCURRENTLY ux_users_age ON users (age, email);

-- rollback
DROP INDEX CONCURRENTLY ux_users_age;

DROP INDEX CONCURRENTLY ix_users_email;
