-- The columns of all views, behind the names: MySQL keeps those that CREATE VIEW gave them outside of the query.
UNION ALL
SELECT 'view column', c.table_name, c.column_name, c.ordinal_position
FROM information_schema.columns AS c
JOIN information_schema.views AS v ON v.table_schema = c.table_schema AND v.table_name = c.table_name
WHERE c.table_schema = DATABASE()
