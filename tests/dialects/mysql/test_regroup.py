"""Which changes become one statement, and which statements one ALTER TABLE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dbwarden.core.change import Alter
from dbwarden.core.dialect import Prefs, Server
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    Definition,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Object,
    PrimaryKey,
    Schema,
    Table,
    column_ref,
)
from dbwarden.core.options import Options
from dbwarden.core.plan import pair, plan
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.mysql.alter_table_merging import merge_statements
from dbwarden.dialects.mysql.dialect import MySQL

T, P = Ref("table", "t"), Ref("table", "p")
DIALECT = MySQL(Server((9, 7), "mysql", settings=Options.of({"charset": "utf8mb4", "collation": "utf8mb4_0900_ai_ci"})))
INT = DataType("int")


def _table(*columns: Column, name: str = "t") -> Table:
    return Table.of(name, columns)


def _index(name: str, *columns: str, **more: bool) -> Index:
    return Index(T, name, tuple(map(IndexElement, columns)), **more)  # type: ignore[arg-type]


def _upgrade(before: Sequence[Object], after: Sequence[Object], **prefs: object) -> tuple[str, ...]:
    current, desired = (DIALECT.canonical(Schema(objects)) for objects in (before, after))
    owned = [ref for ref, item in current.items() if not item.derived]
    return plan(pair(current, desired, owned), DIALECT, Prefs(**prefs)).upgrade()  # type: ignore[arg-type]


A, B, ID = Column("a", INT), Column("b", INT), Column("id", INT, False)
KEY = PrimaryKey(T, None, ("id",))


def test_changes_of_a_table_are_one_statement() -> None:
    wider = replace(A, type=DataType("bigint"))
    assert _upgrade([_table(ID, A), KEY], [_table(ID, wider, B), KEY, _index("i", "a")]) == (
        "ALTER TABLE t\n    MODIFY COLUMN a BIGINT,\n    ADD COLUMN b INT,\n    ADD INDEX i (a)",
    )


def test_online_they_are_one_for_each_algorithm() -> None:
    before = [_table(ID, A, B), KEY]
    after = [
        _table(ID, replace(A, type=DataType("bigint")), replace(B, default=Expression("1")), Column("c", INT)),
        KEY,
    ]
    assert _upgrade(before, [*after, _index("i", "b")], online=True) == (
        "ALTER TABLE t\n    MODIFY COLUMN a BIGINT,\n    ALGORITHM=COPY, LOCK=SHARED",
        "ALTER TABLE t\n    ALTER COLUMN b SET DEFAULT 1,\n    ADD COLUMN c INT,\n    ALGORITHM=INSTANT",
        "ALTER TABLE t\n    ADD INDEX i (b),\n    ALGORITHM=INPLACE, LOCK=NONE",
    )


def test_a_key_in_the_place_of_another_is_one_statement() -> None:
    before = [_table(ID, A, B), KEY, _index("i", "a"), Check(T, "c", Expression("a > 0"))]
    wanted = replace(KEY, columns=("id", "a"))
    after = [
        _table(ID, replace(A, nullable=False), B),
        wanted,
        _index("i", "a", "b"),
        Check(T, "c", Expression("a > 1")),
    ]
    assert _upgrade(before, after, online=True) == (
        "ALTER TABLE t\n    DROP INDEX i,\n    ADD INDEX i (a, b),\n    MODIFY COLUMN a INT NOT NULL,\n"
        "    DROP PRIMARY KEY,\n    ADD PRIMARY KEY (id, a),\n    ALGORITHM=INPLACE, LOCK=NONE",
        "ALTER TABLE t\n    DROP CHECK c,\n    ADD CONSTRAINT c CHECK (a > 1),\n    ALGORITHM=COPY, LOCK=SHARED",
    )


def test_rows_move_between_the_statements() -> None:
    first, *rest = _upgrade([_table(ID, A, B), KEY], [_table(ID, A, Column("c", INT)), KEY, _index("i", "c")])
    assert first == "ALTER TABLE t ADD COLUMN c INT AFTER a"
    assert rest == [
        "-- Move data here: from t (b), dropped below, to t (c).\n-- UPDATE t SET c = ...;\n"
        "ALTER TABLE t\n    DROP COLUMN b,\n    ADD INDEX i (c)"
    ]


def test_numbers_and_their_key_are_one_statement() -> None:
    code = Column("code", DataType("varchar", ("2",)), False)
    numbered = replace(ID, identity=Identity("auto_increment"))
    (statement,) = _upgrade([_table(code), PrimaryKey(T, None, ("code",))], [_table(code, numbered), KEY], online=True)
    assert statement == (
        "ALTER TABLE t\n    DROP PRIMARY KEY,\n    ADD COLUMN id INT NOT NULL AUTO_INCREMENT,\n    ADD PRIMARY KEY (id),\n"
        "    ALGORITHM=INPLACE, LOCK=SHARED"
    )


def test_an_index_that_a_foreign_key_needs_goes_after_its_successor() -> None:
    shared = [_table(ID, name="p"), PrimaryKey(P, None, ("id",)), _table(ID, A, B), KEY]
    key = ForeignKey(T, "f", ("a",), P, ("id",))
    (statement,) = _upgrade([*shared, key, _index("old", "a")], [*shared, key, _index("a_new", "a", "b")], online=True)
    assert statement.index("ADD INDEX a_new") < statement.index("DROP INDEX old")


def test_indexes_of_a_foreign_key_change_together_with_the_options_of_the_table() -> None:
    """No change is missing because it waits for one that waits for it."""
    key = ForeignKey(T, "f", ("a",), T, ("id",))
    before = [_table(ID, A), KEY, key, _index("old", "a")]
    table = replace(_table(ID, A, B), options=Options.of({"charset": "latin1"}))
    statement = "\n".join(_upgrade(before, [table, KEY, key, _index("a_new", "a", "b")]))
    assert "CHARSET=latin1" in statement and "ADD COLUMN b" in statement
    assert statement.index("ADD INDEX a_new") < statement.index("DROP INDEX old")


def test_indexes_of_a_foreign_key_change_together_with_their_columns() -> None:
    wider = _table(ID, A, replace(B, type=DataType("bigint")))
    key = ForeignKey(T, "f", ("a",), T, ("id",))
    before = [_table(ID, A, B), KEY, key, _index("old", "a", "b")]
    assert _upgrade(before, [wider, KEY, key, _index("a_new", "a", "b")], online=True) == (
        "ALTER TABLE t\n    DROP INDEX old,\n    MODIFY COLUMN b BIGINT,\n    ADD INDEX a_new (a, b),\n"
        "    ALGORITHM=COPY, LOCK=SHARED",
    )


def test_the_index_of_a_foreign_key_that_is_away_needs_no_successor() -> None:
    key = ForeignKey(T, "f", ("a",), T, ("id",))
    numbered = replace(ID, identity=Identity("auto_increment"))
    before = [_table(numbered, A), KEY, key, _index("f", "a")]
    table = replace(_table(ID, A), options=Options.of({"row_format": "COMPACT"}))
    statements = _upgrade(before, [table, KEY, key, _index("a_new", "a")])
    text = "\n".join(statements)
    assert all(
        part in text for part in ("DROP INDEX f", "ROW_FORMAT=COMPACT", "ADD INDEX a_new (a)", "MODIFY COLUMN id")
    )
    assert text.index("DROP FOREIGN KEY f") < text.index("DROP INDEX f") < text.index("ADD CONSTRAINT f")


def test_a_foreign_key_comes_after_its_index_and_goes_before_it() -> None:
    parent = [_table(ID, name="p"), PrimaryKey(P, None, ("id",))]
    wider = [_table(ID, A, replace(B, type=DataType("bigint"))), KEY, ForeignKey(T, "f", ("a",), P, ("id",))]
    assert _upgrade([*parent, _table(ID, A, B), KEY], [*parent, *wider], online=True) == (
        "ALTER TABLE t\n    MODIFY COLUMN b BIGINT,\n    ALGORITHM=COPY, LOCK=SHARED",
        "ALTER TABLE t\n    ADD INDEX f (a),\n    ALGORITHM=INPLACE, LOCK=NONE",
        "ALTER TABLE t\n    ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id),\n    ALGORITHM=COPY, LOCK=SHARED",
    )


def test_foreign_keys_go_while_their_columns_change() -> None:
    def schema(type_: str) -> list[Object]:
        key = ForeignKey(T, "f", ("a",), P, ("id",))
        parent = _table(replace(ID, type=DataType(type_)), name="p")
        return [parent, PrimaryKey(P, None, ("id",)), _table(ID, replace(A, type=DataType(type_))), KEY, key]

    assert _upgrade(schema("int"), schema("bigint")) == (
        "ALTER TABLE t\n    DROP FOREIGN KEY f,\n    MODIFY COLUMN a BIGINT",
        "ALTER TABLE p MODIFY COLUMN id BIGINT NOT NULL",
        "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id)",
    )


def test_views_of_changed_columns_stay() -> None:
    view = Definition(
        "view", "v", Expression("CREATE VIEW v AS SELECT a FROM t"), needs=frozenset((T, column_ref(T, "a")))
    )
    wider = replace(A, type=DataType("bigint"))
    assert _upgrade([_table(ID, A), KEY, view], [_table(ID, wider), KEY, view]) == (
        "ALTER TABLE t MODIFY COLUMN a BIGINT",
    )


def test_a_virtual_column_that_becomes_plain_keeps_its_values() -> None:
    virtual = replace(B, computed=Computed(Expression("a + 1"), False))
    assert _upgrade([_table(ID, A, virtual), KEY], [_table(ID, A, B), KEY]) == (
        "ALTER TABLE t ADD COLUMN b_new INT",
        "UPDATE t SET b_new = b",
        "ALTER TABLE t\n    RENAME COLUMN b TO b_old,\n    RENAME COLUMN b_new TO b",
        "ALTER TABLE t DROP COLUMN b_old",
    )


def test_columns_are_filled_before_not_null() -> None:
    before, after = [_table(ID, A), KEY], [_table(ID, replace(A, nullable=False)), KEY]
    ref = Ref("column", "a", None, "t")
    assert _upgrade(before, after, fills={ref: "0"}) == (
        "UPDATE t SET a = 0 WHERE a IS NULL",
        "ALTER TABLE t MODIFY COLUMN a INT NOT NULL",
    )
    (marked,) = _upgrade(before, after, fills={ref: None})
    assert marked.startswith("-- Fill t.a here") and marked.endswith("\nALTER TABLE t MODIFY COLUMN a INT NOT NULL")


def test_states_of_members_change_in_place() -> None:
    hidden = replace(_index("i", "a"), options=Options.of({"invisible": "true"}))
    check = Check(T, "c", Expression("a > 0"))
    loose = replace(check, options=Options.of({"not_enforced": "true"}))
    assert _upgrade([_table(ID, A), KEY, _index("i", "a"), check], [_table(ID, A), KEY, hidden, loose]) == (
        "ALTER TABLE t\n    ALTER INDEX i INVISIBLE,\n    ALTER CHECK c NOT ENFORCED",
    )


def test_partitions_come_and_go() -> None:
    def parted(*parts: str) -> list[Object]:
        clause = f"RANGE (id) ({', '.join(parts)})" if parts else None
        return [replace(_table(ID), options=Options.of({"partition_by": clause})), KEY]

    first, second, third = (f"PARTITION p{at} VALUES LESS THAN ({at}0)" for at in (1, 2, 3))
    assert _upgrade(parted(first, second), parted(second, third)) == (
        "ALTER TABLE t DROP PARTITION p1",
        f"ALTER TABLE t ADD PARTITION (\n    {third}\n)",
    )
    assert _upgrade(parted(first), parted()) == ("ALTER TABLE t REMOVE PARTITIONING",)
    assert _upgrade(parted(), parted(first)) == (f"ALTER TABLE t\nPARTITION BY RANGE (id) ({first})",)
    assert _upgrade(parted(second), parted(first, second)) == (
        f"ALTER TABLE t\nPARTITION BY RANGE (id) ({first}, {second})",
    )


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE t DROP FOREIGN KEY f", "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id)"),
        ("ALTER TABLE t MODIFY COLUMN a INT", "ALTER TABLE t MODIFY COLUMN a BIGINT"),
        ("ALTER TABLE t RENAME COLUMN a TO b", "ALTER TABLE t MODIFY COLUMN b BIGINT"),
        ("ALTER TABLE t MODIFY COLUMN a INT", "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES t (a)"),
        ("ALTER TABLE t ADD COLUMN a INT", "ALTER TABLE t ADD PARTITION (PARTITION p VALUES IN (1))"),
        ("ALTER TABLE t ADD COLUMN a INT", "ALTER TABLE u ADD COLUMN b INT"),
        ("ALTER TABLE t ADD COLUMN a INT", "-- Fill it.\nALTER TABLE t MODIFY COLUMN b INT NOT NULL"),
        ("ALTER TABLE t\n    ADD COLUMN a INT,\n    ALGORITHM=INSTANT",
         "ALTER TABLE t\n    ADD INDEX i (b),\n    ALGORITHM=INPLACE, LOCK=NONE"),
        # a functional index is a virtual column, which nothing else comes or goes with
        ("ALTER TABLE t\n    ADD INDEX i ((lower(a))),\n    LOCK=SHARED, ALGORITHM=INPLACE",
         "ALTER TABLE t\n    ADD FULLTEXT INDEX f (a),\n    ALGORITHM=INPLACE, LOCK=SHARED"),
        ("ALTER TABLE t\n    ADD COLUMN c INT AS (a + 1) VIRTUAL,\n    LOCK=DEFAULT, ALGORITHM=INSTANT",
         "ALTER TABLE t\n    ADD COLUMN b INT,\n    ALGORITHM=INSTANT, LOCK=DEFAULT"),
        # MariaDB: error 1846, DROP INDEX
        ("ALTER TABLE t\n    DROP FOREIGN KEY k,\n    ALGORITHM=INSTANT",
         "ALTER TABLE t\n    COMMENT='x',\n    ALGORITHM=INSTANT"),
    ],
)  # fmt: skip
def test_what_stays_apart(statements: tuple[str, ...]) -> None:
    assert merge_statements(statements) == statements


def test_functional_indexes_are_built_together() -> None:
    first, second = (
        f"ALTER TABLE t\n    ADD INDEX {name} ((lower({column}))),\n    LOCK=SHARED, ALGORITHM=INPLACE"
        for name, column in ("ia", "ib")
    )
    (statement,) = merge_statements((first, second))
    assert statement.count("ADD INDEX") == 2 and statement.count("LOCK=SHARED") == 1


def test_commas_in_texts_part_nothing() -> None:
    statements = (
        "ALTER TABLE `a b`\n    ADD COLUMN a ENUM('x, y', ')') COMMENT 'it''s, (',\n    ALGORITHM=INSTANT",
        "ALTER TABLE `a b`\n    DROP COLUMN a,\n    ALGORITHM=INSTANT",
        "ALTER TABLE `a b`\n    DROP COLUMN c,\n    ALGORITHM=INSTANT",
    )
    assert merge_statements(statements) == (
        statements[0],
        "ALTER TABLE `a b`\n    DROP COLUMN a,\n    DROP COLUMN c,\n    ALGORITHM=INSTANT",
    )


def test_a_rollback_is_grouped_too() -> None:
    before, after = [_table(ID, A), KEY], [_table(ID, A, B), KEY, _index("i", "a", "b")]
    current, desired = (DIALECT.canonical(Schema(objects)) for objects in (before, after))
    steps = plan(pair(current, desired, [T]), DIALECT)
    assert not any(isinstance(step.change, Alter) for step in steps.steps)
    assert steps.rollback() == ("ALTER TABLE t\n    DROP INDEX i,\n    DROP COLUMN b",)
