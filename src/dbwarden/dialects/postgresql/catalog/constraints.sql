-- Constraints of all tables in scope. A foreign key's table outside of the scope brings its column names along.
SELECT
    k.conrelid::int8,
    k.conname::text,
    k.contype::text,
    k.conkey::int2[],
    k.conindid::int8,
    k.condeferrable,
    k.condeferred,
    k.convalidated,
    k.connoinherit,
    d.description,
    CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid) END,
    k.confrelid::int8,
    rn.nspname::text,
    r.relname::text,
    k.confkey::int2[],
    CASE WHEN rn.nspname <> ALL (:'namespaces') THEN ARRAY(
        SELECT a.attname::text
        FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY u (attnum, ord)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum
        ORDER BY u.ord
    ) END,
    k.confupdtype::text,
    k.confdeltype::text,
    k.confmatchtype::text,
    k.confdelsetcols::int2[],
    CASE WHEN k.contype = 'x' THEN ARRAY(
        SELECT o.oprname::text FROM pg_catalog.unnest(k.conexclop) WITH ORDINALITY u (op, ord)
        JOIN pg_catalog.pg_operator o ON o.oid = u.op ORDER BY u.ord
    ) END
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = k.oid AND d.classoid = 'pg_catalog.pg_constraint'::regclass AND d.objsubid = 0
WHERE k.contype IN ('p', 'u', 'c', 'f', 'x')
    AND k.conparentid = 0
    AND k.conislocal
    AND c.relkind IN ('r', 'p', 'f')
    AND NOT c.relispartition
    AND n.nspname = ANY (:'namespaces')
    AND NOT pg_catalog.starts_with(c.relname::text, 'dbwarden_')
ORDER BY k.conrelid, k.conname
