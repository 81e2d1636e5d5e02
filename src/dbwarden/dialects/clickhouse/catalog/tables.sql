-- Tables, views and dictionaries of the current database with their definitions. Internal tables of materialized views stay
-- out, and our own and temporary ones. Passwords in definitions read '[HIDDEN]'.
SELECT
    name,
    engine,
    create_table_query
FROM system.tables
WHERE database = currentDatabase()
    AND NOT is_temporary
    AND NOT startsWith(name, 'dbwarden_')
    AND NOT startsWith(name, '.inner')
    AND NOT startsWith(name, '.tmp')
ORDER BY name
