-- Default privileges by role, schema (NULL for all), kind of objects and grantee, with the privileges as in privileges.sql. Not
-- those of the role itself. An empty list: PUBLIC gets none of a routine or type.
SELECT
    pg_catalog.pg_get_userbyid(d.defaclrole)::text, n.nspname::text, d.defaclobjtype::text, g.grantee,
    ARRAY(
        SELECT e.privilege_type || CASE WHEN pg_catalog.bool_or(e.is_grantable) THEN '*' ELSE '' END
        FROM pg_catalog.aclexplode(d.defaclacl) AS e
        WHERE e.grantee = g.oid
        GROUP BY e.privilege_type
        ORDER BY e.privilege_type
    )
FROM pg_catalog.pg_default_acl d
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
CROSS JOIN LATERAL (
    SELECT e.grantee, CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(e.grantee)::text END
    FROM pg_catalog.aclexplode(d.defaclacl) AS e
    WHERE e.grantee <> d.defaclrole
    UNION
    SELECT 0, 'PUBLIC'
) AS g (oid, grantee)
WHERE d.defaclobjtype IN ('r', 'S', 'f', 'T', 'n')
    AND (d.defaclnamespace = 0 OR n.nspname = ANY (:'namespaces'))
ORDER BY 1, 2 NULLS FIRST, 3, g.grantee COLLATE "C"
