"""How far a statement's effects go: only what stays in its database may run on a server that others use."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.core.statement import Reach

POSTGRESQL = {
    Reach.SERVER: (
        "ALTER SYSTEM SET work_mem = '1GB'",
        "ALTER /* x */ SYSTEM -- y\n RESET ALL",
        "CREATE ROLE app",
        "create user app password 'x'",
        "ALTER GROUP g ADD USER u",
        "ALTER ROLE app IN DATABASE d SET search_path = x",
        "DROP ROLE IF EXISTS app",
        "CREATE DATABASE d",
        'ALTER DATABASE "real one" SET work_mem = 1',
        "DROP DATABASE d",
        "CREATE TABLESPACE t LOCATION '/x'",
        "ALTER TABLESPACE t RENAME TO u",
        "GRANT admins TO app",
        "GRANT admins, readers TO app WITH ADMIN OPTION",
        "REVOKE admins FROM app",
        "GRANT CONNECT ON DATABASE d TO app",
        "GRANT CREATE ON TABLESPACE t TO app",
        "GRANT SET ON PARAMETER work_mem TO app",
        "COMMENT ON DATABASE d IS 'x'",
        "COMMENT ON ROLE r IS 'x'",
        "DROP OWNED BY app",
        "REASSIGN OWNED BY a TO b",
        "COPY t TO '/tmp/x'",
        "COPY t (a, b) FROM '/tmp/x' WITH (FORMAT csv)",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "COPY t FROM PROGRAM 'cat'",
        "SELECT pg_read_file('x')",
        "SELECT pg_catalog . PG_LS_DIR /* x */ ('.')",
        'SELECT "pg_terminate_backend"(pid) FROM pg_stat_activity',
        "INSERT INTO t VALUES (lo_import('/etc/passwd'))",
        "UPDATE t SET a = lo_export(b, '/tmp/x') WHERE c",
        "SELECT pg_file_write('x', 'y', false)",
        "SELECT * FROM dblink('host=x', 'SELECT 1') AS t (a int)",
        "SELECT dblink_exec('host=x', 'DROP TABLE t')",
        "SELECT cron.schedule('x', '* * * * *', 'SELECT 1')",
        "SELECT pg_reload_conf()",
        "CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p",
        "DROP SUBSCRIPTION s",
        "LOAD 'x'",
        "CHECKPOINT",
        "IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z",
        "CREATE FUNCTION f() RETURNS int AS 'lib', 'f' LANGUAGE C",
        "DO $$ BEGIN CREATE ROLE app; END $$",
        "DO $x$ BEGIN IF true THEN ALTER SYSTEM SET a = 1; END IF; END $x$",
        "DO LANGUAGE plpgsql 'BEGIN PERFORM pg_terminate_backend(1); END'",
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ COPY t TO '/tmp/x' $$",
        "WITH x AS (SELECT pg_read_file('x')) SELECT * FROM x",
        "EXPLAIN ANALYZE SELECT pg_switch_wal()",
        "CREATE TABLE t AS SELECT pg_read_file('x')",
        "COPY (SELECT pg_read_file('x')) TO STDOUT",
    ),
    Reach.UNKNOWN: (
        "DO $$ BEGIN EXECUTE 'ALTER ' || 'SYSTEM RESET ALL'; END $$",
        "DO $$ DECLARE r record; BEGIN FOR r IN EXECUTE q LOOP NULL; END LOOP; END $$",
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN execute /* x */ format('%s', 1); END $f$",
        "CREATE OR REPLACE PROCEDURE p() AS $$ import os $$ LANGUAGE plpython3u",
        "DO $$ os.remove('x') $$ LANGUAGE plpython3u",
        "CALL p()",
        "DO $$ BEGIN CALL p(); END $$",
        "SELECT query_to_xml('SELECT 1', true, true, '')",
        "CREATE USER MAPPING FOR app SERVER s",
        "FROBNICATE t",
    ),
    Reach.DATABASE: (
        "CREATE TABLE t (pg_read_file int, lo_export text)",
        "SELECT 'pg_read_file(x)', lo_export FROM t -- pg_read_file(",
        "CREATE FOREIGN TABLE t (a int) SERVER s",
        "GRANT SELECT ON t TO app",
        "GRANT ALL ON ALL TABLES IN SCHEMA s TO app",
        "REVOKE EXECUTE ON FUNCTION f() FROM app",
        "ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON TABLES TO r",
        "ALTER TABLE t OWNER TO app",
        "COPY t FROM STDIN",
        "COPY (SELECT 1) TO STDOUT",
        "COMMENT ON TABLE t IS 'about a DATABASE'",
        "CREATE TRIGGER x BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := now(); RETURN NEW; END $$",
        "DO $$ BEGIN GRANT EXECUTE ON FUNCTION f() TO app; UPDATE t SET a = 1; END $$",
        "CREATE TABLE t (a int) TABLESPACE fast",
        "CREATE EVENT TRIGGER x ON ddl_command_start EXECUTE FUNCTION f()",
        "CREATE PUBLICATION p FOR ALL TABLES",
        "SET lock_timeout = '5s'",
        "VACUUM t",
    ),
}
SQLITE = {
    Reach.SERVER: (
        "ATTACH 'x.db' AS x",
        "ATTACH/* x */DATABASE 'x.db' AS x",
        "DETACH x",
        "VACUUM INTO 'copy.db'",
        "VACUUM main INTO 'copy.db'",
        "SELECT load_extension('x')",
        "INSERT INTO t SELECT writefile ('x', 'y')",
        'UPDATE t SET a = "readfile"(b) WHERE c',
    ),
    Reach.UNKNOWN: ("CREATE VIRTUAL TABLE t USING csv(filename='x')", "FROBNICATE t"),
    Reach.DATABASE: (
        "VACUUM",
        "CREATE TABLE attach (load_extension)",
        "SELECT 'load_extension(x)'",
        "CREATE VIRTUAL TABLE t USING fts5(a)",
        "PRAGMA foreign_keys = OFF",
    ),
}
CASES = [
    pytest.param(engine, sql, reach, id=f"{engine}-{reach.name}-{at}")
    for engine, table in (("postgresql", POSTGRESQL), ("sqlite", SQLITE))
    for reach, statements in table.items()
    for at, sql in enumerate(statements)
]


@pytest.mark.parametrize(("engine", "sql", "reach"), CASES)
def test_reach(engine: str, sql: str, reach: Reach) -> None:
    assert dialects.get(engine).facts(sql).reach is reach, sql
