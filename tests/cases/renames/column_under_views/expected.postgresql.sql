-- renames: orders.cents:price

-- upgrade
ALTER TABLE orders RENAME COLUMN cents TO price;

DROP VIEW in_euro;

DROP VIEW totals;

DROP VIEW priced;

CREATE VIEW priced AS
SELECT id, price FROM orders;

CREATE VIEW totals AS
SELECT sum(price) AS cents FROM priced;

CREATE VIEW in_euro AS
SELECT cents / 100.0 AS euro FROM totals;

-- rollback
DROP VIEW in_euro;

DROP VIEW totals;

DROP VIEW priced;

CREATE VIEW priced AS
 SELECT orders.id,
    orders.price AS cents
   FROM orders;

CREATE VIEW totals AS
 SELECT sum(priced.cents) AS cents
   FROM priced;

CREATE VIEW in_euro AS
 SELECT ((totals.cents)::numeric / 100.0) AS euro
   FROM totals;

ALTER TABLE orders RENAME COLUMN price TO cents;
