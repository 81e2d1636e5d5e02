-- Triggers of the current database, those of one table, time and event in the order in which they fire.
SELECT
    trigger_name,
    event_object_table,
    action_timing,
    event_manipulation,
    action_statement,
    sql_mode,
    definer,
    character_set_client,
    database_collation
FROM information_schema.triggers
WHERE trigger_schema = DATABASE()
ORDER BY event_object_table, action_timing, event_manipulation, action_order
