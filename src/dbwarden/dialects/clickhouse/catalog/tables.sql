-- Tables, views and dictionaries of the current database with their definitions; SQL functions and the keys of named collections,
-- which are the server's. Internal tables of materialized views stay out, and our own and temporary ones. Passwords in
-- definitions read '[HIDDEN]'; the values of named collections are not read, whatever the account may see.
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
UNION ALL
SELECT name, 'Function', create_query FROM system.functions WHERE origin = 'SQLUserDefined' ORDER BY name
UNION ALL
SELECT
    name,
    'NamedCollection',
    'CREATE NAMED COLLECTION ' || name || ' AS '
        || arrayStringConcat(arrayMap(key -> '`' || key || '` = \'[HIDDEN]\'', mapKeys(collection)), ', ')
FROM system.named_collections
ORDER BY name
