-- upgrade
ALTER TABLE users
    DROP INDEX ix_gone,
    DROP INDEX ix_users_email,
    ADD INDEX ix_users_email (email, age),
    ALGORITHM=INPLACE, LOCK=NONE;

-- rollback
ALTER TABLE users
    DROP INDEX ix_users_email,
    ADD INDEX ix_users_email (email),
    ADD INDEX ix_gone (age),
    ALGORITHM=INPLACE, LOCK=NONE;
