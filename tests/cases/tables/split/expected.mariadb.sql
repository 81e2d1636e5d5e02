-- upgrade
CREATE TABLE addresses (
    id INT NOT NULL AUTO_INCREMENT,
    customer_id INT NOT NULL,
    street VARCHAR(40) NOT NULL,
    city VARCHAR(20),
    PRIMARY KEY (id),
    INDEX ix_addresses_customer_id (customer_id),
    CONSTRAINT addresses_ibfk_1 FOREIGN KEY (customer_id) REFERENCES customers (id)
);

-- Move data here: from customers (street, city), dropped below, to addresses.
-- INSERT INTO addresses (customer_id, street, city) SELECT id, street, city FROM customers;
ALTER TABLE customers
    DROP COLUMN city,
    DROP COLUMN street,
    ALGORITHM=INSTANT;

-- rollback
ALTER TABLE customers
    ADD COLUMN street VARCHAR(40),
    ADD COLUMN city VARCHAR(20),
    ALGORITHM=INSTANT;

-- Move data here: from addresses, dropped below, to customers (street, city).
-- UPDATE customers SET street = (SELECT addresses.street FROM addresses WHERE addresses.customer_id = customers.id), city = (SELECT addresses.city FROM addresses WHERE addresses.customer_id = customers.id);
DROP TABLE addresses;
