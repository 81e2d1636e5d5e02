"""Facts are read from the text, whatever its case, comments and quotes."""

from __future__ import annotations

import pytest

from dbwarden.core.dialect import Server
from dbwarden.core.statement import Effect
from dbwarden.core.types import Ref
from dbwarden.dialects.postgresql.facts import analyze_file, facts
from dbwarden.dialects.postgresql.locks import Lock, lock_of
from tests.support.work import calls

SERVER = Server((15, 0), "", "public")
C, D, X = Effect.CREATES, Effect.DROPS, Effect.DELETES_DATA


@pytest.mark.parametrize(
    ("sql", "action", "lock", "transactional", "targets"),
    [
        ("CREATE TABLE IF NOT EXISTS public.t (a INT)", "create table", Lock.NONE, True, ["table t"]),
        ('-- hello\ncreate table s."Or der" (a int)', "create table", Lock.NONE, True, ["table s.Or der"]),
        ("CREATE UNLOGGED TABLE t (a int)", "create table", Lock.NONE, True, ["table t"]),
        ("CREATE INDEX ON t (a)", "create index", Lock.SHARE, True, ["table t"]),
        ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS x ON s.t (a)", "create index concurrently",
         Lock.SHARE_UPDATE_EXCLUSIVE, False, ["index s.t.x", "table s.t"]),
        ("DROP INDEX CONCURRENTLY IF EXISTS s.x", "drop index concurrently", Lock.SHARE_UPDATE_EXCLUSIVE, False, ["index s.x"]),
        ("DROP TABLE a, public.b CASCADE", "drop table", Lock.ACCESS_EXCLUSIVE, True, ["table a", "table b"]),
        ("DROP TYPE IF EXISTS s.c", "drop type", Lock.NONE, True, ["enum s.c"]),
        ("CREATE TYPE c AS ENUM ('a')", "create type", Lock.NONE, True, ["enum c"]),
        ("CREATE DOMAIN c AS INT", "create domain", Lock.NONE, True, ["domain c"]),
        ("CREATE SCHEMA s", "create schema", Lock.NONE, True, ["schema s"]),
        ("CREATE SEQUENCE q", "create sequence", Lock.NONE, True, ["sequence q"]),
        ("ALTER TABLE t ADD COLUMN a INT", "add column", Lock.ACCESS_EXCLUSIVE, True, ["table t"]),
        ("ALTER TABLE t ADD CONSTRAINT x FOREIGN KEY (a) REFERENCES b NOT VALID", "add constraint not valid",
         Lock.SHARE_ROW_EXCLUSIVE, True, ["table t"]),
        ("ALTER TABLE t VALIDATE CONSTRAINT x", "validate constraint", Lock.SHARE_UPDATE_EXCLUSIVE, True, ["table t"]),
        ("ALTER TYPE c ADD VALUE 'x'", "add enum value", Lock.NONE, True, ["enum c"]),
        ("VACUUM (FULL, ANALYZE) t", "vacuum full", Lock.ACCESS_EXCLUSIVE, False, []),
        ("VACUUM t", "vacuum", Lock.SHARE_UPDATE_EXCLUSIVE, False, []),
        ("REINDEX TABLE CONCURRENTLY t", "reindex concurrently", Lock.SHARE_UPDATE_EXCLUSIVE, False, []),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY m", "refresh materialized view concurrently", Lock.EXCLUSIVE, True,
         ["materialized view m"]),
        ("ALTER SYSTEM SET a = 1", "alter system", Lock.NONE, False, []),
        ("CREATE DATABASE d", "create database", Lock.NONE, False, []),
        ("DROP TABLESPACE d", "drop tablespace", Lock.NONE, False, []),
        ("COMMIT", "transaction control", Lock.NONE, False, []),
        ("TRUNCATE t", "truncate", Lock.ACCESS_EXCLUSIVE, True, ["table t"]),
        ("DELETE FROM t", "delete", Lock.ROW_EXCLUSIVE, True, ["table t"]),
    ],
)  # fmt: skip
def test_rows(sql: str, action: str, lock: Lock, transactional: bool, targets: list[str]) -> None:
    actual = facts(sql, SERVER)
    assert actual.known
    assert (actual.action, lock_of(actual), actual.transactional) == (action, lock, transactional)
    if targets:
        assert [str(target) for target in actual.targets] == targets


def test_effects_of_several_actions_add_up() -> None:
    actual = facts("ALTER TABLE t DROP COLUMN a, ALTER COLUMN b TYPE numeric(10,2) USING b::numeric(10,2)", SERVER)
    assert {D, X, Effect.REWRITES} <= actual.effects
    assert actual.targets == (Ref("table", "t"),)


@pytest.mark.parametrize("sql", ["DO $$ BEGIN DROP TABLE t; END $$", "CALL p()", "FROB THE TABLE"])
def test_what_no_row_knows_is_said_to_be_unknown(sql: str) -> None:
    assert not facts(sql, SERVER).known


