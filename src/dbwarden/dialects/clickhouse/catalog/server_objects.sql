-- SQL functions, and named collections by their keys: objects of the server. The values of a collection are not read, whatever
-- the account may see.
SELECT name, 'Function', create_query FROM system.functions WHERE origin = 'SQLUserDefined' ORDER BY name
UNION ALL
SELECT
    name,
    'NamedCollection',
    'CREATE NAMED COLLECTION ' || name || ' AS '
        || arrayStringConcat(arrayMap(key -> '`' || key || '` = \'[HIDDEN]\'', mapKeys(collection)), ', ')
FROM system.named_collections
ORDER BY name
