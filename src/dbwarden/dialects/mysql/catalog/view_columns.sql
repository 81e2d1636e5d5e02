-- The columns of all views: MySQL keeps the names that CREATE VIEW gave them outside of the query.
SELECT c.table_name, c.column_name
FROM information_schema.columns AS c
JOIN information_schema.views AS v ON v.table_schema = c.table_schema AND v.table_name = c.table_name
WHERE c.table_schema = DATABASE()
ORDER BY c.table_name, c.ordinal_position
