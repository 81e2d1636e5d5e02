-- upgrade
ALTER TABLE users
    DROP INDEX ix_users_city,
    DROP INDEX ix_users_phone,
    ALGORITHM=NOCOPY, LOCK=NONE;

ALTER TABLE users
    DROP COLUMN city,
    DROP COLUMN phone,
    ALGORITHM=INSTANT;

-- rollback
ALTER TABLE users
    ADD COLUMN phone VARCHAR(20),
    ADD COLUMN city VARCHAR(20),
    ALGORITHM=INSTANT;

ALTER TABLE users
    ADD UNIQUE INDEX ix_users_phone (phone),
    ADD INDEX ix_users_city (city),
    ALGORITHM=NOCOPY, LOCK=NONE;
