-- Functions, procedures and triggers in scope, whole.
SELECT
    CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END,
    n.nspname::text,
    p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
    pg_catalog.pg_get_functiondef(p.oid),
    NULL::text,
    NULL::text,
    NULL::text
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
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
    c.relname::text,
    fn.nspname::text,
    f.proname || '(' || pg_catalog.pg_get_function_identity_arguments(f.oid) || ')'
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid
JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
WHERE NOT t.tgisinternal
    AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition
    AND n.nspname = ANY (:'namespaces')
    AND NOT pg_catalog.starts_with(c.relname::text, 'dbwarden_')
ORDER BY 1, 2, 5, 3
