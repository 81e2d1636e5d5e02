"""The online way by its text: where it is taken, and where PostgreSQL has none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Identity, Index, Integer, MetaData, String, UniqueConstraint

from dbwarden.core.dialect import Prefs, Server
from dbwarden.core.model import Check, Schema
from dbwarden.core.options import Options
from dbwarden.core.plan import Pair, plan
from dbwarden.core.steps import Plan
from dbwarden.core.types import Ref
from dbwarden.dialects.postgresql.dialect import PostgreSQL
from dbwarden.dialects.postgresql.facts import analyze_file
from dbwarden.models.read import read
from tests.support.torn import torn

DIALECT = PostgreSQL()
ONLINE = Prefs(online=True)


def schema(*items: Any, **options: Any) -> Schema:
    metadata = MetaData()
    sa.Table("p", metadata, Column("id", Integer, primary_key=True))
    sa.Table("t", metadata, Column("id", Integer, primary_key=True), *items, **options)
    return DIALECT.canonical(read([metadata], DIALECT))


def planned(before: Schema, after: Schema, dialect: PostgreSQL = DIALECT) -> Plan:
    return plan(Pair(before, after), dialect, ONLINE)


def heads(statements: tuple[str, ...]) -> list[str]:
    """What each statement is about, in a few words."""
    known = ("CONCURRENTLY", "USING INDEX", "NOT VALID", "VALIDATE", "SET NOT NULL", "DROP CONSTRAINT", "ADD GENERATED")
    return [next((word for word in known if word in sql), " ".join(sql.split()[:2])) for sql in statements]


def _n(**options: Any) -> Column[int]:
    return Column("n", Integer, **options)


@pytest.mark.parametrize(
    ("items", "upgrade", "rollback"),
    [
        ([_n(), Index("ix", "n")], ["CONCURRENTLY"], ["CONCURRENTLY"]),
        ([_n(), UniqueConstraint("n")], ["CONCURRENTLY", "USING INDEX"], ["DROP CONSTRAINT"]),
        ([_n(), CheckConstraint("n > 0")], ["NOT VALID", "VALIDATE"], ["DROP CONSTRAINT"]),
        ([_n(), sa.ForeignKeyConstraint(["n"], ["p.id"])], ["NOT VALID", "VALIDATE"], ["DROP CONSTRAINT"]),
        ([_n(nullable=False)], ["NOT VALID", "VALIDATE", "SET NOT NULL", "DROP CONSTRAINT"], ["ALTER TABLE"]),
        ([Column("n", Integer, Identity())],
         ["NOT VALID", "VALIDATE", "SET NOT NULL", "DROP CONSTRAINT", "ADD GENERATED", "SELECT setval(pg_get_serial_sequence('t',"],
         ["ALTER TABLE"]),
    ],
)  # fmt: skip
def test_ways(items: list[object], upgrade: list[str], rollback: list[str]) -> None:
    change = planned(schema(_n()), schema(*items))
    assert heads(change.upgrade()) == upgrade
    assert heads(change.rollback()) == rollback


def test_what_a_new_table_brings_is_plain() -> None:
    whole = schema(_n(nullable=False, index=True), UniqueConstraint("n"), CheckConstraint("n > 0"))
    text = " ".join((*planned(Schema(), whole).upgrade(), *planned(Schema(), whole).rollback()))
    assert not {"CONCURRENTLY", "VALID", "VALIDATE"} & set(text.split())


def test_partitioned_tables_have_no_concurrent_builds() -> None:
    before = schema(_n(), postgresql_partition_by="RANGE (id)")
    after = schema(
        Column("n", Integer, ForeignKey("p.id"), index=True),
        UniqueConstraint("id", "n"),
        postgresql_partition_by="RANGE (id)",
    )
    text = " ".join((*planned(before, after).upgrade(), *planned(before, after).rollback()))
    assert not {"CONCURRENTLY", "VALID", "USING"} & set(text.split())


def test_what_was_not_valid_comes_back_not_valid() -> None:
    after = schema(_n())
    check = schema(_n(), CheckConstraint("n > 0", name="ck")).get(Ref("check", "ck", None, "t"))
    assert isinstance(check, Check)
    unchecked = replace(check, options=Options.of({"not_valid": "true"}))
    assert planned(after.put(unchecked), after).rollback() == (
        "ALTER TABLE t ADD CONSTRAINT ck CHECK (n > 0) NOT VALID",
    )


def test_before_version_12_not_null_reads_all_rows_anyway() -> None:
    old = DIALECT.for_server(Server((11, 0), "", "public"))
    assert heads(planned(schema(_n()), schema(_n(nullable=False)), old).upgrade()) == ["SET NOT NULL"]


def test_the_name_of_the_proof_is_free() -> None:
    def schema_of(nullable: bool) -> Schema:
        return schema(_n(nullable=nullable), CheckConstraint("n > 0", name="t_n_set"))

    change = planned(schema_of(True), schema_of(False))
    assert "ADD CONSTRAINT t_n_set1 CHECK (n IS NOT NULL) NOT VALID" in change.upgrade()[0]


def test_an_index_is_built_beside_the_one_it_replaces() -> None:
    before, after = schema(_n(), Index("ix", "n")), schema(_n(), Index("ix", "n", "id"))
    assert planned(before, after).upgrade() == (
        "CREATE INDEX CONCURRENTLY ix_new ON t (n, id)",
        "DROP INDEX CONCURRENTLY ix",
        "ALTER INDEX ix_new RENAME TO ix",
    )


def test_an_index_over_a_column_that_changes_is_built_behind_it() -> None:
    before = schema(_n(), Column("s", String(5)), Index("ix", "n"))
    after = schema(_n(), Column("s", Integer), Index("ix", "s"))
    assert planned(before, after).upgrade()[1:] == (
        "CREATE INDEX CONCURRENTLY ix_new ON t (s)",
        "DROP INDEX CONCURRENTLY ix",
        "ALTER INDEX ix_new RENAME TO ix",
    )


def test_validate_leaves_the_transaction_of_its_add() -> None:
    add, validate = (
        "ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0) NOT VALID",
        "ALTER TABLE public.t VALIDATE CONSTRAINT c",
    )
    server = DIALECT.server

    def transactional(*statements: str) -> list[bool]:
        return [one.transactional for one in analyze_file(statements, server)]

    assert transactional(add, validate) == [True, False]
    assert transactional(validate) == [True]
    assert transactional(validate, add) == [True, True]
    assert transactional(add, "ALTER TABLE u VALIDATE CONSTRAINT c") == [True, True]
    assert transactional("CREATE TABLE t (n INTEGER)", add, validate) == [True, True, True]


def test_a_foreign_key_goes_when_the_key_that_its_successor_refers_to_is_built() -> None:
    def schema_of(column: str) -> Schema:
        metadata = MetaData()
        unique = UniqueConstraint(column, name=f"uq_{column}")
        sa.Table("p", metadata, Column("a", Integer), Column("b", Integer), unique)
        sa.Table("t", metadata, _n(), sa.ForeignKeyConstraint(["n"], [f"p.{column}"], name="fk"))
        return DIALECT.canonical(read([metadata], DIALECT))

    change = planned(schema_of("a"), schema_of("b"))
    for statements in (change.upgrade(), change.rollback()):
        assert heads(statements) == [
            "CONCURRENTLY", "DROP CONSTRAINT", "DROP CONSTRAINT", "USING INDEX", "NOT VALID", "VALIDATE"
        ]  # fmt: skip
        assert torn(statements, DIALECT) == []
