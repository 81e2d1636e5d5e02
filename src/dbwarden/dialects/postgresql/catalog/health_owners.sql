-- Owners of tables that the current role is not a member of, the one with most tables first.
SELECT pg_catalog.pg_get_userbyid(c.relowner), count(*), min(c.oid::pg_catalog.regclass::text)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
  AND c.relname NOT LIKE 'dbwarden\_%'
  AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend AS d
      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
  )
GROUP BY c.relowner
ORDER BY 2 DESC, 1
