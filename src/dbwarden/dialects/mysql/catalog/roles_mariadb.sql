-- Roles, with the other databases in which they have privileges, and memberships with their options.
SELECT
    'role', u.User, u.Host, '',
    (
        SELECT GROUP_CONCAT(DISTINCT CONCAT('privileges in database ', p.Db) ORDER BY p.Db SEPARATOR ', ')
        FROM (
            SELECT Db, User, Host FROM mysql.db
            UNION SELECT Db, User, Host FROM mysql.tables_priv
            UNION SELECT Db, User, Host FROM mysql.procs_priv
        ) AS p
        WHERE p.User = u.User AND p.Host = '' AND p.Db NOT IN (DATABASE(), REPLACE(DATABASE(), '_', '\\_'))
    )
FROM mysql.user AS u
WHERE u.is_role = 'Y'
UNION ALL
SELECT
    'membership', m.Role, '', CONCAT(m.User, '@', m.Host),
    CONCAT_WS(', ', IF(m.Admin_option = 'Y', 'ADMIN OPTION', NULL), IF(u.default_role = m.Role, 'DEFAULT', NULL))
FROM mysql.roles_mapping AS m
LEFT JOIN mysql.user AS u ON u.User = m.User AND u.Host = m.Host
