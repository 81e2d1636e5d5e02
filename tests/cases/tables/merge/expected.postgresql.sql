-- upgrade
ALTER TABLE customers
    ADD COLUMN street VARCHAR(40),
    ADD COLUMN city VARCHAR(20);

-- Move data here: from addresses, dropped below, to customers (street, city).
-- UPDATE customers SET street = (SELECT addresses.street FROM addresses WHERE addresses.customer_id = customers.id), city = (SELECT addresses.city FROM addresses WHERE addresses.customer_id = customers.id);
DROP TABLE addresses;

-- rollback
CREATE TABLE addresses (
    id SERIAL,
    customer_id INTEGER NOT NULL,
    street VARCHAR(40) NOT NULL,
    city VARCHAR(20),
    CONSTRAINT addresses_pkey PRIMARY KEY (id),
    CONSTRAINT addresses_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id)
);

CREATE INDEX ix_addresses_customer_id ON addresses (customer_id);

-- Move data here: from customers (street, city), dropped below, to addresses.
-- INSERT INTO addresses (customer_id, street, city) SELECT id, street, city FROM customers;
ALTER TABLE customers
    DROP COLUMN city,
    DROP COLUMN street;
