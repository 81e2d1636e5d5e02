-- Members of roles: role, member, whether it may pass the membership on, and where they differ from the default (version 16),
-- whether it inherits and whether it may SET ROLE. Not the memberships of roles that the server came with in one another.
SELECT
    g.rolname::text, m.rolname::text, pg_catalog.bool_or(a.admin_option),
    CASE WHEN pg_catalog.bool_or(a.inherit_option) <> m.rolinherit THEN pg_catalog.bool_or(a.inherit_option) END,
    CASE WHEN NOT pg_catalog.bool_or(a.set_option) THEN false END
FROM pg_catalog.pg_auth_members a
JOIN pg_catalog.pg_roles g ON g.oid = a.roleid
JOIN pg_catalog.pg_roles m ON m.oid = a.member
WHERE m.oid >= 16384 AND m.rolname !~ '^pg_'
GROUP BY g.rolname, m.rolname, m.rolinherit
ORDER BY g.rolname COLLATE "C", m.rolname COLLATE "C"
