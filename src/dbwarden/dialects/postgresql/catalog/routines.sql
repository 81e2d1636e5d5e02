-- Functions, procedures, aggregates, triggers and what text search is made of in scope, and the event triggers of the database: text, table or view of a trigger,
-- comment, the statement that gives back the owner of a routine, and the functions and types that all this stands on.
SELECT
    k.kind,
    n.nspname::text,
    p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
    CASE p.prokind WHEN 'a' THEN pg_catalog.format(
        'CREATE AGGREGATE %s (%s)', k.signature, (
            SELECT pg_catalog.string_agg(o.name || ' = ' || o.value, ', ' ORDER BY o.at)
            FROM pg_catalog.pg_aggregate a
            CROSS JOIN LATERAL (
                VALUES
                (1, 'SFUNC', a.aggtransfn::text),
                (2, 'STYPE', pg_catalog.format_type(a.aggtranstype, NULL)),
                (3, 'SSPACE', nullif(a.aggtransspace, 0)::text),
                (4, 'FINALFUNC', nullif(a.aggfinalfn::text, '-')),
                (5, 'FINALFUNC_MODIFY', CASE WHEN a.aggfinalfn <> 0 AND a.aggfinalmodify <> k.usual
                    THEN CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END),
                (6, 'COMBINEFUNC', nullif(a.aggcombinefn::text, '-')),
                (7, 'SERIALFUNC', nullif(a.aggserialfn::text, '-')),
                (8, 'DESERIALFUNC', nullif(a.aggdeserialfn::text, '-')),
                (9, 'INITCOND', pg_catalog.quote_literal(a.agginitval)),
                (10, 'MSFUNC', nullif(a.aggmtransfn::text, '-')),
                (11, 'MINVFUNC', nullif(a.aggminvtransfn::text, '-')),
                (12, 'MSTYPE', CASE WHEN a.aggmtranstype <> 0 THEN pg_catalog.format_type(a.aggmtranstype, NULL) END),
                (13, 'MSSPACE', nullif(a.aggmtransspace, 0)::text),
                (14, 'MFINALFUNC', nullif(a.aggmfinalfn::text, '-')),
                (15, 'MFINALFUNC_MODIFY', CASE WHEN a.aggmfinalfn <> 0 AND a.aggmfinalmodify <> k.usual
                    THEN CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END),
                (16, 'MINITCOND', pg_catalog.quote_literal(a.aggminitval)),
                (17, 'SORTOP', CASE WHEN a.aggsortop <> 0 THEN (
                    SELECT pg_catalog.format('OPERATOR(%I.%s)', tn.nspname, t.oprname)
                    FROM pg_catalog.pg_operator t JOIN pg_catalog.pg_namespace tn ON tn.oid = t.oprnamespace
                    WHERE t.oid = a.aggsortop
                ) END),
                (18, 'PARALLEL', CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END)
            ) AS o (at, name, value)
            WHERE a.aggfnoid = p.oid AND o.value IS NOT NULL
        ) || (
            SELECT pg_catalog.concat(
                CASE WHEN a.aggfinalextra THEN ', FINALFUNC_EXTRA' END, CASE WHEN a.aggmfinalextra THEN ', MFINALFUNC_EXTRA' END,
                CASE a.aggkind WHEN 'h' THEN ', HYPOTHETICAL' END
            )
            FROM pg_catalog.pg_aggregate a WHERE a.aggfnoid = p.oid
        )
    ) ELSE pg_catalog.pg_get_functiondef(p.oid) END,
    NULL::text,
    NULL::text,
    pg_catalog.obj_description(p.oid, 'pg_proc'),
    ARRAY(
        SELECT h.statement
        FROM (
            SELECT 1, '', 1, pg_catalog.format('ALTER ROUTINE %s OWNER TO %I', k.signature, k.owner)
            WHERE k.owner <> CURRENT_USER
        ) AS h (stage, name, step, statement)
        ORDER BY h.stage, h.name COLLATE "C", h.step
    ),
    ARRAY(
        SELECT pg_catalog.concat_ws(
            E'\x1f', 'function', fn.nspname,
            f.proname || '(' || pg_catalog.pg_get_function_identity_arguments(f.oid) || ')'
        )
        FROM pg_catalog.pg_depend x
        JOIN pg_catalog.pg_proc f ON f.oid = x.refobjid
        JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
        WHERE p.prokind = 'a' AND x.classid = 'pg_catalog.pg_proc'::regclass AND x.objid = p.oid
            AND x.refclassid = 'pg_catalog.pg_proc'::regclass
        UNION
        SELECT pg_catalog.concat_ws(E'\x1f', coalesce(nullif(r.relkind::text, 'c'), 'type_' || t.typtype::text), tn.nspname, coalesce(r.relname, t.typname))
        FROM pg_catalog.pg_depend x
        JOIN pg_catalog.pg_type a ON a.oid = x.refobjid
        JOIN pg_catalog.pg_type t ON t.oid = CASE WHEN a.typelem <> 0 AND a.typlen = -1 THEN a.typelem ELSE a.oid END
        JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
        LEFT JOIN pg_catalog.pg_class r ON r.oid = t.typrelid
        WHERE x.classid = 'pg_catalog.pg_proc'::regclass AND x.objid = p.oid AND x.refclassid = 'pg_catalog.pg_type'::regclass
            AND t.typtype IN ('e', 'd', 'c')
    )
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL (
    SELECT
        CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
        pg_catalog.pg_get_userbyid(p.proowner),
        CASE WHEN p.prokind = 'a' THEN pg_catalog.format(
            '%s(%s)', p.oid::regproc, coalesce(nullif(pg_catalog.pg_get_function_arguments(p.oid), ''), '*')
        ) ELSE p.oid::regprocedure::text END,
        (SELECT CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END FROM pg_catalog.pg_aggregate a WHERE a.aggfnoid = p.oid)
) AS k (kind, owner, signature, usual)
WHERE p.prokind IN ('f', 'p', 'a')
    AND n.nspname = ANY (:'namespaces')
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend e
        WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid AND e.deptype IN ('e', 'i')  -- i: those of a range type
    )
