-- Schemas in scope, extensions that somebody installed, and foreign servers: name, schema (of a server: the extension of its
-- wrapper), comment, the statements that make a server (of an extension: the comment of its files), and what those do not give
-- back. The values of secret options are not read.
SELECT 'namespace', n.nspname::text, NULL::text, d.description, NULL::text[], NULL::text[]
FROM pg_catalog.pg_namespace n
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = n.oid AND d.classoid = 'pg_catalog.pg_namespace'::regclass AND d.objsubid = 0
WHERE n.nspname = ANY (:'namespaces')
UNION ALL
SELECT
    'extension', e.extname::text, n.nspname::text, pg_catalog.obj_description(e.oid, 'pg_extension'),
    ARRAY(SELECT a.comment FROM pg_catalog.pg_available_extensions() AS a WHERE a.name = e.extname AND a.comment IS NOT NULL),
    NULL
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql'
UNION ALL
SELECT
    'foreign_server', s.srvname::text,
    (
        SELECT e.extname::text FROM pg_catalog.pg_depend x JOIN pg_catalog.pg_extension e ON e.oid = x.refobjid
        WHERE x.classid = 'pg_catalog.pg_foreign_data_wrapper'::regclass AND x.objid = w.oid AND x.deptype = 'e'
    ),
    pg_catalog.obj_description(s.oid, 'pg_foreign_server'),
    ARRAY[pg_catalog.concat_ws(' ',
        pg_catalog.format('CREATE SERVER %I', s.srvname), 'TYPE ' || pg_catalog.quote_literal(s.srvtype),
        'VERSION ' || pg_catalog.quote_literal(s.srvversion), pg_catalog.format('FOREIGN DATA WRAPPER %I', w.fdwname),
        'OPTIONS (' || (
            SELECT pg_catalog.string_agg(pg_catalog.format('%I %L', o.option_name, o.option_value), ', ' ORDER BY o.option_name COLLATE "C")
            FROM pg_catalog.pg_options_to_table(s.srvoptions) AS o
            WHERE o.option_name !~* '(password|passwd|pwd|passphrase|secret|token)'
        ) || ')'
    )] || ARRAY(
        SELECT pg_catalog.format('ALTER SERVER %I OWNER TO %I', s.srvname, pg_catalog.pg_get_userbyid(s.srvowner))
        WHERE pg_catalog.pg_get_userbyid(s.srvowner) <> CURRENT_USER
        UNION ALL
        SELECT pg_catalog.format(
            'GRANT USAGE ON FOREIGN SERVER %I TO %s%s', s.srvname, g.grantee,
            CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' END
        )
        FROM pg_catalog.aclexplode(s.srvacl) AS e
        CROSS JOIN LATERAL (
            SELECT CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE e.grantee::regrole::text END
        ) AS g (grantee)
        WHERE e.grantor = s.srvowner AND e.grantee <> s.srvowner
    ),
    ARRAY(
        SELECT pg_catalog.format('its option %I', o.option_name) FROM pg_catalog.pg_options_to_table(s.srvoptions) AS o
        WHERE o.option_name ~* '(password|passwd|pwd|passphrase|secret|token)'
        UNION ALL
        SELECT 'the user mapping of ' || u.usename FROM pg_catalog.pg_user_mappings u WHERE u.srvid = s.oid
    )
FROM pg_catalog.pg_foreign_server s
JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
ORDER BY 1, 2
