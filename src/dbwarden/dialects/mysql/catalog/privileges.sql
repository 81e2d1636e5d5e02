-- Privileges in the current database by level, account and object, as a list. Of the tables of the server itself, because
-- information_schema leaves out, without a word, those of others that the session may not see.
SELECT 'database', d.User, d.Host, '', '', 'of the database'
FROM mysql.db AS d
WHERE d.Db IN (DATABASE(), REPLACE(DATABASE(), '_', '\\_'))
UNION ALL
SELECT 'table', t.User, t.Host, t.Table_name, '', t.Table_priv
FROM mysql.tables_priv AS t
WHERE t.Db = DATABASE()
UNION ALL
SELECT 'table', c.User, c.Host, c.Table_name, c.Column_name, c.Column_priv
FROM mysql.columns_priv AS c
WHERE c.Db = DATABASE()
UNION ALL
SELECT LOWER(p.Routine_type), p.User, p.Host, p.Routine_name, '', p.Proc_priv
FROM mysql.procs_priv AS p
WHERE p.Db = DATABASE() AND p.Routine_type IN ('FUNCTION', 'PROCEDURE')
UNION ALL
SELECT
    'server', SUBSTRING_INDEX(SUBSTR(u.grantee, 2), '''@''', 1), TRIM(TRAILING '''' FROM SUBSTRING_INDEX(u.grantee, '''@''', -1)),
    '', '', CONCAT(IF(u.privilege_type = 'USAGE', '', u.privilege_type), IF(u.is_grantable = 'YES', ',GRANT', ''))
FROM information_schema.user_privileges AS u
