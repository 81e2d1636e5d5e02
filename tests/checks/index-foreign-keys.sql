-- engine: postgresql sqlite
-- expect: WARN no index begins with the foreign key (customer_id) of orders
ALTER TABLE orders ADD COLUMN customer_id integer REFERENCES customers (id);
-- ok
ALTER TABLE orders ADD COLUMN shop_id integer REFERENCES shops;
CREATE INDEX ix_shop ON orders (shop_id, customer_id);
-- ok: made here
CREATE TABLE fresh (id integer REFERENCES orders (id));

-- next: constraints
-- file: 0001_orders.sql
CREATE TABLE orders (id integer, a integer, b integer, c integer, d integer UNIQUE, PRIMARY KEY (a, b, c));
-- file: 0002_keys.sql
-- ok: the primary key begins so
ALTER TABLE orders ADD FOREIGN KEY (b, a) REFERENCES other (b, a);
-- ok: unique
ALTER TABLE orders ADD FOREIGN KEY (d) REFERENCES other (d);
-- expect: WARN (b, c)
ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (b, c) REFERENCES other (b, c) NOT VALID;
-- expect: WARN (id)
ALTER TABLE orders ADD FOREIGN KEY (id) REFERENCES other (id);
-- ok: neither partial indexes nor expressions count
CREATE INDEX ix_id ON orders (id) WHERE id > 0;
CREATE INDEX ix_id2 ON orders (lower(id), id);

-- next: built by the engine
-- engine: mysql mariadb
-- ok
ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES other (b);
