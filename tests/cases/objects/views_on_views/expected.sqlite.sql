-- upgrade
DROP TRIGGER noted;

DROP TRIGGER entered;

DROP VIEW in_euro;

DROP VIEW totals;

DROP VIEW priced;

ALTER TABLE orders ADD COLUMN paid BOOLEAN;

-- Move data here: from orders (note), dropped below, to orders (paid).
-- UPDATE orders SET paid = ...;
CREATE VIEW priced AS
SELECT id, cents, paid FROM orders WHERE paid IS NOT FALSE;

CREATE VIEW totals AS
SELECT sum(cents) AS cents FROM priced;

CREATE VIEW in_euro AS
SELECT cents / 100.0 AS euro FROM totals;

CREATE TRIGGER noted AFTER INSERT ON orders BEGIN UPDATE orders SET cents = (SELECT max(euro) FROM in_euro) WHERE cents IS NULL; END;

CREATE TRIGGER entered INSTEAD OF INSERT ON priced BEGIN INSERT INTO orders (id, cents) VALUES (new.id, new.cents); END;

ALTER TABLE orders DROP COLUMN note;

-- rollback
ALTER TABLE orders ADD COLUMN note VARCHAR(40);

-- Move data here: from orders (paid), dropped below, to orders (note).
-- UPDATE orders SET note = ...;
DROP TRIGGER entered;

DROP TRIGGER noted;

DROP VIEW in_euro;

DROP VIEW totals;

DROP VIEW priced;

ALTER TABLE orders DROP COLUMN paid;

CREATE VIEW priced AS
SELECT id, cents FROM orders;

CREATE VIEW totals AS
SELECT sum(cents) AS cents FROM priced;

CREATE VIEW in_euro AS
SELECT cents / 100.0 AS euro FROM totals;

CREATE TRIGGER entered INSTEAD OF INSERT ON priced BEGIN INSERT INTO orders (id, cents) VALUES (new.id, new.cents); END;

CREATE TRIGGER noted AFTER INSERT ON orders BEGIN UPDATE orders SET cents = (SELECT max(euro) FROM in_euro) WHERE cents IS NULL; END;
