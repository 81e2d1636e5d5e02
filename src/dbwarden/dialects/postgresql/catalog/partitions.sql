-- The partitions of the partitioned tables in scope, those of partitions too, each behind its parent: the statements that
-- give it back with what it has of its own, and what no statement gives back.
WITH RECURSIVE tree AS (
    SELECT i.inhparent AS root, i.inhparent AS parent, i.inhrelid AS oid, 1 AS depth
    FROM pg_catalog.pg_inherits i
    JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
    JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace
    WHERE p.relkind = 'p' AND NOT p.relispartition AND n.nspname = ANY (:'namespaces')
    UNION ALL
    SELECT t.root, t.oid, i.inhrelid, t.depth + 1
    FROM tree t
    JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid
)
SELECT
    t.root::int8,
    n.nspname::text,
    c.relname::text,
    c.relpersistence = 'u',
    c.reloptions,
    ts.spcname::text,
    CASE WHEN am.amname <> 'heap' THEN am.amname::text END,
    NULL,
    CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
    NULL,
    t.parent::int8,
    pn.nspname::text,
    p.relname::text,
    pg_catalog.pg_get_expr(c.relpartbound, c.oid),
    ARRAY(
        SELECT h.statement
        FROM (
            SELECT 2, a.attname::text, pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I SET %s', c.oid::regclass, a.attname, o.what)
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_attribute pa ON pa.attrelid = t.parent AND pa.attname = a.attname
            LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            LEFT JOIN pg_catalog.pg_attrdef pd ON pd.adrelid = pa.attrelid AND pd.adnum = pa.attnum
            CROSS JOIN LATERAL (
                VALUES
                (CASE WHEN a.attnotnull AND NOT pa.attnotnull THEN 'NOT NULL' END),
                (CASE WHEN a.attgenerated = '' AND pg_catalog.pg_get_expr(d.adbin, d.adrelid)
                    <> coalesce(pg_catalog.pg_get_expr(pd.adbin, pd.adrelid), '')
                THEN 'DEFAULT ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) END)
            ) AS o (what)
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND o.what IS NOT NULL
            UNION ALL
            SELECT 3, k.conname::text, pg_catalog.format(
                'ALTER TABLE %s ADD CONSTRAINT %I %s', c.oid::regclass, k.conname, pg_catalog.pg_get_constraintdef(k.oid)
            )
            FROM pg_catalog.pg_constraint k
            WHERE k.conrelid = c.oid AND k.contype IN ('c', 'f', 'p', 'u', 'x') AND k.conparentid = 0 AND k.coninhcount = 0
            UNION ALL
            SELECT 4, ic.relname::text, pg_catalog.pg_get_indexdef(i.indexrelid)
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
            WHERE i.indrelid = c.oid
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits y WHERE y.inhrelid = i.indexrelid)
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = c.oid)
            UNION ALL
            SELECT 5, g.tgname::text, pg_catalog.pg_get_triggerdef(g.oid)
            FROM pg_catalog.pg_trigger g
            WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_depend y
                WHERE y.classid = 'pg_catalog.pg_trigger'::regclass AND y.objid = g.oid AND y.deptype IN ('P', 'S')
            )
            UNION ALL
            SELECT 9, '', pg_catalog.format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, pg_catalog.pg_get_userbyid(c.relowner))
            WHERE pg_catalog.pg_get_userbyid(c.relowner) <> CURRENT_USER
            UNION ALL
            SELECT 7, g.grantee, pg_catalog.format(
                'GRANT %s ON %s TO %s%s',
                pg_catalog.string_agg(e.privilege_type, ', ' ORDER BY e.privilege_type), c.oid::regclass, g.grantee,
                CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' END
            )
            FROM pg_catalog.aclexplode(c.relacl) AS e
            CROSS JOIN LATERAL (
                SELECT CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE e.grantee::regrole::text END
            ) AS g (grantee)
            WHERE e.grantor = c.relowner AND e.grantee <> c.relowner
            GROUP BY g.grantee, e.is_grantable
            UNION ALL
            SELECT 8, '', pg_catalog.format('ALTER TABLE %s %s ROW LEVEL SECURITY', c.oid::regclass, w.what)
            FROM (
                SELECT 'ENABLE' WHERE c.relrowsecurity
                UNION ALL
                SELECT 'FORCE' WHERE c.relforcerowsecurity
            ) AS w (what)
        ) AS h (stage, name, statement)
        ORDER BY h.stage, h.name COLLATE "C", h.statement
    ),
    ARRAY(
        SELECT pg_catalog.format('%s is a foreign table', c.oid::regclass) WHERE c.relkind = 'f'
        UNION ALL
        SELECT pg_catalog.format('policy %I on %s', y.polname, c.oid::regclass)
        FROM pg_catalog.pg_policy y
        WHERE y.polrelid = c.oid
        UNION ALL
        SELECT pg_catalog.format('statistics %I on %s', x.stxname, c.oid::regclass)
        FROM pg_catalog.pg_statistic_ext x
        WHERE x.stxrelid = c.oid
    ),
    pg_catalog.obj_description(c.oid, 'pg_class')
FROM tree t
JOIN pg_catalog.pg_class c ON c.oid = t.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class p ON p.oid = t.parent
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam AND c.relkind = 'r'
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
ORDER BY t.root, t.depth, n.nspname, c.relname
