-- Owners of relations, routines, types and statistics in scope, of the schemas, and of what belongs to the database; they are read
-- only for those who declare some. Not of what an extension has.
SELECT
    o.kind,
    n.nspname::text,
    o.name,
    pg_catalog.pg_get_userbyid(o.owner)::text,
    o.on_table
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
        c.relowner AS owner,
        NULL::text AS on_table
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
        p.proowner,
        NULL
    FROM pg_catalog.pg_proc p
    WHERE p.prokind IN ('f', 'p', 'a')
    UNION ALL
    SELECT
        'pg_catalog.pg_type'::regclass,
        t.oid,
        CASE t.typtype WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum' ELSE 'range_type' END,
        t.typnamespace,
        t.typname::text,
        t.typowner,
        NULL
    FROM pg_catalog.pg_type t
    WHERE t.typtype IN ('d', 'e', 'r')
    UNION ALL
    SELECT 'pg_catalog.pg_statistic_ext'::regclass, s.oid, 'statistics', s.stxnamespace, s.stxname::text, s.stxowner, c.relname::text
    FROM pg_catalog.pg_statistic_ext s
    JOIN pg_catalog.pg_class c ON c.oid = s.stxrelid
    UNION ALL
    SELECT 'pg_catalog.pg_collation'::regclass, l.oid, 'collation', l.collnamespace, l.collname::text, l.collowner, NULL
    FROM pg_catalog.pg_collation l
    UNION ALL
    SELECT 'pg_catalog.pg_ts_dict'::regclass, i.oid, 'text_search_dictionary', i.dictnamespace, i.dictname::text, i.dictowner, NULL
    FROM pg_catalog.pg_ts_dict i
    UNION ALL
    SELECT 'pg_catalog.pg_ts_config'::regclass, g.oid, 'text_search_configuration', g.cfgnamespace, g.cfgname::text, g.cfgowner, NULL
    FROM pg_catalog.pg_ts_config g
    UNION ALL
    SELECT 'pg_catalog.pg_namespace'::regclass, s.oid, 'namespace', s.oid, s.nspname::text, s.nspowner, NULL
    FROM pg_catalog.pg_namespace s
    UNION ALL
    SELECT 'pg_catalog.pg_event_trigger'::regclass, e.oid, 'event_trigger', NULL, e.evtname::text, e.evtowner, NULL
    FROM pg_catalog.pg_event_trigger e
    UNION ALL
    SELECT 'pg_catalog.pg_foreign_server'::regclass, s.oid, 'foreign_server', NULL, s.srvname::text, s.srvowner, NULL
    FROM pg_catalog.pg_foreign_server s
    UNION ALL
    SELECT 'pg_catalog.pg_publication'::regclass, b.oid, 'publication', NULL, b.pubname::text, b.pubowner, NULL
    FROM pg_catalog.pg_publication b
) AS o
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.namespace
WHERE (n.nspname = ANY (:'namespaces') OR o.namespace IS NULL)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend x WHERE x.classid = o.class AND x.objid = o.oid AND x.deptype = 'e'
    )
ORDER BY 1, 2, 3
