-- Schemas in scope, and extensions that somebody installed.
SELECT 'namespace', n.nspname::text, NULL::text, d.description
FROM pg_catalog.pg_namespace n
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = n.oid AND d.classoid = 'pg_catalog.pg_namespace'::regclass AND d.objsubid = 0
WHERE n.nspname = ANY (:'namespaces')
UNION ALL
SELECT 'extension', e.extname::text, n.nspname::text, NULL
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql'
ORDER BY 1, 2
