-- engine: mysql mariadb
-- runner: gh-ost
-- upgrade
-- expect: INFO gh-ost changes orders by a copy
ALTER TABLE orders MODIFY total BIGINT, ALGORITHM=COPY;
-- expect: CRITICAL CREATE INDEX i ON orders (total): this cannot run through gh-ost: it is not an ALTER TABLE
CREATE INDEX i ON orders (total);
-- expect: CRITICAL rows that a new unique key refuses would be lost
ALTER TABLE orders ADD UNIQUE (number);

-- next: an engine without such programs
-- engine: postgresql sqlite
-- runner: gh-ost
-- upgrade
-- expect: CRITICAL no such program changes tables of this engine
ALTER TABLE orders ADD COLUMN total integer;

-- next: without the header
-- engine: mysql mariadb
-- ok
ALTER TABLE orders ADD UNIQUE (number);
