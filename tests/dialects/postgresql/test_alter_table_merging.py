"""Several changes of one table's columns as one ALTER TABLE, and what stays apart."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.dialects.postgresql import alter_table_merging
from dbwarden.dialects.postgresql.alter_table_merging import merge_statements

ALTER = "ALTER TABLE t"


def test_changes_of_different_columns_are_one_statement() -> None:
    assert merge_statements(
        [
            f"{ALTER} DROP COLUMN a",
            f"{ALTER} ALTER COLUMN b TYPE BIGINT",
            f"{ALTER} ADD COLUMN c INTEGER NOT NULL DEFAULT 1",
        ]
    ) == (
        "ALTER TABLE t\n    DROP COLUMN a,\n    ALTER COLUMN b TYPE BIGINT,\n    ADD COLUMN c INTEGER NOT NULL DEFAULT 1",
    )


def test_only_alter_table_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = alter_table_merging.statement
    monkeypatch.setattr(alter_table_merging, "statement", lambda sql, schema: parsed.append(sql) or parse(sql, schema))
    change = f"{ALTER} ADD COLUMN c INTEGER"
    statements = ("CREATE TABLE t (id INTEGER)", "CREATE INDEX i ON t (id)", change, "DROP TABLE u")
    assert merge_statements(statements) == statements
    assert parsed == [change]


APART = {
    "the same column": [f"{ALTER} ADD COLUMN a INTEGER", f"{ALTER} ALTER COLUMN a SET NOT NULL"],
    "a generated column": [
        f"{ALTER} ADD COLUMN a INTEGER",
        f"{ALTER} ADD COLUMN b INTEGER GENERATED ALWAYS AS (a) STORED",
    ],
    "a constraint": [f"{ALTER} ADD COLUMN a INTEGER", f"{ALTER} ADD CONSTRAINT c CHECK (a > 0)"],
    "an expression that goes": [f"{ALTER} ALTER COLUMN a DROP EXPRESSION", f"{ALTER} ALTER COLUMN b TYPE BIGINT"],
    "another statement between": [f"{ALTER} ADD COLUMN a INTEGER", "UPDATE t SET a = b", f"{ALTER} DROP COLUMN b"],
    "a comment between": [f"{ALTER} ADD COLUMN a INTEGER", f"-- Move data here\n{ALTER} DROP COLUMN b"],
    "a type that another table's type may need": [
        f"{ALTER} ALTER COLUMN a TYPE BIGINT",
        "ALTER TABLE u ALTER COLUMN t_a TYPE BIGINT",
        f"{ALTER} ALTER COLUMN b TYPE BIGINT",
    ],
    "a rename": [f"{ALTER} RENAME COLUMN a TO b", f"{ALTER} ADD COLUMN a INTEGER"],
}


@pytest.mark.parametrize("what", APART)
def test_what_may_depend_on_another_stays_apart(what: str) -> None:
    assert merge_statements(APART[what]) == tuple(APART[what])


def test_another_table_and_comments_may_stand_between() -> None:
    merged = merge_statements(
        [
            f"{ALTER} DROP COLUMN a",
            "ALTER TABLE u DROP COLUMN a",
            f"{ALTER} ADD COLUMN b INTEGER",
            "COMMENT ON COLUMN t.b IS 'b'",
            f"{ALTER} ADD COLUMN c INTEGER",
        ]
    )
    assert merged == (
        "ALTER TABLE t\n    DROP COLUMN a,\n    ADD COLUMN b INTEGER,\n    ADD COLUMN c INTEGER",
        "ALTER TABLE u DROP COLUMN a",
        "COMMENT ON COLUMN t.b IS 'b'",
    )


def test_a_joined_statement_is_judged_as_its_parts() -> None:
    parts = [
        f"{ALTER} DROP COLUMN a",
        f"{ALTER} ALTER COLUMN b TYPE INTEGER USING b::INTEGER",
        f"{ALTER} ALTER COLUMN c SET NOT NULL",
        f"{ALTER} ALTER COLUMN d SET DEFAULT 1",
        f"{ALTER} ADD COLUMN e INTEGER",
    ]
    dialect = dialects.get("postgresql")
    (whole,) = merge_statements(parts)
    facts, single = dialect.facts(whole), [dialect.facts(one) for one in parts]
    assert facts.known and facts.lock == max(one.lock for one in single)
    assert facts.effects == frozenset().union(*(one.effects for one in single))
