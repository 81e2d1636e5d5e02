-- Views of the current database. MySQL has no column with their ALGORITHM.
SELECT
    v.table_name,
    v.view_definition,
    v.check_option,
    v.definer,
    v.security_type,
    v.character_set_client,
    NULL
FROM information_schema.views AS v
WHERE v.table_schema = DATABASE()
ORDER BY v.table_name
