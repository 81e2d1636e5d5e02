-- Transactions of other sessions in this database that were opened long ago, the oldest first.
SELECT pid, usename, application_name, EXTRACT(EPOCH FROM pg_catalog.clock_timestamp() - xact_start)
FROM pg_catalog.pg_stat_activity
WHERE datname = pg_catalog.current_database()
  AND backend_type = 'client backend'
  AND pid <> pg_catalog.pg_backend_pid()
  AND xact_start < pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => :seconds)
ORDER BY xact_start
