REVOKE INSERT ON sales.orders FROM pg_monitor;
GRANT DELETE ON sales.orders TO pg_monitor;
REVOKE SELECT ON notes FROM PUBLIC;
GRANT SELECT ON notes TO pg_read_all_data;
CREATE OR REPLACE VIEW totals AS SELECT customer, sum(amount) AS total FROM sales.orders WHERE amount > 0 GROUP BY customer;
