-- What stands on tables and their columns and no model describes: policies, rules, extended statistics, what publications
-- publish, security labels; and what triggers and functions stand on. Per row: whether the server
-- keeps it when a column changes and takes it away with the column (pg_depend calls that an automatic dependency), the
-- statements that make it, the columns it stands on, and what those statements do not give back.
WITH tables AS (
    SELECT c.oid, c.relname, n.nspname, c.relispartition
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f')
        AND n.nspname = ANY (:'namespaces')
        AND NOT pg_catalog.starts_with(c.relname::text, 'dbwarden_')
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend e
            WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
        )
),
objects (kind, attached, schema, name, relid, classid, objid, statements, lost) AS (
    SELECT
        'policy', false, t.nspname::text, p.polname::text, t.oid, 'pg_catalog.pg_policy'::regclass::oid, p.oid,
        ARRAY[pg_catalog.format(
            'CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s',
            p.polname, t.oid::regclass, CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
            CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                ELSE 'ALL' END,
            (
                SELECT pg_catalog.string_agg(r.name, ', ' ORDER BY r.name COLLATE "C")
                FROM pg_catalog.unnest(p.polroles) AS o (oid)
                CROSS JOIN LATERAL (SELECT CASE WHEN o.oid = 0 THEN 'PUBLIC' ELSE o.oid::regrole::text END) AS r (name)
            ),
            ' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')',
            ' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')'
        )],
        '{}'::text[]
    FROM tables t
    JOIN pg_catalog.pg_policy p ON p.polrelid = t.oid
    UNION ALL
    SELECT
        'rule', false, t.nspname::text, w.rulename::text, t.oid, 'pg_catalog.pg_rewrite'::regclass::oid, w.oid,
        ARRAY[
            pg_catalog.rtrim(pg_catalog.pg_get_ruledef(w.oid), ';'),
            CASE WHEN w.ev_enabled <> 'O' THEN pg_catalog.format(
                'ALTER TABLE %s %s RULE %I', t.oid::regclass,
                CASE w.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, w.rulename
            ) END
        ],
        '{}'
    FROM tables t
    JOIN pg_catalog.pg_rewrite w ON w.ev_class = t.oid
    UNION ALL
    SELECT
        'statistics', true, n.nspname::text, x.stxname::text, t.oid, 'pg_catalog.pg_statistic_ext'::regclass::oid, x.oid,
        ARRAY[
            pg_catalog.pg_get_statisticsobjdef(x.oid),
            CASE WHEN (pg_catalog.to_jsonb(x) ->> 'stxstattarget')::int4 >= 0 THEN pg_catalog.format(  -- since version 13
                'ALTER STATISTICS %I.%I SET STATISTICS %s',
                n.nspname, x.stxname, pg_catalog.to_jsonb(x) ->> 'stxstattarget'
            ) END,
            CASE WHEN pg_catalog.pg_get_userbyid(x.stxowner) <> CURRENT_USER THEN pg_catalog.format(
                'ALTER STATISTICS %I.%I OWNER TO %I', n.nspname, x.stxname, pg_catalog.pg_get_userbyid(x.stxowner)
            ) END
        ] || (
            SELECT pg_catalog.format('COMMENT ON STATISTICS %I.%I IS %L', n.nspname, x.stxname, d.description)
            FROM pg_catalog.pg_description d
            WHERE d.objoid = x.oid AND d.classoid = 'pg_catalog.pg_statistic_ext'::regclass
        ),
        '{}'
    FROM tables t
    JOIN pg_catalog.pg_statistic_ext x ON x.stxrelid = t.oid
    JOIN pg_catalog.pg_namespace n ON n.oid = x.stxnamespace
    UNION ALL
    SELECT
        'publication', false, NULL, p.pubname::text, NULL, NULL, NULL,
        ARRAY[
            pg_catalog.format('CREATE PUBLICATION %I', p.pubname) || CASE WHEN p.puballtables THEN ' FOR ALL TABLES' ELSE '' END
            || coalesce(' WITH (' || nullif(pg_catalog.concat_ws(', ',
                CASE WHEN NOT (p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate) THEN pg_catalog.format(
                    'publish = %L', pg_catalog.concat_ws(', ',
                        CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                        CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END
                    )
                ) END,
                CASE pg_catalog.to_jsonb(p) ->> 'pubgencols' WHEN 's' THEN 'publish_generated_columns = stored' END,  -- since 18
                CASE pg_catalog.to_jsonb(p) ->> 'pubviaroot' WHEN 'true' THEN 'publish_via_partition_root = true' END  -- since 13
            ), '') || ')', ''),
            CASE WHEN pg_catalog.pg_get_userbyid(p.pubowner) <> CURRENT_USER THEN pg_catalog.format(
                'ALTER PUBLICATION %I OWNER TO %I', p.pubname, pg_catalog.pg_get_userbyid(p.pubowner)
            ) END
        ],
        '{}'
    FROM pg_catalog.pg_publication p
    UNION ALL
    SELECT
        'publication_schema', false, n.nspname::text, p.pubname::text, NULL, NULL, NULL,
        ARRAY[pg_catalog.format('ALTER PUBLICATION %I ADD TABLES IN SCHEMA %I', p.pubname, n.nspname)], '{}'
    FROM pg_catalog.pg_publication_namespace pn
    JOIN pg_catalog.pg_publication p ON p.oid = pn.pnpubid
    JOIN pg_catalog.pg_namespace n ON n.oid = pn.pnnspid
    WHERE n.nspname = ANY (:'namespaces')
    UNION ALL
    SELECT
        'publication_table', false, t.nspname::text, p.pubname::text, t.oid,
        'pg_catalog.pg_publication_rel'::regclass::oid, pr.oid,
        ARRAY[pg_catalog.format(
            'ALTER PUBLICATION %I ADD TABLE ONLY %s%s%s', p.pubname, t.oid::regclass,
            (
                SELECT ' (' || pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attname) || ')'
                FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = t.oid AND a.attnum = ANY (pr.prattrs::int2[])
            ),
            ' WHERE (' || pg_catalog.pg_get_expr(pr.prqual, pr.prrelid) || ')'
        )],
        '{}'
    FROM tables t
    JOIN pg_catalog.pg_publication_rel pr ON pr.prrelid = t.oid
    JOIN pg_catalog.pg_publication p ON p.oid = pr.prpubid
    UNION ALL
    SELECT
        'security_label', true, t.nspname::text, pg_catalog.concat_ws(' of ', s.provider, a.attname), t.oid, t.oid, s.objsubid,
        ARRAY[pg_catalog.format(
            'SECURITY LABEL FOR %I ON %s %s%s IS %L', s.provider, CASE WHEN s.objsubid > 0 THEN 'COLUMN' ELSE 'TABLE' END,
            t.oid::regclass, '.' || pg_catalog.quote_ident(a.attname), s.label
        )],
        '{}'
    FROM tables t
    JOIN pg_catalog.pg_seclabel s ON s.objoid = t.oid AND s.classoid = 'pg_catalog.pg_class'::regclass
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = s.objsubid AND s.objsubid > 0
    UNION ALL
    -- Triggers themselves come from routines.sql: here, what follows their CREATE, and the columns they stand on.
    SELECT
        'trigger', false, t.nspname::text, g.tgname::text, t.oid, 'pg_catalog.pg_trigger'::regclass::oid, g.oid,
        ARRAY[CASE WHEN g.tgenabled <> 'O' THEN pg_catalog.format(
            'ALTER TABLE %s %s TRIGGER %I', t.oid::regclass,
            CASE g.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, g.tgname
        ) END],
        '{}'
    FROM tables t
    JOIN pg_catalog.pg_trigger g ON g.tgrelid = t.oid
    WHERE NOT g.tgisinternal AND NOT t.relispartition
    UNION ALL
    -- Functions whose body the catalogue knows (BEGIN ATOMIC, since version 14).
    SELECT
        CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, false, n.nspname::text,
        p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
        NULL, 'pg_catalog.pg_proc'::regclass::oid, p.oid, '{}', '{}'
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = ANY (:'namespaces') AND p.prokind IN ('f', 'p') AND EXISTS (
        SELECT FROM pg_catalog.pg_depend x
        WHERE x.classid = 'pg_catalog.pg_proc'::regclass AND x.objid = p.oid
            AND x.refclassid = 'pg_catalog.pg_class'::regclass AND x.refobjsubid > 0
    )
)
SELECT
    o.kind, o.attached, o.schema, o.name, tn.nspname::text, c.relname::text,
    pg_catalog.array_remove(o.statements, NULL),
    ARRAY(
        -- What stands on a column of a partition stands on that of the partitioned table.
        SELECT DISTINCT pg_catalog.concat_ws(E'\x1f', r.relkind::text, rn.nspname, r.relname, ra.attname)
        FROM (
            SELECT x.refobjid, x.refobjsubid
            FROM pg_catalog.pg_depend x
            WHERE x.classid = o.classid AND x.objid = o.objid AND x.refclassid = 'pg_catalog.pg_class'::regclass
            UNION
            SELECT o.classid, o.objid::int4 WHERE o.attached AND o.classid = o.relid
        ) AS x (refobjid, refobjsubid)
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = x.refobjid AND a.attnum = x.refobjsubid AND x.refobjsubid > 0
        CROSS JOIN LATERAL (
            SELECT x.refobjid UNION SELECT p.relid FROM pg_catalog.pg_partition_ancestors(x.refobjid) AS p (relid)
        ) AS l (oid)
        JOIN pg_catalog.pg_class r ON r.oid = l.oid AND r.relkind IN ('r', 'p', 'v', 'm', 'f')
        JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
        LEFT JOIN pg_catalog.pg_attribute ra ON ra.attrelid = l.oid AND ra.attname = a.attname AND ra.attnum > 0
        WHERE r.oid IS DISTINCT FROM o.relid OR ra.attname IS NOT NULL
    ),
    o.lost,
    CASE o.kind
        WHEN 'publication' THEN (
            SELECT pg_catalog.obj_description(p.oid, 'pg_publication') FROM pg_catalog.pg_publication p WHERE p.pubname = o.name
        )
        WHEN 'policy' THEN pg_catalog.obj_description(o.objid, 'pg_policy')
        WHEN 'rule' THEN pg_catalog.obj_description(o.objid, 'pg_rewrite')
    END
FROM objects o
LEFT JOIN pg_catalog.pg_class c ON c.oid = o.relid
LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = c.relnamespace
WHERE (pg_catalog.array_remove(o.statements, NULL) <> '{}' OR o.kind IN ('trigger', 'function', 'procedure'))
ORDER BY o.kind, o.schema, c.relname, o.name
