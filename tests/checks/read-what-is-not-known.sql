-- expect: INFO nothing is known of what this does: DO $$ BEGIN PERFORM f(); END $$
DO $$ BEGIN PERFORM f(); END $$;
-- expect: INFO CALL maintenance()
CALL maintenance();
-- dbwarden: ignore read-what-is-not-known: fills an empty table
-- ok
CALL maintenance();
-- ok
SELECT 1;
