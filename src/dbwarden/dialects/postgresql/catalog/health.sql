-- Properties of the server and rights of the current role. reset_val is what a new session gets, whatever ours has set.
SELECT current_user,
       pg_catalog.current_database(),
       pg_catalog.current_schema(),
       pg_catalog.pg_is_in_recovery(),
       (SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'default_transaction_read_only'),
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),
       pg_catalog.has_schema_privilege(pg_catalog.current_schema(), 'CREATE'),
       (SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user),
       EXTRACT(EPOCH FROM pg_catalog.clock_timestamp())
