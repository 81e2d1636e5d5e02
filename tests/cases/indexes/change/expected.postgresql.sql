-- upgrade
DROP INDEX CONCURRENTLY ix_gone;

CREATE INDEX CONCURRENTLY ix_users_email_new ON users (email, age);

DROP INDEX CONCURRENTLY ix_users_email;

ALTER INDEX ix_users_email_new RENAME TO ix_users_email;

-- rollback
CREATE INDEX CONCURRENTLY ix_users_email_new ON users (email);

DROP INDEX CONCURRENTLY ix_users_email;

ALTER INDEX ix_users_email_new RENAME TO ix_users_email;

CREATE INDEX CONCURRENTLY ix_gone ON users (age);
