-- Rows and bytes of every table of the MergeTree family, for servers whose system.tables lacks them.
SELECT table, sum(rows), sum(bytes)
FROM system.parts
WHERE database = currentDatabase() AND active AND NOT startsWith(table, '.inner')
GROUP BY table
