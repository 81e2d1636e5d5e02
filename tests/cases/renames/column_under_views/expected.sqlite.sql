-- renames: orders.cents:price

-- upgrade
DROP VIEW in_euro;

DROP VIEW totals;

ALTER TABLE orders RENAME COLUMN cents TO price;

CREATE VIEW totals AS
SELECT sum(price) AS cents FROM priced;

CREATE VIEW in_euro AS
SELECT cents / 100.0 AS euro FROM totals;

-- rollback
DROP VIEW in_euro;

DROP VIEW totals;

ALTER TABLE orders RENAME COLUMN price TO cents;

CREATE VIEW totals AS
SELECT sum(cents) AS cents FROM priced;

CREATE VIEW in_euro AS
SELECT cents / 100.0 AS euro FROM totals;
