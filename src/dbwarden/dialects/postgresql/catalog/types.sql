-- Enums, domains and composite types of every schema (a column in scope may use them), but not those of extensions.
SELECT
    t.oid::int8,
    t.typarray::int8,
    n.nspname::text,
    t.typname::text,
    t.typtype::text,
    CASE WHEN t.typtype = 'e' THEN ARRAY(
        SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder
    ) END,
    d.description,
    CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END,
    t.typbasetype::int8,
    t.typnotnull,
    CASE WHEN t.typtype = 'd' THEN pg_catalog.pg_get_expr(t.typdefaultbin, 0) END,
    CASE WHEN t.typcollation <> b.typcollation THEN co.collname::text END,
    CASE WHEN t.typtype = 'd' THEN ARRAY(
        SELECT c.conname::text FROM pg_catalog.pg_constraint c
        WHERE c.contypid = t.oid AND c.contype = 'c' ORDER BY c.conname
    ) END,
    CASE WHEN t.typtype = 'd' THEN ARRAY(
        SELECT pg_catalog.pg_get_constraintdef(c.oid) FROM pg_catalog.pg_constraint c
        WHERE c.contypid = t.oid AND c.contype = 'c' ORDER BY c.conname
    ) END,
    CASE WHEN t.typtype = 'c' THEN ARRAY(
        SELECT pg_catalog.format('%I %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod))
            || CASE WHEN a.attcollation <> y.typcollation THEN pg_catalog.format(
                ' COLLATE %s.%I', l.collnamespace::regnamespace, l.collname
            ) ELSE '' END
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
        LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
        WHERE a.attrelid = t.typrelid AND NOT a.attisdropped ORDER BY a.attnum
    ) END,
    CASE WHEN t.typtype = 'c' THEN ARRAY(
        SELECT a.atttypid::int8 FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND NOT a.attisdropped
    ) END
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_collation co ON co.oid = t.typcollation
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = t.oid AND d.classoid = 'pg_catalog.pg_type'::regclass AND d.objsubid = 0
LEFT JOIN pg_catalog.pg_class r ON r.oid = t.typrelid
WHERE (t.typtype IN ('e', 'd') OR r.relkind = 'c')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend x
        WHERE x.classid = 'pg_catalog.pg_type'::regclass AND x.objid = t.oid AND x.deptype = 'e'
    )
ORDER BY n.nspname, t.typname