UNION ALL
SELECT
    'trigger',
    n.nspname::text,
    t.tgname::text,
    pg_catalog.pg_get_triggerdef(t.oid),
    CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END,
    c.relname::text,
    pg_catalog.obj_description(t.oid, 'pg_trigger'),
    '{}'::text[],
    ARRAY['function' || E'\x1f' || fn.nspname || E'\x1f' || f.proname || '(' || pg_catalog.pg_get_function_identity_arguments(f.oid) || ')']
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid
JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
WHERE NOT t.tgisinternal
    AND c.relkind IN ('r', 'p', 'v', 'f')
    AND NOT c.relispartition
    AND n.nspname = ANY (:'namespaces')
    AND NOT pg_catalog.starts_with(c.relname::text, 'dbwarden_')
UNION ALL
SELECT
    'event_trigger',
    NULL,
    t.evtname::text,
    pg_catalog.format(
        'CREATE EVENT TRIGGER %I ON %s%s EXECUTE FUNCTION %s', t.evtname, t.evtevent,
        (SELECT ' WHEN TAG IN (' || pg_catalog.string_agg(pg_catalog.quote_literal(g), ', ') || ')' FROM pg_catalog.unnest(t.evttags) AS g),
        t.evtfoid::regprocedure
    ),
    NULL,
    NULL,
    pg_catalog.obj_description(t.oid, 'pg_event_trigger'),
    ARRAY(
        SELECT pg_catalog.format('ALTER EVENT TRIGGER %I %s', t.evtname, o.words)
        FROM (
            VALUES
            (1, CASE t.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' END),
            (2, CASE WHEN pg_catalog.pg_get_userbyid(t.evtowner) <> CURRENT_USER
                THEN 'OWNER TO ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(t.evtowner)) END)
        ) AS o (at, words)
        WHERE o.words IS NOT NULL
        ORDER BY o.at
    ),
    ARRAY['function' || E'\x1f' || fn.nspname || E'\x1f' || f.proname || '()']
FROM pg_catalog.pg_event_trigger t
JOIN pg_catalog.pg_proc f ON f.oid = t.evtfoid
JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend e
    WHERE e.classid = 'pg_catalog.pg_event_trigger'::regclass AND e.objid = t.oid AND e.deptype = 'e'
)
UNION ALL
SELECT
    'text_search_dictionary',
    n.nspname::text,
    i.dictname::text,
    pg_catalog.format('CREATE TEXT SEARCH DICTIONARY {} (TEMPLATE = %s%s)', t.name, ', ' || i.dictinitoption),
    NULL,
    NULL,
    pg_catalog.obj_description(i.oid, 'pg_ts_dict'),
    ARRAY(
        SELECT pg_catalog.format('ALTER TEXT SEARCH DICTIONARY {} OWNER TO %I', pg_catalog.pg_get_userbyid(i.dictowner))
        WHERE pg_catalog.pg_get_userbyid(i.dictowner) <> CURRENT_USER
    ),
    '{}'::text[]
FROM pg_catalog.pg_ts_dict i
JOIN pg_catalog.pg_namespace n ON n.oid = i.dictnamespace
CROSS JOIN LATERAL (
    SELECT CASE WHEN tn.nspname = 'pg_catalog' THEN pg_catalog.quote_ident(p.tmplname)
        ELSE pg_catalog.format('%I.%I', tn.nspname, p.tmplname) END
    FROM pg_catalog.pg_ts_template p JOIN pg_catalog.pg_namespace tn ON tn.oid = p.tmplnamespace WHERE p.oid = i.dicttemplate
) AS t (name)
WHERE n.nspname = ANY (:'namespaces')
    AND i.oid >= 16384
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend e
        WHERE e.classid = 'pg_catalog.pg_ts_dict'::regclass AND e.objid = i.oid AND e.deptype = 'e'
    )
