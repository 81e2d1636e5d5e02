-- Rows and bytes of every table; both are exact for MergeTree, and NULL for tables whose rows are elsewhere.
SELECT name, total_rows, total_bytes
FROM system.tables
WHERE database = currentDatabase() AND NOT is_temporary AND NOT startsWith(name, '.inner') AND has_own_data
