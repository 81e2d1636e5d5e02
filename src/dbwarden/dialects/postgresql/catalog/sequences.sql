-- Sequences in scope; those of serial (a) and identity (i) columns with their column.
SELECT
    n.nspname::text,
    c.relname::text,
    pg_catalog.format_type(s.seqtypid, NULL),
    s.seqstart,
    s.seqincrement,
    s.seqmin,
    s.seqmax,
    s.seqcache,
    s.seqcycle,
    x.deptype::text,
    x.refobjid::int8,
    x.refobjsubid
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend x
    ON x.classid = 'pg_catalog.pg_class'::regclass AND x.objid = c.oid AND x.objsubid = 0
    AND x.refclassid = 'pg_catalog.pg_class'::regclass AND x.deptype IN ('a', 'i') AND x.refobjsubid > 0
WHERE n.nspname = ANY (:'namespaces')
    AND c.relname !~ '^dbwarden_'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend e
        WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
    )
ORDER BY n.nspname, c.relname
