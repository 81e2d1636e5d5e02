-- upgrade
ALTER TABLE users
    ADD INDEX ix_email ((lower(email))),
    ALGORITHM=INPLACE, LOCK=SHARED;

-- rollback
ALTER TABLE users
    DROP INDEX ix_email,
    LOCK=NONE,
    ALGORITHM=INPLACE;
