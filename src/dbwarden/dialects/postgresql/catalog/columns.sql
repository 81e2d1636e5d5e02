-- The columns of all tables in scope that are not inherited from another table.
SELECT
    a.attrelid::int8,
    a.attnum,
    a.attname::text,
    pg_catalog.format_type(a.atttypid, a.atttypmod),
    a.atttypid::int8,
    a.attnotnull,
    a.attidentity::text,
    a.attgenerated::text,
    pg_catalog.pg_get_expr(ad.adbin, ad.adrelid),
    a.attcollation::int8,
    co.collname::text,
    d.description,
    a.attislocal,
    a.attacl IS NOT NULL,
    a.attfdwoptions
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation AND a.attcollation <> t.typcollation
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = a.attrelid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = a.attnum
WHERE c.relkind IN ('r', 'p', 'f')
    AND NOT c.relispartition
    AND n.nspname = ANY (:'namespaces')
    AND NOT pg_catalog.starts_with(c.relname::text, 'dbwarden_')
ORDER BY a.attrelid, a.attnum