def test_loss_of_data_is_seen() -> None:
    for sql in ("DROP TABLE t", "TRUNCATE t", "DELETE FROM t", "ALTER TABLE t DROP a", "DROP SCHEMA s CASCADE"):
        assert X in facts(sql, SERVER).effects, sql


def test_a_value_that_the_file_uses_is_added_outside_of_its_transaction() -> None:
    add = "ALTER TYPE c ADD VALUE 'x' BEFORE 'y'"
    assert [one.transactional for one in analyze_file([add, "UPDATE t SET c = 'x'"], SERVER)] == [False, True]
    assert [one.transactional for one in analyze_file([add, "UPDATE t SET c = 'y'"], SERVER)] == [True, True]
    assert not facts(add, Server((11, 0))).transactional


def test_a_statement_is_judged_in_a_few_steps() -> None:
    statements = [f"CREATE TABLE t{n} (\n    id SERIAL,\n" + "    a VARCHAR(20),\n" * 10 + ")" for n in range(20)]
    statements += [f"CREATE INDEX i{n} ON t{n} (a)" for n in range(10)]
    statements += [f"ALTER TABLE t{n} ADD CONSTRAINT k{n} FOREIGN KEY (a) REFERENCES b (id)" for n in range(10)]
    facts(statements[0], SERVER)
    assert calls(lambda: [facts(sql, SERVER) for sql in statements]) < 460 * len(statements)


S, W, R = Effect.SCANS, Effect.WRITES_ROWS, Effect.REWRITES
CH = Effect.CHANGES
EXCLUSIVE, WRITERS, BRIEF = Lock.ACCESS_EXCLUSIVE, Lock.SHARE_ROW_EXCLUSIVE, Lock.SHARE_UPDATE_EXCLUSIVE
CLAUSES = {
    # https://www.postgresql.org/docs/17/sql-altertable.html: what reads all rows, what writes them, and the lock meanwhile
    "ADD COLUMN a int": (EXCLUSIVE, {CH}),
    "ADD a int NOT NULL DEFAULT 1": (EXCLUSIVE, {CH}),
    "ADD a timestamptz DEFAULT now()": (EXCLUSIVE, {CH}),
    "ADD a uuid DEFAULT gen_random_uuid()": (EXCLUSIVE, {CH, R}),
    "ADD a double precision DEFAULT 1 + random()": (EXCLUSIVE, {CH, R}),
    "ADD a serial": (EXCLUSIVE, {CH, R}),
    "ADD a int GENERATED ALWAYS AS IDENTITY": (EXCLUSIVE, {CH, R}),
    "ADD a int GENERATED ALWAYS AS (b + 1) STORED": (EXCLUSIVE, {CH, R}),
    "DROP COLUMN a": (EXCLUSIVE, {D, X}),
    "DROP a": (EXCLUSIVE, {D, X}),
    "ALTER a TYPE bigint": (EXCLUSIVE, {CH, R}),
    "ALTER COLUMN a SET DATA TYPE bigint USING a::bigint": (EXCLUSIVE, {CH, R}),
    "ALTER a SET NOT NULL": (EXCLUSIVE, {CH, S}),
    "ALTER COLUMN a DROP NOT NULL": (EXCLUSIVE, {CH}),
    "ALTER a SET DEFAULT 1": (EXCLUSIVE, {CH}),
    "ALTER a DROP DEFAULT": (EXCLUSIVE, {CH}),
    "ALTER a SET STATISTICS 100": (BRIEF, {CH}),
    "ALTER a SET (n_distinct = 5)": (BRIEF, {CH}),
    "ALTER a SET EXPRESSION AS (b * 2)": (EXCLUSIVE, {CH, R}),
    "ALTER a SET STORAGE PLAIN": (EXCLUSIVE, {CH}),
    "ADD CONSTRAINT c CHECK (a > 0)": (EXCLUSIVE, {CH, S}),
    "ADD CHECK (a > 0) NOT VALID": (EXCLUSIVE, {CH}),
    "ADD CONSTRAINT c UNIQUE (a)": (EXCLUSIVE, {CH, S}),
    "ADD CONSTRAINT c UNIQUE USING INDEX i": (EXCLUSIVE, {CH}),
    "ADD PRIMARY KEY (a)": (EXCLUSIVE, {CH, S}),
    "ADD EXCLUDE USING gist (a WITH &&)": (EXCLUSIVE, {CH, S}),
    "ADD FOREIGN KEY (a) REFERENCES b": (WRITERS, {CH, S}),
    "ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES b NOT VALID": (WRITERS, {CH}),
    "VALIDATE CONSTRAINT c": (BRIEF, {CH, S}),
    "DROP CONSTRAINT c": (EXCLUSIVE, {D}),
    "RENAME a TO b": (EXCLUSIVE, {CH}),
    "RENAME TO b": (EXCLUSIVE, {CH}),
    "RENAME CONSTRAINT a TO b": (EXCLUSIVE, {CH}),
    "SET SCHEMA s": (EXCLUSIVE, {CH}),
    "SET TABLESPACE s": (EXCLUSIVE, {CH, R}),
    "SET UNLOGGED": (EXCLUSIVE, {CH, R}),
    "SET (fillfactor = 70)": (BRIEF, {CH}),
    "RESET (fillfactor)": (BRIEF, {CH}),
    "CLUSTER ON i": (BRIEF, {CH}),
    "ATTACH PARTITION p FOR VALUES IN (1)": (BRIEF, {CH, S}),
    "DETACH PARTITION p": (EXCLUSIVE, {CH}),
    "ENABLE ROW LEVEL SECURITY": (EXCLUSIVE, {CH}),
    "OWNER TO o": (EXCLUSIVE, {CH}),
    "DISABLE TRIGGER ALL": (WRITERS, {CH}),
}
STATEMENTS = {
    "CREATE TABLE t (a int)": (Lock.NONE, {C}),
    "CREATE INDEX i ON t (a)": (Lock.SHARE, {C, S}),
    "CREATE INDEX CONCURRENTLY i ON t (a)": (BRIEF, {C, S}),
    "CREATE TRIGGER x AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()": (WRITERS, {C}),
    "CREATE POLICY x ON t": (EXCLUSIVE, {C}),
    "ALTER POLICY x ON t TO o": (EXCLUSIVE, {CH}),
    "CREATE TYPE m AS ENUM ('a')": (Lock.NONE, {C}),
    "DROP TABLE t": (EXCLUSIVE, {D, X}),
    "DROP INDEX i": (EXCLUSIVE, {D}),
    "DROP SCHEMA s CASCADE": (EXCLUSIVE, {D, X}),
    "DROP TYPE m": (Lock.NONE, {D}),
    "DROP TYPE m CASCADE": (Lock.NONE, {D, X}),
    "DROP OWNED BY o": (EXCLUSIVE, {D, X}),
    "ALTER SEQUENCE q RESTART": (WRITERS, {CH}),
    "ALTER INDEX i RENAME TO j": (BRIEF, {CH}),
    "ALTER DOMAIN m ADD CHECK (VALUE > 0)": (Lock.NONE, {CH, S}),
    "TRUNCATE t": (EXCLUSIVE, {X}),
    "DELETE FROM t WHERE a": (Lock.ROW_EXCLUSIVE, {X, W}),
    "UPDATE t SET a = 1": (Lock.ROW_EXCLUSIVE, {W}),
    "INSERT INTO t VALUES (1)": (Lock.ROW_EXCLUSIVE, {W}),
    "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE": (Lock.ROW_EXCLUSIVE, {X, W}),
    "COPY t FROM STDIN": (Lock.ROW_EXCLUSIVE, {W}),
    "COPY t TO STDOUT": (Lock.ACCESS_SHARE, set()),
    "VACUUM FULL t": (EXCLUSIVE, {R}),
    "CLUSTER t": (EXCLUSIVE, {R}),
    "REINDEX TABLE t": (EXCLUSIVE, {S}),
    "REFRESH MATERIALIZED VIEW m": (EXCLUSIVE, {S}),
    "ANALYZE t": (BRIEF, {S}),
    "LOCK TABLE t": (EXCLUSIVE, set()),
    "SELECT 1": (Lock.ACCESS_SHARE, set()),
    "GRANT SELECT ON t TO o": (Lock.NONE, {CH}),
}


