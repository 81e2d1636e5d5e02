-- renames: orders.country:land, orders.number:no

-- upgrade
ALTER TABLE orders RENAME COLUMN country TO land;

ALTER TABLE orders RENAME COLUMN number TO no;

-- rollback
ALTER TABLE orders RENAME COLUMN no TO number;

ALTER TABLE orders RENAME COLUMN land TO country;
