-- Indexes of all tables in scope, those behind constraints too.
SELECT
    i.indrelid::int8,
    i.indexrelid::int8,
    ic.relname::text,
    i.indisunique,
    i.indisvalid,
    am.amname::text,
    i.indkey::int2[],
    i.indnkeyatts,
    i.indoption::int2[],
    i.indclass::oid[]::int8[],
    i.indcollation::oid[]::int8[],
    ic.reloptions,
    ts.spcname::text,
    i.indnullsnotdistinct,
    CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(
        SELECT pg_catalog.pg_get_indexdef(i.indexrelid, u.k, false)
        FROM pg_catalog.generate_series(1, i.indnkeyatts::int4) u (k) ORDER BY u.k
    ) END,
    pg_catalog.pg_get_expr(i.indpred, i.indrelid),
    d.description
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_am am ON am.oid = ic.relam
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = ic.reltablespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = ic.oid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0
WHERE c.relkind IN ('r', 'p')
    AND NOT c.relispartition
    AND n.nspname = ANY (:'namespaces')
    AND NOT pg_catalog.starts_with(c.relname::text, 'dbwarden_')
ORDER BY i.indrelid, ic.relname
