-- additions

-- upgrade
CREATE TABLE invoices (
    id INT NOT NULL AUTO_INCREMENT,
    order_id INT NOT NULL,
    number VARCHAR(30) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE INDEX number (number),
    INDEX ix_invoices_order_id (order_id),
    CONSTRAINT invoices_ibfk_1 FOREIGN KEY (order_id) REFERENCES orders (id)
);

-- rollback
DROP TABLE invoices;

-- indexes

-- upgrade
ALTER TABLE users
    ADD UNIQUE INDEX email (email),
    ADD INDEX ix_users_manager_id (manager_id),
    ALGORITHM=INPLACE, LOCK=NONE;

-- rollback
ALTER TABLE users
    DROP INDEX ix_users_manager_id,
    DROP INDEX email,
    ALGORITHM=INPLACE, LOCK=NONE;

-- rows

-- upgrade
ALTER TABLE orders
    MODIFY COLUMN total DECIMAL(12, 2),
    ALGORITHM=COPY, LOCK=SHARED;

UPDATE users SET country = 'DE' WHERE country IS NULL;

ALTER TABLE users
    MODIFY COLUMN country VARCHAR(2) NOT NULL,
    ALGORITHM=INPLACE, LOCK=NONE;

-- rollback
ALTER TABLE users
    MODIFY COLUMN country VARCHAR(2),
    ALGORITHM=INPLACE, LOCK=NONE;

ALTER TABLE orders
    MODIFY COLUMN total INT,
    ALGORITHM=COPY, LOCK=SHARED;

-- constraints

-- upgrade
ALTER TABLE orders
    ADD CONSTRAINT total_positive CHECK (total >= 0),
    ALGORITHM=COPY, LOCK=SHARED;

ALTER TABLE users
    ADD CONSTRAINT users_ibfk_1 FOREIGN KEY (manager_id) REFERENCES users (id),
    ALGORITHM=COPY, LOCK=SHARED;

-- rollback
ALTER TABLE users
    DROP FOREIGN KEY users_ibfk_1,
    ALGORITHM=INPLACE, LOCK=NONE;

ALTER TABLE orders
    DROP CHECK total_positive,
    ALGORITHM=INSTANT;

-- moves

-- upgrade
ALTER TABLE users
    ADD COLUMN language VARCHAR(5) NOT NULL DEFAULT 'en' AFTER country,
    ALGORITHM=INSTANT;

-- Move data here: from users (phone), dropped below, to users (language).
-- UPDATE users SET language = ...;
ALTER TABLE users
    DROP COLUMN phone,
    ALGORITHM=INSTANT;

-- rollback
ALTER TABLE users
    ADD COLUMN phone VARCHAR(20) AFTER country,
    ALGORITHM=INSTANT;

-- Move data here: from users (language), dropped below, to users (phone).
-- UPDATE users SET phone = ...;
ALTER TABLE users
    DROP COLUMN language,
    ALGORITHM=INSTANT;

-- drops

-- upgrade
DROP TABLE old_events;

-- rollback
CREATE TABLE old_events (
    id INT NOT NULL AUTO_INCREMENT,
    user_id INT,
    PRIMARY KEY (id),
    INDEX user_id (user_id),
    CONSTRAINT old_events_ibfk_1 FOREIGN KEY (user_id) REFERENCES users (id)
);