UNION ALL
SELECT
    'text_search_configuration',
    n.nspname::text,
    g.cfgname::text,
    pg_catalog.format('CREATE TEXT SEARCH CONFIGURATION {} (PARSER = %s)', p.name) || coalesce((
        SELECT pg_catalog.string_agg(
            pg_catalog.format(E';\nALTER TEXT SEARCH CONFIGURATION {} ADD MAPPING FOR %s WITH %s', m.tokens, m.dictionaries),
            '' ORDER BY m.tokens COLLATE "C"
        )
        FROM (
            SELECT pg_catalog.string_agg(o.alias, ', ' ORDER BY o.alias COLLATE "C") AS tokens, o.dictionaries
            FROM (
                SELECT k.alias, pg_catalog.string_agg(w.mapdict::regdictionary::text, ', ' ORDER BY w.mapseqno) AS dictionaries
                FROM pg_catalog.pg_ts_config_map w
                JOIN pg_catalog.ts_token_type(g.cfgparser) AS k ON k.tokid = w.maptokentype
                WHERE w.mapcfg = g.oid
                GROUP BY k.alias
            ) AS o
            GROUP BY o.dictionaries
        ) AS m
    ), ''),
    NULL,
    NULL,
    pg_catalog.obj_description(g.oid, 'pg_ts_config'),
    ARRAY(
        SELECT pg_catalog.format('ALTER TEXT SEARCH CONFIGURATION {} OWNER TO %I', pg_catalog.pg_get_userbyid(g.cfgowner))
        WHERE pg_catalog.pg_get_userbyid(g.cfgowner) <> CURRENT_USER
    ),
    ARRAY(
        SELECT DISTINCT pg_catalog.concat_ws(E'\x1f', 'text_search_dictionary', dn.nspname, d.dictname)
        FROM pg_catalog.pg_ts_config_map w
        JOIN pg_catalog.pg_ts_dict d ON d.oid = w.mapdict
        JOIN pg_catalog.pg_namespace dn ON dn.oid = d.dictnamespace
        WHERE w.mapcfg = g.oid AND d.oid >= 16384
    )
FROM pg_catalog.pg_ts_config g
JOIN pg_catalog.pg_namespace n ON n.oid = g.cfgnamespace
CROSS JOIN LATERAL (
    SELECT CASE WHEN pn.nspname = 'pg_catalog' THEN pg_catalog.quote_ident(r.prsname)
        ELSE pg_catalog.format('%I.%I', pn.nspname, r.prsname) END
    FROM pg_catalog.pg_ts_parser r JOIN pg_catalog.pg_namespace pn ON pn.oid = r.prsnamespace WHERE r.oid = g.cfgparser
) AS p (name)
WHERE n.nspname = ANY (:'namespaces')
    AND g.oid >= 16384
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend e
        WHERE e.classid = 'pg_catalog.pg_ts_config'::regclass AND e.objid = g.oid AND e.deptype = 'e'
    )
ORDER BY 1, 2, 6, 3
