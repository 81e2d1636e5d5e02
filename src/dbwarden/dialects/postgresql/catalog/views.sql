-- Views and materialized views in scope: text, storage, the statements that give back what hangs on them, what no
-- statement gives back, the columns, relations and functions that all this stands on, comment, and columns with their types.
SELECT
    c.relkind::text,
    n.nspname::text,
    c.relname::text,
    pg_catalog.pg_get_viewdef(c.oid),
    c.reloptions || ARRAY(
        SELECT 'toast.' || p FROM pg_catalog.pg_class t CROSS JOIN pg_catalog.unnest(t.reloptions) AS p
        WHERE t.oid = c.reltoastrelid
    ),
    (SELECT m.amname::text FROM pg_catalog.pg_am m WHERE m.oid = c.relam AND m.amname <> 'heap'),
    (SELECT s.spcname::text FROM pg_catalog.pg_tablespace s WHERE s.oid = c.reltablespace),
    c.relispopulated,
    ARRAY(
        SELECT h.statement
        FROM (
            SELECT 1, ic.relname::text, 1, pg_catalog.pg_get_indexdef(i.indexrelid)
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
            WHERE i.indrelid = c.oid
            UNION ALL
            SELECT 1, ic.relname::text, 2, pg_catalog.format('ALTER INDEX %s SET TABLESPACE %I', ic.oid::regclass, s.spcname)
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
            JOIN pg_catalog.pg_tablespace s ON s.oid = ic.reltablespace
            WHERE i.indrelid = c.oid
            UNION ALL
            SELECT 1, ic.relname::text, 3, pg_catalog.format(
                'ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', ic.oid::regclass, a.attnum, a.attstattarget
            )
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
            JOIN pg_catalog.pg_attribute a ON a.attrelid = ic.oid AND a.attstattarget >= 0
            WHERE i.indrelid = c.oid AND 0 = ANY (i.indkey)
            UNION ALL
            SELECT 1, ic.relname::text, 4, pg_catalog.format(
                'ALTER MATERIALIZED VIEW %s CLUSTER ON %I', c.oid::regclass, ic.relname
            )
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
            WHERE i.indrelid = c.oid AND i.indisclustered
            UNION ALL
            SELECT 1, ic.relname::text, 5, pg_catalog.format('COMMENT ON INDEX %s IS %L', ic.oid::regclass, d.description)
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
            JOIN pg_catalog.pg_description d ON d.objoid = ic.oid AND d.classoid = 'pg_catalog.pg_class'::regclass
            WHERE i.indrelid = c.oid
            UNION ALL
            SELECT 2, pg_catalog.lpad(a.attnum::text, 5, '0'), o.step, pg_catalog.format(
                'ALTER MATERIALIZED VIEW %s ALTER COLUMN %I SET %s', c.oid::regclass, a.attname, o.setting
            )
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            CROSS JOIN LATERAL (
                VALUES
                (1, CASE WHEN a.attstattarget >= 0 THEN 'STATISTICS ' || a.attstattarget END),
                (2, '(' || pg_catalog.array_to_string(a.attoptions, ', ') || ')'),
                (3, CASE WHEN a.attstorage <> t.typstorage THEN 'STORAGE ' || CASE a.attstorage
                    WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END),
                (4, 'COMPRESSION ' || CASE pg_catalog.to_jsonb(a) ->> 'attcompression'  -- since version 14
                    WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END)
            ) AS o (step, setting)
            WHERE c.relkind = 'm' AND a.attrelid = c.oid AND a.attnum > 0 AND o.setting IS NOT NULL
            UNION ALL
            SELECT 3, x.stxname::text, o.step, o.statement
            FROM pg_catalog.pg_statistic_ext x
            JOIN pg_catalog.pg_namespace xn ON xn.oid = x.stxnamespace
            LEFT JOIN pg_catalog.pg_description d
                ON d.objoid = x.oid AND d.classoid = 'pg_catalog.pg_statistic_ext'::regclass
            CROSS JOIN LATERAL (
                VALUES
                (1, pg_catalog.pg_get_statisticsobjdef(x.oid)),
                (2, CASE WHEN (pg_catalog.to_jsonb(x) ->> 'stxstattarget')::int4 >= 0 THEN pg_catalog.format(  -- since 13
                    'ALTER STATISTICS %I.%I SET STATISTICS %s',
                    xn.nspname, x.stxname, pg_catalog.to_jsonb(x) ->> 'stxstattarget'
                ) END),
                (3, CASE WHEN d.description IS NOT NULL THEN pg_catalog.format(
                    'COMMENT ON STATISTICS %I.%I IS %L', xn.nspname, x.stxname, d.description
                ) END),
                (4, CASE WHEN pg_catalog.pg_get_userbyid(x.stxowner) <> CURRENT_USER THEN pg_catalog.format(
                    'ALTER STATISTICS %I.%I OWNER TO %I',
                    xn.nspname, x.stxname, pg_catalog.pg_get_userbyid(x.stxowner)
                ) END)
            ) AS o (step, statement)
            WHERE x.stxrelid = c.oid AND o.statement IS NOT NULL
            UNION ALL
            SELECT 4, pg_catalog.lpad(a.attnum::text, 5, '0'), 1, pg_catalog.format(
                'ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s',
                c.oid::regclass, a.attname, pg_catalog.pg_get_expr(f.adbin, f.adrelid)
            )
            FROM pg_catalog.pg_attrdef f
            JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
            WHERE f.adrelid = c.oid
            UNION ALL
            SELECT 5, w.rulename::text, o.step, o.statement
            FROM pg_catalog.pg_rewrite w
            LEFT JOIN pg_catalog.pg_description d ON d.objoid = w.oid AND d.classoid = 'pg_catalog.pg_rewrite'::regclass
            CROSS JOIN LATERAL (
                VALUES
                (1, pg_catalog.rtrim(pg_catalog.pg_get_ruledef(w.oid), ';')),
                (2, CASE WHEN d.description IS NOT NULL THEN pg_catalog.format(
                    'COMMENT ON RULE %I ON %s IS %L', w.rulename, c.oid::regclass, d.description
                ) END)
            ) AS o (step, statement)
            WHERE w.ev_class = c.oid AND w.rulename <> '_RETURN' AND o.statement IS NOT NULL
            UNION ALL
            SELECT 7, pg_catalog.lpad(d.objsubid::text, 5, '0'), 1, pg_catalog.format(
                'COMMENT ON COLUMN %s.%I IS %L', c.oid::regclass, a.attname, d.description
            )
            FROM pg_catalog.pg_description d
            JOIN pg_catalog.pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid
            WHERE d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid > 0
            UNION ALL
            -- Whoever makes it again owns it; nobody may grant anything before it is the owner's.
            SELECT 8, '', 1, pg_catalog.format('ALTER %s %s OWNER TO %I', k.title, c.oid::regclass, k.owner)
            WHERE k.owner <> CURRENT_USER
            UNION ALL
            -- What the default privileges give to a new relation and this one does not have.
            SELECT DISTINCT 9, g.grantee, 1, pg_catalog.format('REVOKE ALL ON %s FROM %s', c.oid::regclass, g.grantee)
            FROM pg_catalog.pg_default_acl y
            CROSS JOIN LATERAL pg_catalog.aclexplode(y.defaclacl) AS e
            CROSS JOIN LATERAL (
                SELECT CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE e.grantee::regrole::text END
            ) AS g (grantee)
            WHERE y.defaclobjtype = 'r'
                AND y.defaclrole = CURRENT_USER::regrole
                AND y.defaclnamespace IN (0, c.relnamespace)
                AND e.grantee NOT IN (y.defaclrole, c.relowner)
                AND NOT EXISTS (
                    SELECT FROM pg_catalog.aclexplode(c.relacl) AS held
                    WHERE (held.grantee, held.privilege_type, held.is_grantable)
                        = (e.grantee, e.privilege_type, e.is_grantable)
                )
            UNION ALL
            SELECT 9, '', 1, pg_catalog.format('REVOKE ALL ON %s FROM %I', c.oid::regclass, k.owner)
            WHERE k.restricted
            UNION ALL
            SELECT 10, g.grantee, 1 + e.is_grantable::int4, pg_catalog.format(
                'GRANT %s ON %s TO %s%s',
                pg_catalog.string_agg(e.privilege_type, ', ' ORDER BY e.privilege_type), c.oid::regclass, g.grantee,
                CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' END
            )
            FROM pg_catalog.aclexplode(c.relacl) AS e
            CROSS JOIN LATERAL (
                SELECT CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE e.grantee::regrole::text END
            ) AS g (grantee)
            WHERE k.restricted AND e.grantor = c.relowner AND e.grantee = c.relowner
            GROUP BY g.grantee, e.is_grantable
        ) AS h (stage, name, step, statement)
        ORDER BY h.stage, h.name COLLATE "C", h.step
    ),
    ARRAY(
        SELECT pg_catalog.format('privileges that %I granted', pg_catalog.pg_get_userbyid(e.grantor))
        FROM (
            SELECT c.relacl UNION ALL SELECT a.attacl FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid
        ) AS l (acl)
        CROSS JOIN LATERAL pg_catalog.aclexplode(l.acl) AS e
        WHERE e.grantor <> c.relowner
        UNION
        SELECT 'a security label of ' || s.provider
        FROM pg_catalog.pg_seclabel s
        WHERE s.objoid = c.oid AND s.classoid = 'pg_catalog.pg_class'::regclass
        UNION
        SELECT pg_catalog.format('a dependency on the extension %I', e.extname)
        FROM pg_catalog.pg_depend x
        JOIN pg_catalog.pg_extension e ON e.oid = x.refobjid AND x.refclassid = 'pg_catalog.pg_extension'::regclass
        WHERE x.deptype = 'x' AND (
            (x.classid = 'pg_catalog.pg_class'::regclass AND x.objid = c.oid)
            OR (x.classid = 'pg_catalog.pg_class'::regclass AND x.objid IN (
                SELECT i.indexrelid FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid
            ))
        )
        ORDER BY 1
    ),
    ARRAY(
        SELECT pg_catalog.concat_ws(E'\x1f', r.relkind::text, rn.nspname, r.relname, a.attname)
        FROM (
            SELECT 'pg_catalog.pg_rewrite'::regclass, w.oid FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid
            UNION ALL
            SELECT 'pg_catalog.pg_attrdef'::regclass, f.oid FROM pg_catalog.pg_attrdef f WHERE f.adrelid = c.oid
        ) AS h (classid, objid)
        JOIN pg_catalog.pg_depend x ON x.classid = h.classid AND x.objid = h.objid
            AND x.refclassid = 'pg_catalog.pg_class'::regclass AND x.refobjid <> c.oid
        JOIN pg_catalog.pg_class r ON r.oid = x.refobjid
        JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum = x.refobjsubid AND x.refobjsubid > 0
        UNION
        SELECT pg_catalog.concat_ws(
            E'\x1f', CASE f.prokind WHEN 'a' THEN 'aggregate' ELSE 'function' END, fn.nspname,
            f.proname || '(' || pg_catalog.pg_get_function_identity_arguments(f.oid) || ')'
        )
        FROM pg_catalog.pg_rewrite w
        JOIN pg_catalog.pg_depend x ON x.classid = 'pg_catalog.pg_rewrite'::regclass AND x.objid = w.oid
            AND x.refclassid = 'pg_catalog.pg_proc'::regclass
        JOIN pg_catalog.pg_proc f ON f.oid = x.refobjid
        JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
        WHERE w.ev_class = c.oid
        UNION
        SELECT pg_catalog.concat_ws(E'\x1f', 'type_' || t.typtype::text, tn.nspname, t.typname)
        FROM pg_catalog.pg_rewrite w
        JOIN pg_catalog.pg_depend x ON x.classid = 'pg_catalog.pg_rewrite'::regclass AND x.objid = w.oid
            AND x.refclassid = 'pg_catalog.pg_type'::regclass
        JOIN pg_catalog.pg_type a ON a.oid = x.refobjid
        JOIN pg_catalog.pg_type t ON t.oid = CASE WHEN a.typelem <> 0 AND a.typlen = -1 THEN a.typelem ELSE a.oid END
        JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
        WHERE w.ev_class = c.oid AND t.typtype IN ('e', 'd') AND tn.nspname <> 'information_schema'
    ),
    pg_catalog.obj_description(c.oid, 'pg_class'),
    ARRAY(
        SELECT pg_catalog.concat_ws(
            E'\x1f', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) || CASE
                WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation THEN ' COLLATE ' || a.attcollation::regcollation
                ELSE '' END
        )
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum
    )
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT
        CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END,
        pg_catalog.pg_get_userbyid(c.relowner),
        c.relacl IS NOT NULL AND EXISTS (
            SELECT e.privilege_type FROM pg_catalog.aclexplode(pg_catalog.acldefault('r', c.relowner)) AS e
            EXCEPT
            SELECT e.privilege_type FROM pg_catalog.aclexplode(c.relacl) AS e WHERE e.grantee = c.relowner
        )
) AS k (title, owner, restricted)
WHERE c.relkind IN ('v', 'm')
    AND n.nspname = ANY (:'namespaces')
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend e
        WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
    )
ORDER BY n.nspname, c.relname
