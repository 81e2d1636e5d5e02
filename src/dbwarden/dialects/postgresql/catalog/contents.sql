-- Which kinds of objects exist at all: sequences, user-defined types, views, routines with triggers
-- and text search, what is attached to tables,
-- privileges (those of columns apart: columns.sql has them), and default privileges. Planning the query of such a kind takes longer than running it,
-- and most databases have nothing for two or three of them. A column may be true where the query then returns no row, but is
-- never false where it would return one. No joins here: they are what makes planning slow.
WITH relations AS (
    SELECT
        pg_catalog.bool_or(i.inside AND i.relkind = 'S' AND NOT i.own) AS sequences,
        pg_catalog.bool_or(i.relkind = 'c') AS composites,
        pg_catalog.bool_or(i.inside AND i.relkind IN ('v', 'm')) AS views,
        pg_catalog.bool_or(i.inside AND i.relkind IN ('r', 'p', 'f') AND i.attached AND NOT i.own) AS attached,
        pg_catalog.bool_or(i.inside AND i.granted AND NOT i.own) AS granted
    FROM (
        SELECT
            c.relkind,
            c.relhasrules AS attached,
            c.relacl IS NOT NULL AS granted,
            pg_catalog.starts_with(c.relname::text, 'dbwarden_') AS own,
            c.relnamespace = ANY (ARRAY(
                SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY (:'namespaces')
            )) AS inside
        FROM pg_catalog.pg_class c
        WHERE c.relkind NOT IN ('i', 'I', 't')
    ) i
),
triggers AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE NOT t.tgisinternal) AS exist
)
SELECT
    r.sequences,
    r.composites OR EXISTS (
        SELECT FROM pg_catalog.pg_type t
        WHERE t.typtype IN ('e', 'd', 'r') AND t.typnamespace <> ALL (ARRAY(
            SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname IN ('pg_catalog', 'information_schema')
        ))
    ),
    r.views,
    g.exist OR EXISTS (SELECT FROM pg_catalog.pg_event_trigger)
    OR EXISTS (SELECT FROM pg_catalog.pg_ts_dict i WHERE i.oid >= 16384)  -- the server's own stand below
    OR EXISTS (SELECT FROM pg_catalog.pg_ts_config g WHERE g.oid >= 16384)
    OR EXISTS (
        SELECT FROM pg_catalog.pg_proc p
        WHERE p.prokind IN ('f', 'p', 'a') AND p.pronamespace = ANY (ARRAY(
            SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY (:'namespaces')
        ))
    ),
    r.attached
    OR g.exist
    OR EXISTS (SELECT FROM pg_catalog.pg_policy)
    OR EXISTS (SELECT FROM pg_catalog.pg_statistic_ext)
    OR EXISTS (SELECT FROM pg_catalog.pg_publication)
    OR EXISTS (SELECT FROM pg_catalog.pg_seclabel)
    OR EXISTS (  -- a function whose body the catalogue knows
        SELECT FROM pg_catalog.pg_depend x
        WHERE x.classid = 'pg_catalog.pg_proc'::regclass
            AND x.refclassid = 'pg_catalog.pg_class'::regclass AND x.refobjsubid > 0
    ),
    r.granted
    OR EXISTS (
        SELECT FROM pg_catalog.pg_proc p
        WHERE p.proacl IS NOT NULL AND p.pronamespace = ANY (ARRAY(
            SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY (:'namespaces')
        ))
    )
    OR EXISTS (
        SELECT FROM pg_catalog.pg_type t
        WHERE t.typacl IS NOT NULL AND t.typnamespace = ANY (ARRAY(
            SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY (:'namespaces')
        ))
    )
    OR EXISTS (  -- public has the privileges that it is created with
        SELECT FROM pg_catalog.pg_namespace n
        WHERE n.nspacl IS NOT NULL AND n.nspname = ANY (:'namespaces') AND (
            n.nspname <> 'public' OR n.nspacl::text <> ALL (ARRAY[
                pg_catalog.format('{%1$s=UC/%1$s,=U/%1$s}', pg_catalog.pg_get_userbyid(n.nspowner)),
                pg_catalog.format('{%1$s=UC/%1$s,=UC/%1$s}', pg_catalog.pg_get_userbyid(n.nspowner))
            ])
        )
    )
    OR EXISTS (
        SELECT FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database() AND d.datacl IS NOT NULL
    )
    OR EXISTS (SELECT FROM pg_catalog.pg_language l WHERE l.lanacl IS NOT NULL)
    OR EXISTS (SELECT FROM pg_catalog.pg_foreign_data_wrapper w WHERE w.fdwacl IS NOT NULL)
    OR EXISTS (SELECT FROM pg_catalog.pg_foreign_server s WHERE s.srvacl IS NOT NULL),
    EXISTS (SELECT FROM pg_catalog.pg_default_acl)
FROM relations r
CROSS JOIN triggers g
