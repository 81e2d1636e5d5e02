-- Privileges on the routines of the current database, without those that CREATE gives the session's own account.
SELECT
    p.routine_type,
    p.routine_name,
    p.user,
    p.host,
    p.proc_priv
FROM mysql.procs_priv AS p
WHERE p.db = DATABASE()
    AND NOT (@@automatic_sp_privileges AND CONCAT(p.user, '@', p.host) = CURRENT_USER() AND NOT FIND_IN_SET('Grant', p.proc_priv))
ORDER BY p.routine_name, p.routine_type, p.user, p.host
