-- Checks. On MariaDB some belong to a column's definition and have its name. MySQL names the tables in a view of its own
-- (check_tables.sql), which it joins with this one row by row.
/*M!
SELECT c.TABLE_NAME, c.CONSTRAINT_NAME, c.CHECK_CLAUSE, 'YES', c.LEVEL = 'Column'
FROM information_schema.CHECK_CONSTRAINTS c
WHERE c.CONSTRAINT_SCHEMA = DATABASE() AND LEFT(c.TABLE_NAME, 9) <> 'dbwarden_'
ORDER BY c.TABLE_NAME, c.LEVEL, c.CONSTRAINT_NAME
*/
/*!80016
SELECT c.CONSTRAINT_NAME, c.CHECK_CLAUSE
FROM information_schema.CHECK_CONSTRAINTS c
WHERE c.CONSTRAINT_SCHEMA = DATABASE()
*/
