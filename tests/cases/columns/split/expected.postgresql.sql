-- upgrade
ALTER TABLE customers
    ADD COLUMN width INTEGER,
    ADD COLUMN height INTEGER;

-- Move data here: from customers (size), dropped below, to customers (width, height).
-- UPDATE customers SET width = ..., height = ...;
ALTER TABLE customers DROP COLUMN size;

-- rollback
ALTER TABLE customers ADD COLUMN size VARCHAR(40);

-- Move data here: from customers (width, height), dropped below, to customers (size).
-- UPDATE customers SET size = ...;
ALTER TABLE customers
    DROP COLUMN height,
    DROP COLUMN width;
