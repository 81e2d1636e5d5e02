-- Roles as CREATE ROLE makes them (locked accounts without a password), with the other databases in which they have privileges, and
-- memberships with their options.
SELECT
    'role', u.User, u.Host, '',
    (
        SELECT GROUP_CONCAT(DISTINCT CONCAT('privileges in database ', p.Db) ORDER BY p.Db SEPARATOR ', ')
        FROM (
            SELECT Db, User, Host FROM mysql.db
            UNION SELECT Db, User, Host FROM mysql.tables_priv
            UNION SELECT Db, User, Host FROM mysql.procs_priv
        ) AS p
        WHERE p.User = u.User AND p.Host = u.Host AND p.Db NOT IN (DATABASE(), REPLACE(DATABASE(), '_', '\\_'))
    )
FROM mysql.user AS u
WHERE u.account_locked = 'Y' AND u.authentication_string = ''
UNION ALL
SELECT
    'membership', e.FROM_USER, e.FROM_HOST, CONCAT(e.TO_USER, '@', e.TO_HOST),
    CONCAT_WS(', ', IF(e.WITH_ADMIN_OPTION = 'Y', 'ADMIN OPTION', NULL), IF(d.USER IS NOT NULL, 'DEFAULT', NULL))
FROM mysql.role_edges AS e
LEFT JOIN mysql.default_roles AS d
    ON d.USER = e.TO_USER AND d.HOST = e.TO_HOST AND d.DEFAULT_ROLE_USER = e.FROM_USER AND d.DEFAULT_ROLE_HOST = e.FROM_HOST
