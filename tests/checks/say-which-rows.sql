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

-- next: inside other statements
-- engine: postgresql
-- expect: CRITICAL DELETE without WHERE deletes every row of sessions
WITH gone AS (DELETE FROM sessions RETURNING *) SELECT count(*) FROM gone WHERE true;
-- expect: WARN UPDATE without WHERE overwrites every row of users
WITH x AS (SELECT 1 WHERE false) UPDATE users SET a = 1;
-- expect: CRITICAL DELETE without WHERE deletes every row of a
-- expect: WARN UPDATE without WHERE overwrites every row of b
WITH x AS MATERIALIZED (DELETE FROM a RETURNING id), y AS (UPDATE b SET c = 1) INSERT INTO d SELECT id FROM x;
-- expect: CRITICAL DELETE without WHERE deletes every row of a
WITH x AS (WITH y AS (DELETE FROM a RETURNING id) SELECT * FROM y) SELECT * FROM x;
-- ok
WITH x AS (DELETE FROM a WHERE b RETURNING id) SELECT * FROM x;
-- expect: CRITICAL DELETE without WHERE deletes every row of a
CREATE TABLE kept AS WITH x AS (DELETE FROM a RETURNING id) SELECT * FROM x;
-- expect: CRITICAL DELETE without WHERE deletes every row of a
COPY (DELETE FROM a RETURNING id) TO STDOUT;
-- expect: CRITICAL DELETE without WHERE deletes every row of sessions
EXPLAIN ANALYZE DELETE FROM sessions;
-- expect: WARN UPDATE without WHERE overwrites every row of users
EXPLAIN (VERBOSE, ANALYZE true) UPDATE users SET a = 1;
-- ok: only explained
EXPLAIN DELETE FROM sessions;
-- ok: only explained
EXPLAIN (ANALYZE off) DELETE FROM sessions;
-- expect: CRITICAL DELETE without WHERE deletes every row of a
PREPARE p AS DELETE FROM a;

-- next: merge
-- engine: postgresql
-- ok
MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE;
-- expect: CRITICAL DELETE without WHERE deletes every row of t
MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE;
-- ok
MERGE INTO t USING u ON true WHEN MATCHED AND u.gone THEN DELETE;
-- expect: CRITICAL DELETE without WHERE deletes every row of t
MERGE INTO t USING u ON t.id = u.id WHEN NOT MATCHED BY SOURCE THEN DELETE;
-- expect: WARN UPDATE without WHERE overwrites every row of t
MERGE INTO t USING u ON 1 = 1 WHEN MATCHED THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT VALUES (1);

-- next: conditions that say nothing, and conditions of something else
-- engine: postgresql sqlite
-- expect: CRITICAL DELETE without WHERE deletes every row of a
DELETE FROM a WHERE true;
-- expect: CRITICAL DELETE without WHERE deletes every row of a
DELETE FROM a WHERE (1 = 1);
-- expect: WARN UPDATE without WHERE overwrites every row of a
UPDATE a SET b = (SELECT c FROM d WHERE d.id = a.id);
-- ok
UPDATE a SET b = 1 WHERE c = c;
-- expect: WARN UPDATE without WHERE overwrites every row of where
UPDATE "where" SET b = 1;
-- expect: CRITICAL DELETE without WHERE deletes every row of t
WITH old AS (SELECT id FROM t WHERE a < 1) DELETE FROM t;
-- ok
WITH old AS (SELECT id FROM t) DELETE FROM t WHERE id IN (SELECT id FROM old);
-- expect: WARN UPDATE without WHERE overwrites every row of t
WITH old (id) AS (VALUES (1)) UPDATE t SET a = 1;
-- ok: only explained
EXPLAIN UPDATE t SET a = 1;
