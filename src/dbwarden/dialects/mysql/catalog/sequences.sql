-- Names of the sequences of the current database.
SELECT table_name FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_type = 'SEQUENCE'
ORDER BY table_name
