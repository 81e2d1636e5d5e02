-- Privileges by object and grantee: kind, schema, name, column, grantee, and the privileges, sorted, with an asterisk where they
-- may be passed on. Not those of the owner, and not those that somebody else has granted. An empty list: PUBLIC has none of an
-- object, such as a routine, of which everybody has some by default. The last column is the column that a sequence belongs to.
WITH relations AS (
    SELECT
        c.oid,
        CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized_view' WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind,
        n.nspname, c.relname, c.relowner, c.relacl
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
        AND NOT c.relispartition
        AND n.nspname = ANY (:'namespaces')
        AND NOT (c.relkind NOT IN ('v', 'm') AND pg_catalog.starts_with(c.relname::text, 'dbwarden_'))
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend e
            WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
        )
),
objects (kind, schema, name, attribute, owner, acl, oid) AS (
    SELECT r.kind, r.nspname::text, r.relname::text, NULL, r.relowner, r.relacl, r.oid FROM relations r
    UNION ALL
    SELECT r.kind, r.nspname::text, r.relname::text, a.attname::text, r.relowner, a.attacl, NULL
    FROM relations r
    JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attacl IS NOT NULL
    UNION ALL
    SELECT
        CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, n.nspname::text,
        p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', NULL, p.proowner, p.proacl, NULL
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prokind IN ('f', 'p', 'a')
        AND n.nspname = ANY (:'namespaces')
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend e
            WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'
        )
    UNION ALL
    SELECT
        CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range_type' ELSE 'composite_type' END,
        n.nspname::text, t.typname::text, NULL, t.typowner, t.typacl, NULL
    FROM pg_catalog.pg_type t
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype IN ('e', 'd', 'c', 'r')
        AND n.nspname = ANY (:'namespaces')
        AND t.typacl IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend e
            WHERE e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e'
        )
    UNION ALL
    SELECT 'namespace', NULL, n.nspname::text, NULL, n.nspowner, n.nspacl, NULL
    FROM pg_catalog.pg_namespace n
    WHERE n.nspname = ANY (:'namespaces')
    UNION ALL
    SELECT 'database', NULL, '', NULL, d.datdba, d.datacl, NULL
    FROM pg_catalog.pg_database d
    WHERE d.datname = pg_catalog.current_database()
    UNION ALL
    SELECT 'language', NULL, l.lanname::text, NULL, l.lanowner, l.lanacl, NULL FROM pg_catalog.pg_language l
    UNION ALL
    SELECT 'foreign_data_wrapper', NULL, w.fdwname::text, NULL, w.fdwowner, w.fdwacl, NULL
    FROM pg_catalog.pg_foreign_data_wrapper w
    UNION ALL
    SELECT 'foreign_server', NULL, s.srvname::text, NULL, s.srvowner, s.srvacl, NULL FROM pg_catalog.pg_foreign_server s
)
SELECT
    o.kind, o.schema, o.name, o.attribute, g.grantee,
    ARRAY(
        SELECT e.privilege_type || CASE WHEN pg_catalog.bool_or(e.is_grantable) THEN '*' ELSE '' END
        FROM pg_catalog.aclexplode(o.acl) AS e
        WHERE e.grantor = o.owner AND e.grantee = g.oid
        GROUP BY e.privilege_type
        ORDER BY e.privilege_type
    ),
    (
        SELECT pg_catalog.concat_ws(E'\x1f', tn.nspname, t.relname, a.attname)
        FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
        JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
        WHERE o.kind = 'sequence'
            AND d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = o.oid
            AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    )
FROM objects o
CROSS JOIN LATERAL (
    SELECT e.grantee, CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(e.grantee)::text END
    FROM pg_catalog.aclexplode(o.acl) AS e
    WHERE e.grantor = o.owner AND e.grantee <> o.owner
    UNION
    SELECT 0, 'PUBLIC'
) AS g (oid, grantee)
WHERE o.acl IS NOT NULL
ORDER BY o.kind, o.schema, o.name, o.attribute, g.grantee COLLATE "C"
