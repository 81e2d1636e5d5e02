-- Foreign keys with their actions, each followed by its pairs of columns. A join of these two views takes minutes on MySQL.
SELECT
    r.TABLE_NAME AS table_name,
    r.CONSTRAINT_NAME AS name,
    0 AS place,
    NULLIF(r.UNIQUE_CONSTRAINT_SCHEMA, DATABASE()),
    r.REFERENCED_TABLE_NAME,
    r.UPDATE_RULE,
    r.DELETE_RULE
FROM information_schema.REFERENTIAL_CONSTRAINTS r
WHERE r.CONSTRAINT_SCHEMA = DATABASE() AND LEFT(r.TABLE_NAME, 9) <> 'dbwarden_'
UNION ALL
SELECT k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION, k.COLUMN_NAME, k.REFERENCED_COLUMN_NAME, NULL, NULL
FROM information_schema.KEY_COLUMN_USAGE k
WHERE k.TABLE_SCHEMA = DATABASE() AND k.REFERENCED_TABLE_NAME IS NOT NULL AND LEFT(k.TABLE_NAME, 9) <> 'dbwarden_'
ORDER BY table_name, name, place
