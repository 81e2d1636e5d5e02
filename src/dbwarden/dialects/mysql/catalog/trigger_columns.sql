-- Triggers of the current database, a row for each column of their tables.
SELECT t.trigger_name, t.event_object_table, t.action_statement, c.column_name
FROM information_schema.triggers AS t
JOIN information_schema.columns AS c
    ON c.table_schema = DATABASE() AND c.table_name = t.event_object_table
WHERE t.trigger_schema = DATABASE()
ORDER BY t.trigger_name
