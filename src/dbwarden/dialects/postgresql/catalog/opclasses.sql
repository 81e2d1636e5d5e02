-- Operator classes that an index names only because somebody asked for them.
SELECT o.oid::int8, o.opcname::text
FROM pg_catalog.pg_opclass o
WHERE NOT o.opcdefault
