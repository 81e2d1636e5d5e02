-- Enums, domains, composite and range types of every schema (a column in scope may use them), but not those of extensions.
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
        SELECT a.attname::text FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = t.typrelid AND NOT a.attisdropped ORDER BY a.attnum
    ) END,
    CASE WHEN t.typtype = 'c' THEN ARRAY(
        SELECT pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = t.typrelid AND NOT a.attisdropped ORDER BY a.attnum
    ) END,
    CASE WHEN t.typtype = 'c' THEN ARRAY(
        SELECT CASE WHEN a.attcollation <> y.typcollation THEN l.collname::text END
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
        LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
        WHERE a.attrelid = t.typrelid AND NOT a.attisdropped ORDER BY a.attnum
    ) END,
    CASE WHEN t.typtype = 'c' THEN ARRAY(
        SELECT a.atttypid::int8 FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = t.typrelid AND NOT a.attisdropped ORDER BY a.attnum
    ) END,
    -- What a range type is made of, in the order of CREATE TYPE, without the defaults of its subtype.
    CASE WHEN t.typtype = 'r' THEN (
        SELECT pg_catalog.concat_ws(', ',
            'subtype = ' || pg_catalog.format_type(g.rngsubtype, NULL),
            'subtype_opclass = ' || CASE WHEN NOT o.opcdefault THEN pg_catalog.quote_ident(o.opcname) END,
            'collation = ' || CASE WHEN g.rngcollation <> s.typcollation THEN l.collnamespace::regnamespace || '.'
                || pg_catalog.quote_ident(l.collname) END,
            'canonical = ' || CASE WHEN g.rngcanonical::oid <> 0 THEN g.rngcanonical::text END,
            'subtype_diff = ' || CASE WHEN g.rngsubdiff::oid <> 0 THEN g.rngsubdiff::text END
        )
        FROM pg_catalog.pg_range g
        JOIN pg_catalog.pg_type s ON s.oid = g.rngsubtype
        JOIN pg_catalog.pg_opclass o ON o.oid = g.rngsubopc
        LEFT JOIN pg_catalog.pg_collation l ON l.oid = g.rngcollation
        WHERE g.rngtypid = t.oid
    ) END,
    -- Owner and privileges; {} stands for the name.
    ARRAY(
        SELECT pg_catalog.format(
            'ALTER %s {} OWNER TO %I', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END,
            pg_catalog.pg_get_userbyid(t.typowner)
        )
        WHERE pg_catalog.pg_get_userbyid(t.typowner) <> CURRENT_USER
        UNION ALL
        SELECT 'REVOKE USAGE ON TYPE {} FROM PUBLIC'
        WHERE t.typacl IS NOT NULL
            AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(t.typacl) AS e WHERE e.grantee = 0)
        UNION ALL
        SELECT pg_catalog.format(
            'GRANT USAGE ON TYPE {} TO %s%s', e.grantee::regrole, CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' END
        )
        FROM pg_catalog.aclexplode(t.typacl) AS e
        WHERE e.grantor = t.typowner AND e.grantee NOT IN (0, t.typowner)
    )
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_collation co ON co.oid = t.typcollation
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = t.oid AND d.classoid = 'pg_catalog.pg_type'::regclass AND d.objsubid = 0
LEFT JOIN pg_catalog.pg_class r ON r.oid = t.typrelid
WHERE (t.typtype IN ('e', 'd', 'r') OR r.relkind = 'c')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend x
        WHERE x.classid = 'pg_catalog.pg_type'::regclass AND x.objid = t.oid AND x.deptype = 'e'
    )
ORDER BY n.nspname, t.typname
