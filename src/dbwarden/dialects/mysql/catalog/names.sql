-- Names of all databases, which the text of an object may mention, and of the sequences of the current one, with their comments.
SELECT 'database', schema_name, '', 0 FROM information_schema.schemata
UNION ALL
SELECT 'sequence', table_name, table_comment, 0 FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_type = 'SEQUENCE'
