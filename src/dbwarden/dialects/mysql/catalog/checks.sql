-- Checks. On MariaDB some belong to a column's definition and have its name. On MySQL the conditions come first, then the
-- tables: a join of these two views takes a minute with a thousand tables.
SELECT NULL AS name, NULL AS table_name, NULL, NULL, 0 FROM DUAL WHERE 1 = 0
/*M!
UNION ALL
SELECT c.CONSTRAINT_NAME, c.TABLE_NAME, c.CHECK_CLAUSE, 'YES', c.LEVEL = 'Column'
FROM information_schema.CHECK_CONSTRAINTS c
WHERE c.CONSTRAINT_SCHEMA = DATABASE() AND LEFT(c.TABLE_NAME, 9) <> 'dbwarden_'
*/
/*!80016
UNION ALL
SELECT c.CONSTRAINT_NAME, NULL, c.CHECK_CLAUSE, NULL, 0
FROM information_schema.CHECK_CONSTRAINTS c
WHERE c.CONSTRAINT_SCHEMA = DATABASE()
UNION ALL
SELECT t.CONSTRAINT_NAME, t.TABLE_NAME, NULL, t.ENFORCED, 0
FROM information_schema.TABLE_CONSTRAINTS t
WHERE t.TABLE_SCHEMA = DATABASE() AND t.CONSTRAINT_TYPE = 'CHECK' AND LEFT(t.TABLE_NAME, 9) <> 'dbwarden_'
*/
ORDER BY table_name, name
