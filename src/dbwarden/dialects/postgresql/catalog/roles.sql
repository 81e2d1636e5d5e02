-- Roles that somebody created: attributes as CREATE ROLE has them where they differ from its defaults, settings for all databases,
-- comment, and what forbids a drop: objects that they own, and privileges in other databases.
SELECT
    r.rolname::text,
    pg_catalog.array_remove(ARRAY[
        CASE WHEN r.rolsuper THEN 'SUPERUSER' END,
        CASE WHEN NOT r.rolinherit THEN 'NOINHERIT' END,
        CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,
        CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
        CASE WHEN r.rolcanlogin THEN 'LOGIN' END,
        CASE WHEN r.rolreplication THEN 'REPLICATION' END,
        CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END,
        CASE WHEN r.rolconnlimit >= 0 THEN 'CONNECTION LIMIT ' || r.rolconnlimit END,
        CASE WHEN r.rolvaliduntil < 'infinity' THEN
            'VALID UNTIL ''' || pg_catalog.to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || '+00'''
        END
    ], NULL),
    COALESCE((
        SELECT s.setconfig FROM pg_catalog.pg_db_role_setting s WHERE s.setrole = r.oid AND s.setdatabase = 0
    ), ARRAY[]::text[]),
    pg_catalog.shobj_description(r.oid, 'pg_authid'),
    ARRAY(
        SELECT
            CASE d.deptype WHEN 'o' THEN pg_catalog.count(*) || CASE WHEN pg_catalog.count(*) = 1 THEN ' object' ELSE ' objects' END ELSE 'privileges' END
            || COALESCE(' in database ' || b.datname, ' on the server')
        FROM pg_catalog.pg_shdepend d
        LEFT JOIN pg_catalog.pg_database b ON b.oid = d.dbid
        WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.refobjid = r.oid
            AND (d.deptype = 'o' OR (d.deptype IN ('a', 'r') AND b.datname <> pg_catalog.current_database()))
        GROUP BY d.deptype, b.datname
        ORDER BY b.datname, d.deptype DESC
    )
FROM pg_catalog.pg_roles r
WHERE r.oid >= 16384 AND r.rolname !~ '^pg_'
ORDER BY r.rolname COLLATE "C"
