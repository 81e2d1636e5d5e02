-- Indexes that a CREATE INDEX CONCURRENTLY left behind, and that no session builds now.
SELECT i.indrelid::pg_catalog.regclass::text, i.indexrelid::pg_catalog.regclass::text
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid
  AND c.relkind = 'i'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.index_relid = i.indexrelid)
ORDER BY 1, 2
