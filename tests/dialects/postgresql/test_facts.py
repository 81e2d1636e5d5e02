"""Facts are read from the text, whatever its case, comments and quotes."""

from __future__ import annotations

import pytest

from dbwarden.core.dialect import Server
from dbwarden.core.statement import Effect, Lock
from dbwarden.core.types import Ref
from dbwarden.dialects.postgresql.facts import facts, judged
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
        ("CREATE SCHEMA s", "create schema", Lock.NONE, True, ["namespace s"]),
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
    found = facts(sql, SERVER)
    assert found.known
    assert (found.action, found.lock, found.transactional) == (action, lock, transactional)
    if targets:
        assert [str(target) for target in found.targets] == targets


def test_effects_of_several_actions_add_up() -> None:
    found = facts("ALTER TABLE t DROP COLUMN a, ALTER COLUMN b TYPE numeric(10,2) USING b::numeric(10,2)", SERVER)
    assert {D, X, Effect.REWRITES} <= found.effects
    assert found.targets == (Ref("table", "t"),)


@pytest.mark.parametrize("sql", ["DO $$ BEGIN DROP TABLE t; END $$", "CALL p()", "FROB THE TABLE"])
def test_what_no_row_knows_is_said_to_be_unknown(sql: str) -> None:
    assert not facts(sql, SERVER).known


def test_loss_of_data_is_seen() -> None:
    for sql in ("DROP TABLE t", "TRUNCATE t", "DELETE FROM t", "ALTER TABLE t DROP a", "DROP SCHEMA s CASCADE"):
        assert X in facts(sql, SERVER).effects, sql


def test_a_value_that_the_file_uses_is_added_outside_of_its_transaction() -> None:
    add = "ALTER TYPE c ADD VALUE 'x' BEFORE 'y'"
    assert [one.transactional for one in judged([add, "UPDATE t SET c = 'x'"], SERVER)] == [False, True]
    assert [one.transactional for one in judged([add, "UPDATE t SET c = 'y'"], SERVER)] == [True, True]
    assert not facts(add, Server((11, 0))).transactional


def test_a_statement_is_judged_in_a_few_steps() -> None:
    statements = [f"CREATE TABLE t{n} (\n    id SERIAL,\n" + "    a VARCHAR(20),\n" * 10 + ")" for n in range(20)]
    statements += [f"CREATE INDEX i{n} ON t{n} (a)" for n in range(10)]
    statements += [f"ALTER TABLE t{n} ADD CONSTRAINT k{n} FOREIGN KEY (a) REFERENCES b (id)" for n in range(10)]
    facts(statements[0], SERVER)
    assert calls(lambda: [facts(sql, SERVER) for sql in statements]) < 400 * len(statements)
