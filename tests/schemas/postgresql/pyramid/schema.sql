CREATE TABLE sales (id integer PRIMARY KEY, region text, product text, amount numeric(10, 2), sold_on date);
CREATE VIEW valid AS SELECT * FROM sales WHERE amount > 0;
CREATE VIEW by_product AS SELECT product, region, sum(amount) AS total FROM valid GROUP BY product, region;
CREATE VIEW by_region AS SELECT region, sum(total) AS total FROM by_product GROUP BY region;
CREATE VIEW shares AS SELECT p.product, p.region, p.total / nullif(r.total, 0) AS share FROM by_product p JOIN by_region r USING (region);
CREATE MATERIALIZED VIEW leaders AS SELECT DISTINCT ON (region) region, product, share FROM shares ORDER BY region, share DESC;
CREATE UNIQUE INDEX leaders_region ON leaders (region);
CREATE VIEW top AS SELECT region FROM leaders WHERE share > 0.5;
