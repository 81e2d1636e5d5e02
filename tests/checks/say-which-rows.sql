-- engine: postgresql sqlite
-- expect: CRITICAL DELETE without WHERE deletes every row of sessions
DELETE FROM sessions;
-- expect: WARN UPDATE without WHERE overwrites every row of users
UPDATE users SET note = 'where';
-- ok
DELETE FROM sessions WHERE old;
-- ok
UPDATE users SET active = true WHERE active IS NULL;
-- dbwarden: ignore say-which-rows: everybody logs in again
-- ok
DELETE FROM sessions;
-- ok: made here
CREATE TABLE fresh (id integer);
-- ok
UPDATE fresh SET id = 1;
