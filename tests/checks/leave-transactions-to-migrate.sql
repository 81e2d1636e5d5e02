-- engine: postgresql sqlite
-- expect: CRITICAL BEGIN: a migration does not control transactions itself
BEGIN;
-- ok
CREATE TABLE begin_here (id integer);
-- expect: CRITICAL COMMIT
COMMIT;
-- expect: CRITICAL SAVEPOINT a
SAVEPOINT a;
