-- upgrade
CREATE TABLE addresses (
    id SERIAL,
    street VARCHAR(40) NOT NULL,
    city VARCHAR(20),
    PRIMARY KEY (id)
);

ALTER TABLE customers ADD COLUMN address_id INTEGER NOT NULL;

-- Move data here: from customers (street, city), dropped below, to addresses.
-- INSERT INTO addresses (street, city) SELECT street, city FROM customers;
ALTER TABLE customers ADD CONSTRAINT customers_address_id_fkey FOREIGN KEY (address_id) REFERENCES addresses (id) NOT VALID;

ALTER TABLE customers
    DROP COLUMN city,
    DROP COLUMN street;

ALTER TABLE customers VALIDATE CONSTRAINT customers_address_id_fkey;

-- rollback
ALTER TABLE customers
    ADD COLUMN street VARCHAR(40),
    ADD COLUMN city VARCHAR(20);

-- Move data here: from addresses, dropped below, to customers (street, city).
-- UPDATE customers SET street = (SELECT addresses.street FROM addresses WHERE addresses.id = customers.address_id), city = (SELECT addresses.city FROM addresses WHERE addresses.id = customers.address_id);
ALTER TABLE customers DROP CONSTRAINT customers_address_id_fkey;

-- Fill customers.street here: the rows that exist have no value, and NOT NULL refuses them.
-- UPDATE customers SET street = ... WHERE street IS NULL;
ALTER TABLE customers
    ALTER COLUMN street SET NOT NULL,
    DROP COLUMN address_id;

DROP TABLE addresses;