@pytest.mark.parametrize("clause", CLAUSES)
def test_what_each_clause_locks_reads_and_writes(clause: str) -> None:
    actual = facts(f"ALTER TABLE t {clause}", SERVER)
    assert (actual.known, lock_of(actual), actual.effects) == (True, *CLAUSES[clause])
    assert actual.targets[0] == Ref("table", "t")


@pytest.mark.parametrize("sql", STATEMENTS)
def test_what_each_statement_locks_reads_and_writes(sql: str) -> None:
    actual = facts(sql, SERVER)
    assert (actual.known, lock_of(actual), actual.effects) == (True, *STATEMENTS[sql])


def test_validating_leaves_the_transaction_that_added_the_constraint() -> None:
    add, validate = "ALTER TABLE t ADD CHECK (a > 0) NOT VALID", "ALTER TABLE t VALIDATE CONSTRAINT t_a_check"
    assert [one.transactional for one in analyze_file([add, validate], SERVER)] == [True, False]
    assert [one.transactional for one in analyze_file([validate], SERVER)] == [True]
    made = "CREATE TABLE t (a int)"
    assert [one.transactional for one in analyze_file([made, add, validate], SERVER)] == [True, True, True]


def test_whom_locks_keep_waiting() -> None:
    assert {lock.name: lock.blocks.name for lock in Lock if lock.blocks.name not in ("NOTHING", "UNKNOWN")} == {
        "SHARE_UPDATE_EXCLUSIVE": "DDL",
        "SHARE": "WRITERS",
        "SHARE_ROW_EXCLUSIVE": "WRITERS",
        "EXCLUSIVE": "WRITERS",
        "ACCESS_EXCLUSIVE": "EVERYBODY",
    }
