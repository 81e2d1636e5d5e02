-- Functions, procedures and triggers in scope: text, table or view and function of a trigger, comment, and the statements that give
-- back the owner and privileges of a routine.
SELECT
    k.kind,
    n.nspname::text,
    p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
    pg_catalog.pg_get_functiondef(p.oid),
    NULL::text,
    NULL::text,
    NULL::text,
    NULL::text,
    pg_catalog.obj_description(p.oid, 'pg_proc'),
    ARRAY(
        SELECT h.statement
        FROM (
            SELECT 1, '', 1, pg_catalog.format('ALTER ROUTINE %s OWNER TO %I', k.signature, k.owner)
            WHERE k.owner <> CURRENT_USER
            UNION ALL
            SELECT 2, '', 1, pg_catalog.format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', k.signature)
            WHERE p.proacl IS NOT NULL AND NOT EXISTS (
                SELECT FROM pg_catalog.aclexplode(p.proacl) AS e WHERE e.grantee = 0
            )
            UNION ALL
            SELECT 3, g.grantee, 1 + e.is_grantable::int4, pg_catalog.format(
                'GRANT EXECUTE ON ROUTINE %s TO %s%s',
                k.signature, g.grantee, CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' END
            )
            FROM pg_catalog.aclexplode(p.proacl) AS e
            CROSS JOIN LATERAL (SELECT e.grantee::regrole::text) AS g (grantee)
            WHERE e.grantee NOT IN (0, p.proowner) AND e.grantor = p.proowner
        ) AS h (stage, name, step, statement)
        ORDER BY h.stage, h.name COLLATE "C", h.step
    )
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL (
    SELECT
        CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END,
        pg_catalog.pg_get_userbyid(p.proowner),
        p.oid::regprocedure
) AS k (kind, owner, signature)
WHERE p.prokind IN ('f', 'p')
    AND n.nspname = ANY (:'namespaces')
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend e
        WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'
    )
UNION ALL
SELECT
    'trigger',
    n.nspname::text,
    t.tgname::text,
    pg_catalog.pg_get_triggerdef(t.oid),
    CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END,
    c.relname::text,
    fn.nspname::text,
    f.proname || '(' || pg_catalog.pg_get_function_identity_arguments(f.oid) || ')',
    pg_catalog.obj_description(t.oid, 'pg_trigger'),
    '{}'::text[]
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid
JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
WHERE NOT t.tgisinternal
    AND c.relkind IN ('r', 'p', 'v')
    AND NOT c.relispartition
    AND n.nspname = ANY (:'namespaces')
    AND NOT pg_catalog.starts_with(c.relname::text, 'dbwarden_')
ORDER BY 1, 2, 6, 3
