-- expect: WARN index ix_a keeps writers away from orders
CREATE INDEX ix_a ON orders (a);
-- expect: WARN index ix_b
CREATE UNIQUE INDEX IF NOT EXISTS ix_b ON shop.orders USING btree (b) WHERE b > 0;
-- ok
CREATE INDEX CONCURRENTLY ix_c ON orders (c);
-- ok: made here
CREATE TABLE fresh (id integer);
-- ok
CREATE INDEX ix_f ON fresh (id);

-- next: few rows, many rows
-- sizes: orders=12 events=5000000
-- expect: INFO index ix_a
CREATE INDEX ix_a ON orders (a);
-- expect: WARN events (about 5,000,000 rows
CREATE INDEX ix_e ON events (a);

-- next: the whole file is locked anyway
-- engine: sqlite
-- ok
CREATE INDEX ix_a ON orders (a);

-- next: what InnoDB builds while others write
-- engine: mysql mariadb
-- ok
CREATE INDEX ix_a ON orders (a);
-- expect: WARN index ft keeps writers away from orders
CREATE FULLTEXT INDEX ft ON orders (note);
-- expect: WARN index sp keeps writers away from orders
CREATE SPATIAL INDEX sp ON orders (place);
