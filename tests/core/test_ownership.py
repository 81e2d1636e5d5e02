"""What history says we created, also under other names."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.core.change import Rename
from dbwarden.core.order import touched_tables
from dbwarden.core.ownership import AppliedMigration, created_by
from dbwarden.core.types import Ref

A, B, C = (Ref("table", name) for name in "abc")
CREATE_A, DROP_A = "CREATE TABLE a (id INTEGER)", "DROP TABLE a"
A_TO_B, B_TO_A = "ALTER TABLE a RENAME TO b", "ALTER TABLE b RENAME TO a"


REBUILD_A = ["CREATE TABLE dbwarden_new_a (id)", "DROP TABLE a", "ALTER TABLE dbwarden_new_a RENAME TO a"]


def up(*statements: str, generated: bool = True) -> AppliedMigration:
    return AppliedMigration(statements, (), generated)


def down(*statements: str, generated: bool = True) -> AppliedMigration:
    """A migration of which only the rollback is known."""
    return AppliedMigration((), statements, generated)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_renamed_table_is_still_ours(engine: str) -> None:
    facts = dialects.get(engine).facts
    assert created_by([up(CREATE_A, A_TO_B)], facts) == {B}
    assert created_by([up(A_TO_B)], facts) == frozenset(), "whose it was is not said"
    assert created_by([down(DROP_A), down(B_TO_A)], facts) == {B}, "the files are gone, their rollbacks are known"
    assert created_by([up(CREATE_A, A_TO_B, CREATE_A)], facts) == {A, B}
    assert created_by([down(DROP_A), down(DROP_A, B_TO_A)], facts) == {A, B}
    assert created_by([up(CREATE_A, A_TO_B, "ALTER TABLE b RENAME TO c")], facts) == {C}
    assert created_by([up(CREATE_A, "ALTER TABLE a RENAME COLUMN id TO b")], facts) == {A}


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_is_written_by_hand_is_theirs(engine: str) -> None:
    facts = dialects.get(engine).facts
    assert created_by([up(CREATE_A, generated=False)], facts) == frozenset()
    assert created_by([down(DROP_A, generated=False)], facts) == frozenset()
    assert created_by([up(CREATE_A), up(A_TO_B, generated=False)], facts) == {B}, "ours, whoever renamed it"
    assert created_by([up(CREATE_A), up(DROP_A, CREATE_A, generated=False)], facts) == frozenset()
    assert created_by([up(CREATE_A), up(DROP_A), up(CREATE_A, generated=False)], facts) == frozenset()
    assert created_by([down(DROP_A), down(CREATE_A), down(DROP_A, generated=False)], facts) == frozenset()


def test_a_rebuild_claims_nothing_and_forgets_nothing() -> None:
    facts = dialects.get("sqlite").facts
    rebuild = AppliedMigration(REBUILD_A, REBUILD_A)
    assert created_by([rebuild], facts) == frozenset()
    assert created_by([AppliedMigration([CREATE_A], [DROP_A]), rebuild], facts) == {A}
    assert created_by([up(CREATE_A), up(*REBUILD_A)], facts) == {A}
    assert created_by([down(DROP_A), down(*REBUILD_A)], facts) == {A}


def test_schemas_and_quotes_of_postgresql() -> None:
    facts = dialects.get("postgresql").facts
    assert facts('ALTER TABLE IF EXISTS audit."Log" RENAME TO "Old Log"').targets == (
        Ref("table", "Log", "audit"),
        Ref("table", "Old Log", "audit"),
    )
    assert len(facts("ALTER TABLE a RENAME x TO y").targets) == 1
    assert len(facts("ALTER TABLE a RENAME CONSTRAINT x TO y").targets) == 1


def test_an_enum_value_touches_no_table() -> None:
    value = Ref("enum_value", "sad", None, "mood")
    assert touched_tables([Rename(value, value._replace(name="blue"))]) == frozenset()
    assert touched_tables([Rename(A, B)]) == {B}
