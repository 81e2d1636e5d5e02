-- Objects of kinds that no migration describes, of somebody's making: kind, schema, name. User mappings and subscriptions
-- are among them because they are made of secrets. Objects below 16384 come with the server, those of an extension with it.
WITH members AS MATERIALIZED (
    SELECT d.classid, d.objid FROM pg_catalog.pg_depend d WHERE d.deptype IN ('e', 'i')  -- i: the casts of a range type
)
SELECT o.kind, n.nspname::text, o.name
FROM (
    SELECT 'foreign_data_wrapper', 'pg_catalog.pg_foreign_data_wrapper'::regclass::oid, w.oid, NULL::oid, w.fdwname::text
    FROM pg_catalog.pg_foreign_data_wrapper w
    UNION ALL
    SELECT 'user_mapping', NULL, u.umid, NULL, u.usename || ' on ' || u.srvname FROM pg_catalog.pg_user_mappings u
    UNION ALL
    SELECT 'subscription', NULL, s.oid, NULL, s.subname::text
    FROM pg_catalog.pg_subscription s
    WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
    UNION ALL
    SELECT 'conversion', 'pg_catalog.pg_conversion'::regclass, c.oid, c.connamespace, c.conname::text
    FROM pg_catalog.pg_conversion c
    UNION ALL
    SELECT 'operator', 'pg_catalog.pg_operator'::regclass, p.oid, p.oprnamespace, pg_catalog.concat(
        p.oprname, ' (', pg_catalog.concat_ws(', ',
            CASE WHEN p.oprleft <> 0 THEN pg_catalog.format_type(p.oprleft, NULL) END,
            pg_catalog.format_type(p.oprright, NULL)
        ), ')'
    )
    FROM pg_catalog.pg_operator p
    UNION ALL
    SELECT 'operator_class', 'pg_catalog.pg_opclass'::regclass, c.oid, c.opcnamespace, c.opcname::text
    FROM pg_catalog.pg_opclass c
    UNION ALL
    SELECT 'cast', 'pg_catalog.pg_cast'::regclass, c.oid, NULL,
        pg_catalog.format_type(c.castsource, NULL) || ' AS ' || pg_catalog.format_type(c.casttarget, NULL)
    FROM pg_catalog.pg_cast c
    UNION ALL
    SELECT 'transform', 'pg_catalog.pg_transform'::regclass, t.oid, NULL,
        'for ' || pg_catalog.format_type(t.trftype, NULL) || ' in ' || l.lanname
    FROM pg_catalog.pg_transform t
    JOIN pg_catalog.pg_language l ON l.oid = t.trflang
    UNION ALL
    SELECT 'language', 'pg_catalog.pg_language'::regclass, l.oid, NULL, l.lanname::text FROM pg_catalog.pg_language l
    UNION ALL
    SELECT 'access_method', 'pg_catalog.pg_am'::regclass, a.oid, NULL, a.amname::text FROM pg_catalog.pg_am a
    UNION ALL
    SELECT 'text_search_parser', 'pg_catalog.pg_ts_parser'::regclass, p.oid, p.prsnamespace, p.prsname::text
    FROM pg_catalog.pg_ts_parser p
    UNION ALL
    SELECT 'text_search_template', 'pg_catalog.pg_ts_template'::regclass, t.oid, t.tmplnamespace, t.tmplname::text
    FROM pg_catalog.pg_ts_template t
    UNION ALL
    SELECT 'base_type', 'pg_catalog.pg_type'::regclass, t.oid, t.typnamespace, t.typname::text
    FROM pg_catalog.pg_type t
    WHERE t.typtype = 'b' AND t.typcategory <> 'A'
) AS o (kind, classid, oid, namespace, name)
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.namespace
WHERE o.oid >= 16384
    AND (o.namespace IS NULL OR n.nspname = ANY (:'namespaces'))
    AND NOT EXISTS (SELECT FROM members m WHERE m.classid = o.classid AND m.objid = o.oid)
ORDER BY 1, 2, 3
