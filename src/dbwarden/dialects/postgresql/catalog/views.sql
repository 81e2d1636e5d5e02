-- Views and materialized views in scope: text, indexes, comment, and the columns and relations they stand on.
SELECT
    c.relkind::text,
    n.nspname::text,
    c.relname::text,
    pg_catalog.pg_get_viewdef(c.oid),
    c.reloptions,
    CASE WHEN c.relkind = 'm' THEN ARRAY(
        SELECT pg_catalog.pg_get_indexdef(i.indexrelid)
        FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
        WHERE i.indrelid = c.oid ORDER BY ic.relname
    ) END,
    d.description,
    ARRAY(
        SELECT DISTINCT pg_catalog.concat_ws(E'\x1f', r.relkind::text, rn.nspname, r.relname, a.attname)
        FROM pg_catalog.pg_rewrite w
        JOIN pg_catalog.pg_depend x ON x.classid = 'pg_catalog.pg_rewrite'::regclass AND x.objid = w.oid
            AND x.refclassid = 'pg_catalog.pg_class'::regclass AND x.refobjid <> c.oid
        JOIN pg_catalog.pg_class r ON r.oid = x.refobjid
        JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum = x.refobjsubid AND x.refobjsubid > 0
        WHERE w.ev_class = c.oid
    )
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0
WHERE c.relkind IN ('v', 'm')
    AND n.nspname = ANY (:'namespaces')
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend e
        WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
    )
ORDER BY n.nspname, c.relname
