-- Tables, partitioned tables and foreign tables in scope; not partitions, not ours, not those of extensions.
SELECT
    c.oid::int8,
    n.nspname::text,
    c.relname::text,
    c.relpersistence = 'u',
    c.reloptions,
    ts.spcname::text,
    CASE WHEN am.amname <> 'heap' THEN am.amname::text END,
    d.description,
    CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
    CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid) THEN ARRAY(
        SELECT p.relname::text FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
        WHERE i.inhrelid = c.oid ORDER BY i.inhseqno
    ) END,
    c.relrowsecurity,
    c.relforcerowsecurity,
    CASE WHEN c.relkind = 'f' THEN (
        SELECT s.srvname::text FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
        WHERE f.ftrelid = c.oid
    ) END,
    CASE WHEN c.relkind = 'f' THEN ARRAY(
        SELECT o.option_name || '=' || o.option_value
        FROM pg_catalog.pg_foreign_table f CROSS JOIN LATERAL pg_catalog.pg_options_to_table(f.ftoptions) AS o
        WHERE f.ftrelid = c.oid
    ) END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0
WHERE c.relkind IN ('r', 'p', 'f')
    AND NOT c.relispartition
    AND n.nspname = ANY (:'namespaces')
    AND NOT pg_catalog.starts_with(c.relname::text, 'dbwarden_')
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend x
        WHERE x.classid = 'pg_catalog.pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e'
    )
ORDER BY n.nspname, c.relname
