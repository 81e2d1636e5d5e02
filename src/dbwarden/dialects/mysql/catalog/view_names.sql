-- Names of the views of the current database.
SELECT table_name FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_type = 'VIEW'
ORDER BY table_name
