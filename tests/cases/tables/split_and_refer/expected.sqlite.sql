-- upgrade
CREATE TABLE addresses (
    id INTEGER NOT NULL PRIMARY KEY,
    street VARCHAR(40) NOT NULL,
    city VARCHAR(20)
);

-- Move data here: from customers (street, city), dropped below, to addresses.
-- INSERT INTO addresses (street, city) SELECT street, city FROM customers;
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_customers (
    id INTEGER NOT NULL PRIMARY KEY,
    name VARCHAR(20) NOT NULL,
    address_id INTEGER NOT NULL REFERENCES addresses (id)
);

INSERT INTO dbwarden_new_customers (id, name)
SELECT id, name
FROM customers;

DROP TABLE customers;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_customers RENAME TO customers;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_customers (
    id INTEGER NOT NULL PRIMARY KEY,
    name VARCHAR(20) NOT NULL,
    street VARCHAR(40) NOT NULL,
    city VARCHAR(20)
);

-- Move data here: from addresses, dropped below, to customers (street, city). Write it into the INSERT and SELECT below:
-- street from (SELECT addresses.street FROM addresses WHERE addresses.id = customers.address_id), city from (SELECT addresses.city FROM addresses WHERE addresses.id = customers.address_id)
-- Fill customers.street here: the rows that exist have no value, and NOT NULL refuses them.
-- Its value belongs in the SELECT below.
INSERT INTO dbwarden_new_customers (id, name)
SELECT id, name
FROM customers;

DROP TABLE customers;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_customers RENAME TO customers;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

DROP TABLE addresses;
