"""Statements judged by their text, and the process that holds the lock."""

from __future__ import annotations

import pytest

from dbwarden.core.dialect import Dialect
from dbwarden.core.ownership import AppliedMigration, created_by
from dbwarden.core.statement import Effect
from dbwarden.core.types import Ref
from tests.support.work import calls

T = Ref("table", "t")


@pytest.mark.parametrize(
    ("sql", "action", "effects", "targets"),
    [
        ('create table if not exists main."t" (a int)', "create table", {Effect.CREATES}, (T,)),
        ("-- x\nCREATE /* y */ TEMP TABLE t AS SELECT 1", "create table", {Effect.CREATES}, (T,)),
        ("DROP TABLE [t]", "drop table", {Effect.DROPS, Effect.DELETES_DATA}, (T,)),
        (
            "CREATE UNIQUE INDEX i ON t (a)",
            "create index",
            {Effect.CREATES, Effect.SCANS},
            (Ref("index", "i", None, "t"),),
        ),
        ("ALTER TABLE t RENAME TO u", "rename table", {Effect.CHANGES}, (T, Ref("table", "u"))),
        ("ALTER TABLE t RENAME COLUMN a TO b", "rename column", {Effect.CHANGES}, (T,)),
        ("ALTER TABLE t ADD a INT", "add column", {Effect.CHANGES}, (T,)),
        ("ALTER TABLE t DROP COLUMN a", "drop column", {Effect.CHANGES, Effect.DELETES_DATA}, (T,)),
        ("INSERT OR IGNORE INTO t VALUES (1)", "insert", {Effect.WRITES_ROWS}, (T,)),
        ("UPDATE OR IGNORE t SET a = 1", "update", {Effect.WRITES_ROWS}, (T,)),
        ("DELETE FROM t", "delete", {Effect.WRITES_ROWS, Effect.DELETES_DATA}, (T,)),
        ("begin immediate", "transaction control", set(), ()),
    ],
)
def test_facts(sql: str, action: str, effects: set[Effect], targets: tuple[Ref, ...], dialect: Dialect) -> None:
    known = dialect.facts(sql)
    assert (known.action, set(known.effects), known.targets) == (action, effects, targets)
    assert known.known and known.transactional and not known.session


@pytest.mark.parametrize(
    "sql", ["VACUUM", "ATTACH 'x.db' AS x", "pragma journal_mode = wal", "PRAGMA main.journal_mode=WAL"]
)
def test_what_needs_to_stand_outside_a_transaction(sql: str, dialect: Dialect) -> None:
    assert not dialect.facts(sql).transactional


@pytest.mark.parametrize("sql", ["PRAGMA foreign_keys = OFF", "pragma main.foreign_keys(0)", "PRAGMA foreign_keys=ON"])
def test_what_the_transaction_hooks_run(sql: str, dialect: Dialect) -> None:
    assert dialect.facts(sql).session


def test_asking_is_no_setting(dialect: Dialect) -> None:
    assert not dialect.facts("PRAGMA foreign_keys").session
    assert not dialect.facts("PRAGMA legacy_alter_table = ON").session, "counts inside a transaction too"


def test_an_unknown_statement_is_unknown(dialect: Dialect) -> None:
    assert not dialect.facts("FROBNICATE t").known


def test_many_statements_are_judged_quickly(dialect: Dialect) -> None:
    sql = "CREATE TABLE t (\n" + ",\n".join(f"    column_{n} VARCHAR(50) NOT NULL" for n in range(12)) + "\n)"
    dialect.facts(sql)
    assert calls(lambda: dialect.facts(sql)) < 300


def test_a_rebuild_claims_no_table(dialect: Dialect) -> None:
    rollback = (
        "CREATE TABLE dbwarden_new_t (a)",
        "DROP TABLE t",
        "ALTER TABLE dbwarden_new_t RENAME TO t",
        "DROP TABLE u",
    )
    assert created_by([AppliedMigration((), rollback)], dialect.parse) == {Ref("table", "u")}
