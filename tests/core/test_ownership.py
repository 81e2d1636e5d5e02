"""What history says we created, also under other names."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.core.change import Rename
from dbwarden.core.order import touched_tables
from dbwarden.core.ownership import created_by
from dbwarden.core.types import Ref

A, B, C = (Ref("table", name) for name in "abc")
CREATE_A, DROP_A = "CREATE TABLE a (id INTEGER)", "DROP TABLE a"
A_TO_B, B_TO_A = "ALTER TABLE a RENAME TO b", "ALTER TABLE b RENAME TO a"


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_renamed_table_is_still_ours(engine: str) -> None:
    facts = dialects.get(engine).facts
    assert created_by([CREATE_A, A_TO_B], [], facts) == {B}
    assert created_by([A_TO_B], [], facts) == frozenset(), "whose it was is not said"
    assert created_by([], [[DROP_A], [B_TO_A]], facts) == {B}, "the files are gone, their rollbacks are known"
    assert created_by([CREATE_A, A_TO_B, CREATE_A], [], facts) == {A, B}
    assert created_by([], [[DROP_A], ["DROP TABLE a", B_TO_A]], facts) == {A, B}
    assert created_by([CREATE_A, A_TO_B, "ALTER TABLE b RENAME TO c"], [], facts) == {C}
    assert created_by([CREATE_A, "ALTER TABLE a RENAME COLUMN id TO b"], [], facts) == {A}


def test_a_rebuild_claims_nothing_and_forgets_nothing() -> None:
    facts = dialects.get("sqlite").facts
    rebuild = ["CREATE TABLE dbwarden_new_a (id)", "DROP TABLE a", "ALTER TABLE dbwarden_new_a RENAME TO a"]
    assert created_by(rebuild, [rebuild], facts) == frozenset()
    assert created_by([CREATE_A, *rebuild], [[DROP_A], rebuild], facts) == {A}


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
