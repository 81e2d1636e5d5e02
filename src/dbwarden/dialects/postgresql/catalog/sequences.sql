-- Sequences in scope; those that a column owns (a) and those of identity columns (i) with their column, and whether that
-- is a serial column: required, of an integer type, and with a default that is drawn from the sequence and nothing else.
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
    x.refobjsubid,
    x.deptype = 'a' AND a.attnotnull
    AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
    AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(''%''::regclass)' AND EXISTS (
        SELECT FROM pg_catalog.pg_depend y
        WHERE y.classid = 'pg_catalog.pg_attrdef'::regclass AND y.objid = d.oid
            AND y.refclassid = 'pg_catalog.pg_class'::regclass AND y.refobjid = c.oid
    ),
    tn.nspname::text,
    t.relname::text,
    a.attname::text,
    -- Owner and privileges; {} stands for the name.
    ARRAY(
        SELECT pg_catalog.format('ALTER SEQUENCE {} OWNER TO %I', pg_catalog.pg_get_userbyid(c.relowner))
        WHERE pg_catalog.pg_get_userbyid(c.relowner) <> CURRENT_USER AND x.refobjid IS NULL
        UNION ALL
        SELECT pg_catalog.format(
            'GRANT %s ON SEQUENCE {} TO %s%s', pg_catalog.string_agg(e.privilege_type, ', ' ORDER BY e.privilege_type),
            g.grantee, CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' END
        )
        FROM pg_catalog.aclexplode(c.relacl) AS e
        CROSS JOIN LATERAL (
            SELECT CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE e.grantee::regrole::text END
        ) AS g (grantee)
        WHERE e.grantor = c.relowner AND e.grantee <> c.relowner
        GROUP BY g.grantee, e.is_grantable
    ),
    pg_catalog.obj_description(c.oid, 'pg_class')
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend x
    ON x.classid = 'pg_catalog.pg_class'::regclass AND x.objid = c.oid AND x.objsubid = 0
    AND x.refclassid = 'pg_catalog.pg_class'::regclass AND x.deptype IN ('a', 'i') AND x.refobjsubid > 0
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = x.refobjid AND d.adnum = x.refobjsubid
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = x.refobjid AND a.attnum = x.refobjsubid
LEFT JOIN pg_catalog.pg_class t ON t.oid = x.refobjid
LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
WHERE n.nspname = ANY (:'namespaces')
    AND NOT pg_catalog.starts_with(c.relname::text, 'dbwarden_')
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend e
        WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
    )
ORDER BY n.nspname, c.relname
