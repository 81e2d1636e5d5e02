"""Every kind of change, and the sentence that people read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from dbwarden import dialects
from dbwarden.core.change import Rename
from dbwarden.core.change_line import LONGEST, ChangeLine, Verb
from dbwarden.core.change_text import change_lines, changes_between, differences
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    Definition,
    Domain,
    Enum,
    Exclude,
    Extension,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Namespace,
    Object,
    PrimaryKey,
    Schema,
    Sequence,
    Table,
    Unique,
)
from dbwarden.core.naming import describe_changes
from dbwarden.core.options import Options
from dbwarden.core.types import Expression, Ref, parse_type
from tests.support.effort import examples
from tests.support.schemas import schemas

POSTGRESQL, SQLITE = dialects.get("postgresql"), dialects.get("sqlite")
T = Ref("table", "t")


def column(name: str, datatype: str = "integer", **more: Any) -> Column:
    return Column(name, parse_type(datatype), **more)


def table(*columns: Column, **more: Any) -> Table:
    return Table.of("t", columns or (column("a"),), **more)


def sql(text: str) -> Expression:
    return Expression(text)


def index(*elements: str, **more: Any) -> Index:
    return Index(T, more.pop("name", "ix"), tuple(IndexElement(name) for name in elements), **more)


def key(*columns: str, to: str = "c", **more: Any) -> ForeignKey:
    return ForeignKey(T, more.pop("name", "fk"), columns, Ref("table", to), ("id",), **more)


def lines(before: Iterable[Object], after: Iterable[Object], *renames: Rename, dialect: Any = POSTGRESQL) -> list[str]:
    return [line.text for line in change_lines(Schema(before), Schema(after), dialect, renames)]


A = column("a")
WHOLE: dict[str, tuple[Object, str, str]] = {
    "table": (table(A, column("order")), 'add table t (a, "order")', "drop table t"),
    "schema": (Namespace("s"), "add schema s", "drop schema s"),
    "extension": (Extension("citext"), "add extension citext", "drop extension citext"),
    "enum": (Enum("mood", ("sad", "it's")), "add enum mood ('sad', 'it''s')", "drop enum mood"),
    "domain": (
        Domain("short", parse_type("varchar(3)"), nullable=False, checks=(("ck", sql("value <> ''")),)),
        "add domain short AS VARCHAR(3) NOT NULL CHECK (value <> '')",
        "drop domain short",
    ),
    "sequence": (Sequence("numbers"), "add sequence numbers", "drop sequence numbers"),
    "view": (
        Definition("view", "v", sql("CREATE VIEW v AS\nSELECT 1")),
        "add view v CREATE VIEW v AS SELECT 1",
        "drop view v",
    ),
    "function": (
        Definition("function", "f(integer)", sql("x"), "s"),
        "add function s.f(integer)",
        "drop function s.f(integer)",
    ),
}


@pytest.mark.parametrize("case", WHOLE)
def test_a_whole_object(case: str) -> None:
    item, added, dropped = WHOLE[case]
    assert (lines([], [item]), lines([item], [])) == ([added], [dropped])


PARTS: dict[str, tuple[Object, str, str]] = {
    "index": (index("a"), "t: add index ix (a)", "t: drop index ix (a)"),
    "unique index": (
        Index(
            T,
            "Ix",
            (IndexElement(None, sql("lower(a)"), descending=True, nulls="last"),),
            unique=True,
            where=sql("a > 1"),
            method="gin",
            include=("a",),
        ),
        't: add unique index "Ix" (lower(a) DESC NULLS LAST) USING gin INCLUDE (a) WHERE a > 1',
        't: drop unique index "Ix" (lower(a) DESC NULLS LAST) USING gin INCLUDE (a) WHERE a > 1',
    ),
    "primary key": (PrimaryKey(T, "pk", ("a",)), "t: add primary key (a)", "t: drop primary key (a)"),
    "unique": (
        Unique(T, "u", ("a",), nulls_not_distinct=True),
        "t: add unique (a) NULLS NOT DISTINCT",
        "t: drop unique (a) NULLS NOT DISTINCT",
    ),
    "check": (Check(T, "ck", sql("a > 0")), "t: add check ck (a > 0)", "t: drop check ck"),
    "check without a name": (Check(T, None, sql("a > 0")), "t: add check (a > 0)", "t: drop check (a > 0)"),
    "foreign key": (
        key("a", to="customers", on_delete="cascade", deferrable=True, initially="deferred"),
        "t: add foreign key (a) → customers(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
        "t: drop foreign key (a) → customers(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
    ),
    "exclusion": (
        Exclude(T, "ex", ((IndexElement("a"), "="),), where=sql("a > 0")),
        "t: add exclusion constraint ex USING gist (a WITH =) WHERE a > 0",
        "t: drop exclusion constraint ex",
    ),
    "trigger": (
        Definition("trigger", "tr", sql("CREATE TRIGGER tr"), on=T),
        "t: add trigger tr CREATE TRIGGER tr",
        "t: drop trigger tr",
    ),
}


@pytest.mark.parametrize("case", PARTS)
def test_a_part_of_a_table(case: str) -> None:
    item, added, dropped = PARTS[case]
    assert lines([table()], [table(), item]) == [added]
    assert lines([table(), item], [table()]) == [dropped]


COLUMNS: dict[str, tuple[Column, Column, list[str]]] = {
    "type": (column("a", "varchar(20)"), column("a", "varchar(40)"), ["t.a: VARCHAR(20) → VARCHAR(40)"]),
    "null": (A, replace(A, nullable=False), ["t.a: NULL → NOT NULL"]),
    "not null": (replace(A, nullable=False), A, ["t.a: NOT NULL → NULL"]),
    "default": (column("a", default=sql("'new'")), column("a", default=sql("'open'")), ["t.a: default 'new' → 'open'"]),
    "a cast default": (
        column("a", default=sql("'new'::character varying")),
        column("a", default=sql("'open'")),
        ["t.a: default 'new' → 'open'"],
    ),
    "a default": (A, column("a", default=sql("1")), ["t.a: add default 1"]),
    "no default": (column("a", default=sql("1")), A, ["t.a: drop default 1"]),
    "comment": (column("a", comment="it"), column("a", comment="it's"), ["t.a: comment 'it' → 'it''s'"]),
    "no comment": (column("a", comment="it"), A, ["t.a: drop comment 'it'"]),
    "collation": (A, column("a", collation="C"), ["t.a: add collation C"]),
    "generated": (
        column("a", computed=Computed(sql("b + 1"), True)),
        column("a", computed=Computed(sql("b + 2"), True)),
        ["t.a: GENERATED ALWAYS AS (b + 1) STORED → (b + 2) STORED"],
    ),
    "no longer generated": (
        column("a", computed=Computed(sql("b + 1"), False)),
        A,
        ["t.a: drop GENERATED ALWAYS AS (b + 1) VIRTUAL"],
    ),
    "identity": (A, column("a", identity=Identity("always")), ["t.a: add identity GENERATED ALWAYS AS IDENTITY"]),
    "identity changes": (
        column("a", identity=Identity("serial")),
        column("a", identity=Identity("by default")),
        ["t.a: serial → GENERATED BY DEFAULT AS IDENTITY"],
    ),
    "identity's numbers": (
        column("a", identity=Identity("always")),
        column("a", identity=Identity("always", Options.of({"increment": "2", "minvalue": "5"}))),
        ["t.a: identity: increment 1 → 2", "t.a: identity: minvalue default → 5"],
    ),
    "several": (
        A,
        column("a", "bigint", nullable=False, default=sql("0")),
        ["t.a: INTEGER → BIGINT", "t.a: NULL → NOT NULL", "t.a: add default 0"],
    ),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_a_column(case: str) -> None:
    old, new, expected = COLUMNS[case]
    assert lines([table(old)], [table(new)]) == expected


def test_columns_that_come_and_go() -> None:
    new = column("published at", "timestamp", nullable=False, default=sql("now()"))
    assert lines([table()], [table(A, new)]) == ['t: add column "published at" TIMESTAMP DEFAULT now() NOT NULL']
    assert lines([table(A, new)], [table()]) == ['t: drop column "published at"']
    assert lines([table()], [table(A, column("b", "datetime"))], dialect=SQLITE) == ["t: add column b DATETIME"]
    assert lines([table()], [table(column("a", ""))], dialect=SQLITE) == ["t.a: INTEGER → no type"]


ALTERED: dict[str, tuple[Object, Object, list[str]]] = {
    "index columns": (index("a"), index("a", "b"), ["t: index ix: columns (a) → (a, b)"]),
    "index length": (
        Index(T, "ix", (IndexElement("a", length=10),)),
        Index(T, "ix", (IndexElement("a", length=20),)),
        ["t: index ix: columns (a(10)) → (a(20))"],
    ),
    "index uniqueness": (index("a"), index("a", unique=True), ["t: index ix: not unique → unique"]),
    "index predicate": (index("a", where=sql("a > 0")), index("a", where=sql("a > 1")), ["t: index ix: WHERE a > 0 → a > 1"]),
    "index without predicate": (index("a", where=sql("a > 0")), index("a"), ["t: index ix: drop WHERE a > 0"]),
    "index method": (index("a"), index("a", method="hash"), ["t: index ix: method default → hash"]),
    "index include": (index("a", include=("b",)), index("a", include=("b", "c")), ["t: index ix: INCLUDE (b) → (b, c)"]),
    "index nulls": (index("a"), index("a", nulls_not_distinct=True), ["t: index ix: NULLS DISTINCT → NULLS NOT DISTINCT"]),
    "index options": (
        index("a", options=Options.of({"with": "fillfactor=70"})),
        index("a", options=Options.of({"with": "fillfactor=90"})),
        ["t: index ix: fillfactor 70 → 90"],
    ),
    "index comment": (index("a"), index("a", comment="fast"), ["t: index ix: add comment 'fast'"]),
    "check": (Check(T, "ck", sql("a > 0")), Check(T, "ck", sql("a >= 0")), ["t: check ck: a > 0 → a >= 0"]),
    "check inheritance": (
        Check(T, "ck", sql("a > 0")),
        Check(T, "ck", sql("a > 0"), no_inherit=True),
        ["t: check ck: INHERIT → NO INHERIT"],
    ),
    "primary key": (PrimaryKey(T, "pk", ("a",)), PrimaryKey(T, "pk", ("b", "a")), ["t: primary key: (a) → (b, a)"]),
    "primary key, other name": (
        PrimaryKey(T, "pk", ("a",)),
        PrimaryKey(T, "key", ("b", "a")),
        ["t: rename primary key pk → key", "t: primary key: (a) → (b, a)"],
    ),
    "unique": (Unique(T, "u", ("a",)), Unique(T, "u", ("a", "b")), ["t: unique u: columns (a) → (a, b)"]),
    "unique, other name": (Unique(T, "u", ("a",)), Unique(T, "v", ("a",)), ["t: rename unique u → v"]),
    "unique deferred": (
        Unique(T, "u", ("a",)),
        Unique(T, "u", ("a",), deferrable=True, initially="deferred"),
        ["t: unique u: NOT DEFERRABLE → DEFERRABLE INITIALLY DEFERRED"],
    ),
    "foreign key action": (
        key("a"),
        key("a", on_delete="cascade", on_update="set null"),
        [
            "t: foreign key (a) → c(id): ON UPDATE NO ACTION → SET NULL",
            "t: foreign key (a) → c(id): ON DELETE NO ACTION → CASCADE",
        ],
    ),
    "foreign key target": (
        key("a"),
        key("a", to="d", name="fk2"),
        ["t: rename foreign key fk → fk2", "t: foreign key (a): c(id) → d(id)"],
    ),
    "foreign key target, no names": (key("a", name=None), key("a", to="d", name=None), ["t: foreign key (a): c(id) → d(id)"]),
    "foreign key match": (key("a"), key("a", match="full"), ["t: foreign key (a) → c(id): MATCH SIMPLE → FULL"]),
    "exclusion": (
        Exclude(T, "ex", ((IndexElement("a"), "="),)),
        Exclude(T, "ex", ((IndexElement("a"), "&&"),)),
        ["t: exclusion constraint ex: (a WITH =) → (a WITH &&)"],
    ),
    "enum values": (
        Enum("m", ("a", "b", "c")),
        Enum("m", ("x", "b", "a", "y")),
        [
            "enum m: drop value 'c'",
            "enum m: add value 'x' before 'b'",
            "enum m: add value 'y'",
            "enum m: order of values ('a', 'b') → ('b', 'a')",
        ],
    ),
    "sequence": (
        Sequence("n", options=Options.of({"increment": "2"})),
        Sequence("n", options=Options.of({"maxvalue": "9"})),
        ["sequence n: increment 2 → 1", "sequence n: maxvalue default → 9"],
    ),
    "domain": (
        Domain("d", parse_type("integer"), checks=(("low", sql("value > 0")), ("odd", sql("value % 2 = 1")))),
        Domain("d", parse_type("bigint"), default=sql("1"), checks=(("low", sql("value > 1")), ("top", sql("value < 9")))),
        [
            "domain d: INTEGER → BIGINT",
            "domain d: add default 1",
            "domain d: check low (value > 0) → (value > 1)",
            "domain d: drop check odd (value % 2 = 1)",
            "domain d: add check top (value < 9)",
        ],
    ),
    "schema": (Namespace("s", "old"), Namespace("s", "new"), ["schema s: comment 'old' → 'new'"]),
    "table comment": (table(comment="old"), table(comment="new"), ["t: comment 'old' → 'new'"]),
    "table options": (
        table(options=Options.of({"with": "fillfactor=70", "unlogged": "true"})),
        table(options=Options.of({"with": "autovacuum_enabled=false, fillfactor=90", "tablespace": "fast"})),
        [
            "t: add autovacuum enabled false",
            "t: fillfactor 70 → 90",
            "t: add tablespace fast",
            "t: unlogged true → false",
        ],
    ),
    "view": (Definition("view", "v", sql("SELECT 1")), Definition("view", "v", sql("SELECT 2")), ["view v: SELECT 1 → SELECT 2"]),
}  # fmt: skip


@pytest.mark.parametrize("case", ALTERED)
def test_another_version_of_an_object(case: str) -> None:
    old, new, expected = ALTERED[case]
    around = () if isinstance(old, Table) else (table(A, column("b"), column("c")),)
    assert sorted(lines([*around, old], [*around, new])) == sorted(expected)


def renamed(
    kind: str, old: str, new: str, table: str | None = None, schemas: tuple[str | None, str | None] = (None, None)
) -> Rename:
    return Rename(Ref(kind, old, schemas[0], table), Ref(kind, new, schemas[1], table))


RENAMES = {
    "table": (renamed("table", "users", "accounts"), "rename table users → accounts"),
    "column": (renamed("column", "email", "e-mail", "users"), 'users: rename column email → "e-mail"'),
    "index": (renamed("index", "a", "b", "users"), "users: rename index a → b"),
    "enum": (renamed("enum", "mood", "feeling"), "rename enum mood → feeling"),
    "enum value": (renamed("enum_value", "sad", "blue", "mood"), "enum mood: rename value 'sad' → 'blue'"),
    "move": (renamed("table", "a", "a", schemas=(None, "s")), "move table public.a → s.a"),
}


@pytest.mark.parametrize("case", RENAMES)
def test_a_rename(case: str) -> None:
    rename, expected = RENAMES[case]
    assert lines([], [], rename) == [expected]


def test_what_comes_and_goes_with_a_table_is_no_line_of_its_own() -> None:
    trigger = Definition("trigger", "audit", sql("CREATE TRIGGER audit"), on=T)
    whole = [table(), index("a"), PrimaryKey(T, "pk", ("a",))]
    assert lines([], whole) == ["add table t (a)"]
    assert lines([*whole, trigger], []) == ["drop table t (with its trigger audit)"]
    many = table(*(column(f"c{n}") for n in range(12)))
    assert lines([], [many]) == ["add table t (c0, c1, c2, c3, c4, c5, c6, c7 and 4 more)"]


def test_lines_of_one_table_stand_together() -> None:
    other = Table.of("other", [A], comment="x")
    after = [replace(other, comment="y"), table(A, column("b")), index("b")]
    assert lines([other, table()], after) == [
        "other: comment 'x' → 'y'",
        "t: add column b INTEGER",
        "t: add index ix (b)",
    ]


def test_long_texts_are_cut_where_they_differ() -> None:
    start = "a > 0 AND " * 20
    (line,) = change_lines(
        Schema([table(), Check(T, "ck", sql(f"{start}\n  b > 1"))]),
        Schema([table(), Check(T, "ck", sql(f"{start}\n  b > 2{' AND c' * 30}"))]),
        POSTGRESQL,
    )
    assert "\n" not in line.text and "b > 1 → …" in line.text and "b > 2" in line.text and line.text.endswith("…")
    assert len(line.text) < 2 * LONGEST + 40
    assert line.after is not None and len(line.after) > 2 * LONGEST, "the values are whole"


def test_drift_says_which_side_has_what() -> None:
    old = Schema([table(column("a", "varchar(20)"), column("body", "text"))])
    new = Schema([table(column("a", "varchar(40)", default=sql("'x'")), column("at", "date"))])
    assert [line.drift() for line in change_lines(old, new, POSTGRESQL)] == [
        "t.a: database has VARCHAR(20), models say VARCHAR(40)",
        "t.a: default 'x' is in the models, not in the database",
        "t: column body TEXT is in the database, not in the models",
        "t: column at DATE is in the models, not in the database",
    ]
    assert differences(old, new, POSTGRESQL) == (
        "t.a: VARCHAR(20) instead of VARCHAR(40)",
        "t.a: default 'x' is not there",
        "t: column body TEXT is there, and should not be",
        "t: column at DATE is not there",
    )
    assert ChangeLine(Verb.CHANGE, "t", "", "a", "b").drift("state file") == "t: state file has a, models say b"


@settings(max_examples=examples(200))
@given(schemas(), schemas())
def test_no_difference_goes_without_a_line(before: Schema, after: Schema) -> None:
    described = change_lines(before, after, POSTGRESQL)
    assert bool(described) == (before != after)
    assert all(line.text and "\n" not in line.text and line.drift() and line.mismatch for line in described)


def test_a_column_that_comes_with_a_foreign_key_names_the_file() -> None:
    both = [table(A, column("author_id")), key("author_id", to="users")]
    changes = changes_between(Schema([table()]), Schema(both))
    assert describe_changes(changes) == "add author_id to t"
    assert describe_changes(changes_between(Schema(both), Schema([table()]))) == "drop author_id from t"
