-- Names of the stored functions of the current database.
SELECT routine_name FROM information_schema.routines
WHERE routine_schema = DATABASE() AND routine_type = 'FUNCTION'
