-- expect: WARN foreign key orders_customer reads all of orders
ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id);
-- expect: WARN check reads all
ALTER TABLE orders ADD CHECK (total > 0);
-- ok
ALTER TABLE orders ADD CONSTRAINT a FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;
-- ok
ALTER TABLE orders ADD CONSTRAINT b CHECK (total > 0) NOT VALID;
-- ok
ALTER TABLE orders VALIDATE CONSTRAINT b;
-- ok: made here
CREATE TABLE fresh (id integer);
-- ok
ALTER TABLE fresh ADD FOREIGN KEY (id) REFERENCES orders (id);
