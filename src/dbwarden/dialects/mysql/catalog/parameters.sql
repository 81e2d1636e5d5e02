-- Parameters of all routines; position 0 is what a function returns.
SELECT
    routine_type,
    specific_name,
    parameter_name,
    parameter_mode,
    dtd_identifier,
    character_set_name,
    collation_name
FROM information_schema.parameters
WHERE specific_schema = DATABASE() AND ordinal_position > 0
ORDER BY specific_name, routine_type, ordinal_position
