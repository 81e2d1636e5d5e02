-- Stored functions and procedures of the current database. DTD_IDENTIFIER is the type that a function returns.
SELECT
    routine_type,
    routine_name,
    dtd_identifier,
    character_set_name,
    collation_name,
    routine_definition,
    is_deterministic,
    sql_data_access,
    security_type,
    routine_comment,
    sql_mode,
    definer,
    character_set_client,
    database_collation,
    routine_body
FROM information_schema.routines
WHERE routine_schema = DATABASE()
ORDER BY routine_name, routine_type
