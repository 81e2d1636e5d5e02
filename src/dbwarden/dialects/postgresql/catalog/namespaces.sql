-- Schemas in scope, extensions that somebody installed, foreign servers, and collations in scope: name, schema (of a server: the
-- extension of its wrapper), comment, the statements that make a server or collation (of an extension: the comment of its files),
-- and what those do not give back. The values of secret options are not read.
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
UNION ALL
SELECT
    'collation', c.collname::text, n.nspname::text, pg_catalog.obj_description(c.oid, 'pg_collation'),
    ARRAY[pg_catalog.concat(
        'CREATE COLLATION {} (PROVIDER = ', CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
        CASE WHEN l.locale IS NOT NULL THEN ', LOCALE = ' || pg_catalog.quote_literal(l.locale) ELSE pg_catalog.format(
            ', LC_COLLATE = %L, LC_CTYPE = %L', c.collcollate, c.collctype
        ) END,
        CASE WHEN NOT c.collisdeterministic THEN ', DETERMINISTIC = false' END,
        ', RULES = ' || pg_catalog.quote_literal(pg_catalog.to_jsonb(c) ->> 'collicurules'), ')'  -- since 16
    )] || ARRAY(
        SELECT pg_catalog.format('ALTER COLLATION {} OWNER TO %I', pg_catalog.pg_get_userbyid(c.collowner))
        WHERE pg_catalog.pg_get_userbyid(c.collowner) <> CURRENT_USER
    ),
    NULL
FROM pg_catalog.pg_collation c
JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
CROSS JOIN LATERAL (
    SELECT coalesce(  -- colllocale since 17, colliculocale in 15 and 16
        pg_catalog.to_jsonb(c) ->> 'colllocale', pg_catalog.to_jsonb(c) ->> 'colliculocale',
        CASE WHEN c.collcollate = c.collctype THEN c.collcollate::text END
    )
) AS l (locale)
WHERE n.nspname = ANY (:'namespaces')
    AND c.oid >= 16384  -- what the server itself brought along stands below
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend x
        WHERE x.classid = 'pg_catalog.pg_collation'::regclass AND x.objid = c.oid AND x.deptype = 'e'
    )
ORDER BY 1, 2, 3
