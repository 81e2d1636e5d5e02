-- Keys of all indexes, the primary key's too.
SELECT
    s.TABLE_NAME,
    s.INDEX_NAME,
    s.NON_UNIQUE,
    s.COLUMN_NAME,
    s.COLLATION,
    s.SUB_PART,
    s.INDEX_TYPE,
    s.INDEX_COMMENT,
    /*M!100600 s.IGNORED = 'YES' */ /*!80000 s.IS_VISIBLE = 'NO' */,
    /*!80013 s.EXPRESSION, */ NULL
FROM information_schema.STATISTICS s
WHERE s.TABLE_SCHEMA = DATABASE() AND LEFT(s.TABLE_NAME, 9) <> 'dbwarden_'
ORDER BY s.TABLE_NAME, s.INDEX_NAME, s.SEQ_IN_INDEX
