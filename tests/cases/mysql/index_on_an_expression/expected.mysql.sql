-- upgrade
ALTER TABLE users
    ADD INDEX ix_email ((lower(email))),
    LOCK=SHARED, ALGORITHM=INPLACE;

-- rollback
ALTER TABLE users
    DROP INDEX ix_email,
    LOCK=NONE, ALGORITHM=INPLACE;
