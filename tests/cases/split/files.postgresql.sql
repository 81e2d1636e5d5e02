-- additions

-- upgrade
CREATE TABLE invoices (
    id SERIAL,
    order_id INTEGER NOT NULL,
    number VARCHAR(30) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (number),
    FOREIGN KEY (order_id) REFERENCES orders (id)
);

CREATE INDEX ix_invoices_order_id ON invoices (order_id);

-- rollback
DROP TABLE invoices;

-- indexes

-- upgrade
CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email);

CREATE INDEX CONCURRENTLY ix_users_manager_id ON users (manager_id);

ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;

-- rollback
DROP INDEX CONCURRENTLY ix_users_manager_id;

ALTER TABLE users DROP CONSTRAINT users_email_key;

-- rows

-- upgrade
ALTER TABLE orders ALTER COLUMN total TYPE NUMERIC(12, 2);

UPDATE users SET country = 'DE' WHERE country IS NULL;

ALTER TABLE users ADD CONSTRAINT users_country_set CHECK (country IS NOT NULL) NOT VALID;

ALTER TABLE users VALIDATE CONSTRAINT users_country_set;

ALTER TABLE users ALTER COLUMN country SET NOT NULL;

ALTER TABLE users DROP CONSTRAINT users_country_set;

-- rollback
ALTER TABLE users ALTER COLUMN country DROP NOT NULL;

ALTER TABLE orders ALTER COLUMN total TYPE INTEGER;

-- constraints

-- upgrade
ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total >= 0) NOT VALID;

ALTER TABLE users ADD CONSTRAINT users_manager_id_fkey FOREIGN KEY (manager_id) REFERENCES users (id) NOT VALID;

ALTER TABLE orders VALIDATE CONSTRAINT total_positive;

ALTER TABLE users VALIDATE CONSTRAINT users_manager_id_fkey;

-- rollback
ALTER TABLE users DROP CONSTRAINT users_manager_id_fkey;

ALTER TABLE orders DROP CONSTRAINT total_positive;

-- moves

-- upgrade
ALTER TABLE users ADD COLUMN language VARCHAR(5) DEFAULT 'en' NOT NULL;

-- Move data here: from users (phone), dropped below, to users (language).
-- UPDATE users SET language = ...;
ALTER TABLE users DROP COLUMN phone;

-- rollback
ALTER TABLE users ADD COLUMN phone VARCHAR(20);

-- Move data here: from users (language), dropped below, to users (phone).
-- UPDATE users SET phone = ...;
ALTER TABLE users DROP COLUMN language;

-- drops

-- upgrade
DROP TABLE old_events;

-- rollback
CREATE TABLE old_events (
    id SERIAL,
    user_id INTEGER,
    CONSTRAINT old_events_pkey PRIMARY KEY (id),
    CONSTRAINT old_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
);
