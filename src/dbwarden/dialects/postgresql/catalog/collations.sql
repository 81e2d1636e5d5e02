-- Names of collations, asked only when an index has one that its column has not.
SELECT co.oid::int8, co.collname::text
FROM pg_catalog.pg_collation co
