-- Events of the current database. Their times are in their own time zone.
SELECT
    event_name,
    definer,
    time_zone,
    event_definition,
    execute_at,
    interval_value,
    interval_field,
    starts,
    ends,
    status,
    on_completion,
    event_comment,
    sql_mode,
    character_set_client,
    database_collation
FROM information_schema.events
WHERE event_schema = DATABASE()
ORDER BY event_name
