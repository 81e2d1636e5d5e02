-- upgrade
CREATE INDEX ix_users_email ON users (email);

CREATE UNIQUE INDEX ux_users_age ON users (age, email);

-- rollback
DROP INDEX ux_users_age;

DROP INDEX ix_users_email;
