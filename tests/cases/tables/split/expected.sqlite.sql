-- upgrade
CREATE TABLE addresses (
    id INTEGER NOT NULL PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    street VARCHAR(40) NOT NULL,
    city VARCHAR(20)
);

CREATE INDEX ix_addresses_customer_id ON addresses (customer_id);

-- Move data here: from customers (street, city), dropped below, to addresses.
-- INSERT INTO addresses (customer_id, street, city) SELECT id, street, city FROM customers;
ALTER TABLE customers DROP COLUMN city;

ALTER TABLE customers DROP COLUMN street;

-- rollback
ALTER TABLE customers ADD COLUMN street VARCHAR(40);

ALTER TABLE customers ADD COLUMN city VARCHAR(20);

-- Move data here: from addresses, dropped below, to customers (street, city).
-- UPDATE customers SET street = (SELECT addresses.street FROM addresses WHERE addresses.customer_id = customers.id), city = (SELECT addresses.city FROM addresses WHERE addresses.customer_id = customers.id);
DROP TABLE addresses;
