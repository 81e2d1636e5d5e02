-- upgrade
DROP INDEX CONCURRENTLY ix_users_city;

DROP INDEX CONCURRENTLY ix_users_phone;

ALTER TABLE users
    DROP COLUMN city,
    DROP COLUMN phone;

-- rollback
ALTER TABLE users
    ADD COLUMN phone VARCHAR(20),
    ADD COLUMN city VARCHAR(20);

CREATE UNIQUE INDEX CONCURRENTLY ix_users_phone ON users (phone);

CREATE INDEX CONCURRENTLY ix_users_city ON users (city);
