-- The session's own settings, which an object has unless its text says otherwise, and how many objects of each kind the
-- current database has: what there is nothing of is not asked for.
SELECT
    DATABASE(),
    @@collation_database,
    CURRENT_USER(),
    @@SESSION.sql_mode,
    @@SESSION.time_zone,
    (SELECT COUNT(*) FROM information_schema.views WHERE table_schema = DATABASE()),
    (SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = DATABASE()),
    (SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = DATABASE()),
    (SELECT COUNT(*) FROM information_schema.events WHERE event_schema = DATABASE()),
    (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'SEQUENCE')
