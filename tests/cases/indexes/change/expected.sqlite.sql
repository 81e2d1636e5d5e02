-- upgrade
DROP INDEX ix_gone;

DROP INDEX ix_users_email;

CREATE INDEX ix_users_email ON users (email, age);

-- rollback
DROP INDEX ix_users_email;

CREATE INDEX ix_users_email ON users (email);

CREATE INDEX ix_gone ON users (age);
