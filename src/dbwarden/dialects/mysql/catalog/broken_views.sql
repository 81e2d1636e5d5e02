-- Views that the server cannot open; its message is in the place of their comment.
SELECT t.TABLE_NAME, t.TABLE_COMMENT
FROM information_schema.TABLES t
WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'VIEW' AND t.TABLE_COMMENT NOT IN ('', 'VIEW')
