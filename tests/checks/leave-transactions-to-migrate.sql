-- engine: postgresql sqlite
-- expect: CRITICAL BEGIN: a migration does not control transactions itself
BEGIN;
-- ok
CREATE TABLE begin_here (id integer);
-- expect: CRITICAL COMMIT
COMMIT;
-- expect: CRITICAL SAVEPOINT a
SAVEPOINT a;

-- next: what else ends a transaction
-- engine: mysql mariadb
-- expect: CRITICAL SET autocommit = 0
SET autocommit = 0;
-- expect: CRITICAL LOCK TABLES t WRITE
LOCK TABLES t WRITE;
-- expect: CRITICAL XA START 'a'
XA START 'a';
-- ok
SET foreign_key_checks = 0;
