-- Tables of the database, without views and sequences.
SELECT
    t.TABLE_NAME,
    t.TABLE_TYPE,
    t.ENGINE,
    t.ROW_FORMAT,
    t.TABLE_COLLATION,
    t.CREATE_OPTIONS,
    t.TABLE_COMMENT
FROM information_schema.TABLES t
WHERE t.TABLE_SCHEMA = DATABASE()
    AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
    AND LEFT(t.TABLE_NAME, 9) <> 'dbwarden_'
ORDER BY t.TABLE_NAME
