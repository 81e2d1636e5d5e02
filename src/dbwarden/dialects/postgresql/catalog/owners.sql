-- Owners of relations, routines and types in scope, which are read only for those who declare some; not of what an extension has.
SELECT
    o.kind,
    n.nspname::text,
    o.name,
    pg_catalog.pg_get_userbyid(o.owner)::text
FROM (
    SELECT
        'pg_catalog.pg_class'::regclass AS class,
        c.oid,
        CASE c.relkind
            WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized_view' WHEN 'S' THEN 'sequence'
            WHEN 'c' THEN 'composite_type' ELSE 'table'
        END AS kind,
        c.relnamespace AS namespace,
        c.relname::text AS name,
        c.relowner AS owner
    FROM pg_catalog.pg_class c
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c')
        AND NOT c.relispartition
        AND NOT pg_catalog.starts_with(c.relname::text, 'dbwarden_')
    UNION ALL
    SELECT
        'pg_catalog.pg_proc'::regclass,
        p.oid,
        CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
        p.pronamespace,
        p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
        p.proowner
    FROM pg_catalog.pg_proc p
    WHERE p.prokind IN ('f', 'p', 'a')
    UNION ALL
    SELECT
        'pg_catalog.pg_type'::regclass,
        t.oid,
        CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'range_type' END,
        t.typnamespace,
        t.typname::text,
        t.typowner
    FROM pg_catalog.pg_type t
    WHERE t.typtype IN ('d', 'r')
) AS o
JOIN pg_catalog.pg_namespace n ON n.oid = o.namespace
WHERE n.nspname = ANY (:'namespaces')
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend x WHERE x.classid = o.class AND x.objid = o.oid AND x.deptype = 'e'
    )
ORDER BY 1, 2, 3
