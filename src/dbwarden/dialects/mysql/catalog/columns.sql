-- Columns, in the order of their tables. Those of views are read too: telling them apart would open each of them.
SELECT
    c.TABLE_NAME,
    c.COLUMN_NAME,
    c.COLUMN_TYPE,
    c.IS_NULLABLE,
    c.COLUMN_DEFAULT,
    c.EXTRA,
    c.COLLATION_NAME,
    c.COLUMN_COMMENT,
    c.GENERATION_EXPRESSION,
    /*!80003 c.SRS_ID, */ NULL
FROM information_schema.COLUMNS c
WHERE c.TABLE_SCHEMA = DATABASE() AND LEFT(c.TABLE_NAME, 9) <> 'dbwarden_'
ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION
