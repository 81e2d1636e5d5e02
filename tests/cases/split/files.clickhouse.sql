-- additions

-- upgrade
CREATE TABLE invoices (
    number String,
    order_id UInt64
)
ENGINE = MergeTree
ORDER BY number;

-- rollback
DROP TABLE invoices;

-- indexes

-- upgrade
ALTER TABLE users ADD INDEX ix_email email TYPE minmax GRANULARITY 1;

ALTER TABLE users MATERIALIZE INDEX ix_email;

-- rollback
ALTER TABLE users DROP INDEX ix_email;

-- rows

-- upgrade
ALTER TABLE orders MODIFY COLUMN total Int64;

-- rollback
ALTER TABLE orders MODIFY COLUMN total Int32;

-- constraints

-- upgrade
ALTER TABLE orders ADD CONSTRAINT total_positive CHECK total >= 0;

-- rollback
ALTER TABLE orders DROP CONSTRAINT total_positive;

-- moves

-- upgrade
ALTER TABLE users ADD COLUMN language String DEFAULT 'en' AFTER country;

-- Move data here: from users (phone), dropped below, to users (language).
-- ALTER TABLE users UPDATE language = ... WHERE true;
ALTER TABLE users DROP COLUMN phone;

-- rollback
ALTER TABLE users ADD COLUMN phone Nullable(String) AFTER country;

-- Move data here: from users (language), dropped below, to users (phone).
-- ALTER TABLE users UPDATE phone = ... WHERE true;
ALTER TABLE users DROP COLUMN language;

-- drops

-- upgrade
DROP TABLE old_events;

-- rollback
CREATE TABLE old_events (
    id UInt64
)
ENGINE = MergeTree
ORDER BY id;
