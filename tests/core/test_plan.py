"""Diff, order, fold, inverse: the changes reach the target, in an order that works, and come back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbwarden import dialects
from dbwarden.core.cascade import cascade
from dbwarden.core.change import Add, Alter, Change, Drop, Rename
from dbwarden.core.diff import adopt_names, diff
from dbwarden.core.model import (
    Check,
    Column,
    Definition,
    Domain,
    Enum,
    Exclude,
    ForeignKey,
    Index,
    IndexElement,
    Object,
    PrimaryKey,
    Schema,
    Sequence,
    Table,
    Unique,
)
from dbwarden.core.naming import describe_changes
from dbwarden.core.order import fold, order
from dbwarden.core.plan import ambiguous_expressions, pair, plan
from dbwarden.core.types import DataType, Expression, NameRules, Ref
from dbwarden.errors import Unsupported
from tests.support.effort import examples
from tests.support.schemas import schemas

INTEGER = DataType("integer")
USERS = Ref("table", "users")


def run(changes: tuple[Change, ...], schema: Schema) -> Schema:
    for change in changes:
        schema = change.apply(schema)
    return schema


def back(changes: tuple[Change, ...], schema: Schema) -> Schema:
    return run(tuple(change.inverse() for change in reversed(changes)), schema)


@given(schemas(), schemas())
def test_changes_reach_the_target_and_come_back(before: Schema, after: Schema) -> None:
    changes = order(diff(before, after))
    assert run(changes, before) == after
    assert back(changes, after) == before


@given(schemas(), schemas(), st.sampled_from(("created", "all")))
def test_folded_changes_reach_the_target_and_come_back(before: Schema, after: Schema, inline: str) -> None:
    changes = fold(order(diff(before, after)), inline)
    assert run(changes, before) == after
    assert back(changes, after) == before


@given(schemas())
def test_a_schema_does_not_differ_from_itself(schema: Schema) -> None:
    assert diff(schema, Schema(reversed(list(schema.objects())))) == ()


@given(schemas(), schemas(), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_the_changes(before: Schema, after: Schema, random: object) -> None:
    changes = list(diff(before, after))
    columns = [change for change in changes if isinstance(change, Add) and isinstance(change.object, Column)]
    rest = [change for change in changes if change not in columns]
    random.shuffle(rest)  # type: ignore[attr-defined]
    assert order(changes) == order([*rest, *columns])


def _uses(item: Object, on: Ref | None) -> frozenset[Ref]:
    return item.uses() | {on} if on else item.uses()


def _engine_accepts(changes: tuple[Change, ...], schema: Schema) -> None:
    """What every engine demands: what is used exists, and nothing goes while it is used."""
    for change in changes:
        if isinstance(change, Add):
            there = {ref for item in schema.objects() for ref in item.provides()}
            there |= set(change.object.provides()) if not isinstance(change.object, Column) else set()
            for part in change.parts:
                there |= set(part.provides())
            for item, on in ((change.object, change.on), *((part, None) for part in change.parts)):
                missing = {ref for ref in _uses(item, on) if ref.kind != "key"} - there
                assert not missing, f"{change.describe()} needs {missing}"
        if isinstance(change, Drop):
            gone = {change.ref} if isinstance(change.object, Column) else {change.object.ref}
            for ref, item in change.apply(schema).items():
                assert not (item.uses() & gone), f"{change.describe()} is needed by {ref}"
        schema = change.apply(schema)


@settings(max_examples=examples(200))
@given(schemas(), schemas())
def test_every_change_can_run_where_it_stands(before: Schema, after: Schema) -> None:
    changes = order(diff(before, after))
    _engine_accepts(changes, before)
    _engine_accepts(fold(changes), before)
    folded = fold(changes)
    _engine_accepts(tuple(change.inverse() for change in reversed(folded)), after)


def users(*columns: Column, **rest: object) -> Table:
    return Table.of("users", [Column("id", INTEGER, False), *columns], **rest)


def test_a_foreign_key_in_a_cycle_is_added_behind_both_tables() -> None:
    a, b = Ref("table", "a"), Ref("table", "b")
    schema = Schema(
        [
            Table.of("a", [Column("id", INTEGER)]),
            Table.of("b", [Column("id", INTEGER)]),
            PrimaryKey(a, "a_pkey", ("id",)),
            PrimaryKey(b, "b_pkey", ("id",)),
            ForeignKey(a, "fk_a", ("id",), b, ("id",)),
            ForeignKey(b, "fk_b", ("id",), a, ("id",)),
        ]
    )
    folded = fold(order(diff(Schema(), schema)))
    assert [change.describe() for change in folded] == ["add table b", "add table a", "add foreign key b.fk_b"]
    assert [part.ref.name for part in folded[1].parts] == ["a_pkey", "fk_a"]  # type: ignore[union-attr]


def test_unnamed_constraints_take_the_name_that_the_database_has() -> None:
    existing = Unique(USERS, "uq_old", ("email",))
    wanted = Unique(USERS, "users_email_key", ("email",), implicit=True)
    table = users(Column("email", INTEGER))
    desired = adopt_names(Schema([table, existing]), Schema([table, wanted]))
    assert diff(Schema([table, existing]), desired) == ()


def test_a_name_that_the_models_gave_is_kept() -> None:
    existing = Unique(USERS, "uq_old", ("email",))
    wanted = Unique(USERS, "uq_new", ("email",))
    table = users(Column("email", INTEGER))
    desired = adopt_names(Schema([table, existing]), Schema([table, wanted]))
    assert [type(change) for change in diff(Schema([table, existing]), desired)] == [Add, Drop]


def test_what_nobody_owns_is_left_alone_and_listed() -> None:
    theirs = Table.of("theirs", [Column("id", INTEGER)])
    view = Definition("view", "v", Expression("CREATE VIEW v AS SELECT 1"))
    current = Schema([users(), theirs, Index(theirs.ref, "ix", (IndexElement("id"),)), view])
    both = pair(current, Schema([users()]))
    assert diff(both.current, both.desired) == ()
    assert set(both.unowned) == {theirs.ref, view.ref}


def test_a_table_of_our_own_goes_when_the_models_let_it_go() -> None:
    ours = Table.of("ours", [Column("id", INTEGER)])
    both = pair(Schema([users(), ours]), Schema([users()]), owned=[ours.ref])
    assert diff(both.current, both.desired) == (Drop(ours),)
    both = pair(Schema([users(), ours]), Schema([users()]), drop_unowned=True)
    assert diff(both.current, both.desired) == (Drop(ours),)


def test_a_view_on_an_altered_column_is_dropped_and_made_again() -> None:
    before = users(Column("n", INTEGER))
    after = users(Column("n", DataType("bigint")))
    column = Ref("column", "n", None, "users")
    view = Definition("view", "v", Expression("CREATE VIEW v AS SELECT n FROM users"), needs=frozenset((column,)))
    over = Definition("view", "w", Expression("CREATE VIEW w AS SELECT n FROM v"), needs=frozenset((view.ref,)))
    old, new = Schema([before, view, over]), Schema([after, view, over])
    changes = order(cascade(diff(old, new), old, new))
    assert [change.describe() for change in changes] == [
        "drop view w",
        "drop view v",
        "alter column users.n",
        "add view v",
        "add view w",
    ]


def test_renames_keep_what_depends_on_the_name() -> None:
    people = Ref("table", "people")
    index = Index(USERS, "ix", (IndexElement("email"),))
    old = Schema([users(Column("email", INTEGER)), index])
    new = Schema([replace(users(Column("mail", INTEGER)), name="people"), Index(people, "ix", (IndexElement("mail"),))])
    renames = (
        Rename(USERS, people),
        Rename(Ref("column", "email", None, "people"), Ref("column", "mail", None, "people")),
    )
    changes = diff(old, new, renames)
    assert changes == renames
    assert run(changes, old) == new
    assert back(changes, new) == old


PEOPLE = Ref("table", "people")
TO_PEOPLE = Rename(USERS, PEOPLE)


def test_a_renamed_table_is_owned_under_its_old_name() -> None:
    existing = Unique(USERS, "users_email_key", ("email",))
    wanted = Unique(PEOPLE, "people_email_key", ("email",), implicit=True)
    trigger = Definition("trigger", "tr", Expression("CREATE TRIGGER tr ..."), on=USERS, needs=frozenset((USERS,)))
    view = Definition(
        "view", "v", Expression("CREATE VIEW v ..."), needs=frozenset((USERS, Ref("column", "id", None, "users")))
    )
    table = users(Column("email", INTEGER))
    both = pair(
        Schema([table, existing, trigger, view]), Schema([replace(table, name="people"), wanted]), renames=(TO_PEOPLE,)
    )
    assert diff(both.current, both.desired, both.renames) == (TO_PEOPLE,)
    assert set(both.unowned) == {trigger.ref, view.ref}
    assert both.renamed() == both.desired
    assert both.renamed().get(view.ref).uses() == {PEOPLE, Ref("column", "id", None, "people")}  # type: ignore[union-attr]


def test_without_its_rename_the_table_is_left_alone() -> None:
    both = pair(Schema([users()]), Schema([replace(users(), name="people")]))
    assert [change.describe() for change in diff(both.current, both.desired)] == ["add table people"]
    assert both.unowned == (USERS,)


def test_only_expressions_that_the_renames_leave_different_are_put_to_the_server() -> None:
    renames = (TO_PEOPLE, Rename(Ref("column", "n", None, "people"), Ref("column", "m", None, "people")))
    old = Schema(
        [users(Column("n", INTEGER, default=Expression("1"))), Check(USERS, "ck", Expression("n > 0"), ("n",))]
    )
    table = replace(users(Column("m", INTEGER, default=Expression("1"))), name="people")
    same = Check(PEOPLE, "ck", Expression("m > 0"), ("m",))
    other = Check(PEOPLE, "ck", Expression("(m > 0)"), ("m",))
    assert ambiguous_expressions(pair(old, Schema([table, same]), renames=renames)) == ()
    assert ambiguous_expressions(pair(old, Schema([table, other]), renames=renames)) == (PEOPLE,)


def test_renames_are_printed_between_the_schemas_of_their_own_moment() -> None:
    old = Schema([users(Column("n", INTEGER)), Index(USERS, "ix_users_n", (IndexElement("n"),))])
    table = replace(users(Column("m", INTEGER), Column("new", INTEGER)), name="people")
    new = Schema([table, Index(PEOPLE, "ix_people_m", (IndexElement("m"),))])
    renames = (
        TO_PEOPLE,
        Rename(Ref("column", "n", None, "people"), Ref("column", "m", None, "people")),
        Rename(Ref("index", "ix_users_n", None, "people"), Ref("index", "ix_people_m", None, "people")),
    )
    steps = plan(pair(old, new, renames=renames), dialects.get("sqlite"))
    assert steps.upgrade() == (
        "ALTER TABLE users RENAME TO people",
        "ALTER TABLE people RENAME COLUMN n TO m",
        "DROP INDEX ix_users_n",
        "CREATE INDEX ix_people_m ON people (m)",
        "ALTER TABLE people ADD COLUMN new INTEGER",
    )
    assert steps.rollback() == (
        "ALTER TABLE people DROP COLUMN new",
        "DROP INDEX ix_people_m",
        "CREATE INDEX ix_users_n ON people (m)",
        "ALTER TABLE people RENAME COLUMN m TO n",
        "ALTER TABLE people RENAME TO users",
    )


def test_a_view_that_would_be_made_again_with_a_stale_text_is_refused() -> None:
    text = Expression("CREATE VIEW v AS SELECT n FROM users", names=NameRules(bound=False))
    view = Definition("view", "v", text, needs=frozenset((USERS, N)))
    old = Schema([users(Column("n", INTEGER)), view])
    new = Schema([replace(users(Column("n", DataType("bigint"))), name="people")])
    with pytest.raises(Unsupported, match="view v must be dropped and created again, but its text names table users"):
        plan(pair(old, new, renames=(TO_PEOPLE,)), dialects.get("postgresql"))
    bound = replace(view, sql=replace(text, names=NameRules()))
    made = plan(
        pair(Schema([users(Column("n", INTEGER)), bound]), new, renames=(TO_PEOPLE,)), dialects.get("postgresql")
    )
    assert made.upgrade()[-1] == made.rollback()[-2] == "CREATE VIEW v AS SELECT n FROM people"


N = Ref("column", "n", None, "users")


def test_an_enum_value_is_renamed_in_the_type_and_in_defaults() -> None:
    mood = DataType("mood", ref=Ref("enum", "mood"))
    rename = Rename(Ref("enum_value", "it's sad", None, "mood"), Ref("enum_value", "blue", None, "mood"))
    feeling = Column("m", mood, default=Expression("'it''s sad'::mood", "'it''s sad'"))
    word = Column("w", DataType("text"), default=Expression("'it''s sad'"))
    old = Schema([Enum("mood", ("it's sad", "ok")), users(feeling, word), Enum("other", ("it's sad",))])
    table = users(replace(feeling, default=Expression("'blue'")), word)
    new = Schema([Enum("mood", ("blue", "ok")), table, Enum("other", ("it's sad",))])
    assert diff(old, new, (rename,)) == (rename,)
    assert rename.apply(old).table(USERS).columns["m"].default.text == "'blue'::mood"  # type: ignore[union-attr]
    assert rename.inverse().apply(new) == old
    assert rename.describe() == "rename enum value mood.it's sad to blue"


@pytest.mark.parametrize(
    "item",
    [
        Index(
            USERS, "old", (IndexElement("n", descending=True),), True, "gin", ("id",), Expression("n > 0"), comment="c"
        ),
        Unique(USERS, "old", ("n",), ("id",), True, True, "deferred", "c"),
        Check(USERS, "old", Expression("n > 0"), ("n",), True, "c"),
        ForeignKey(USERS, "old", ("n",), USERS, ("id",), "cascade", "set null", "full", True, "deferred", "c"),
        PrimaryKey(USERS, "old", ("id",), ("n",), comment="c", implicit=True),
        Exclude(USERS, "old", ((IndexElement("n"), "="),), "gist", Expression("n > 0"), columns=("n",)),
        Enum("old", ("a", "b"), "s", "c"),
        Domain("old", INTEGER, "s", False, Expression("1"), "C", (("ck", Expression("VALUE > 0")),)),
        Sequence("old", "s", INTEGER),
    ],
    ids=lambda item: item.kind,
)
def test_a_rename_keeps_all_but_the_name(item: Any) -> None:
    others = Schema([users(Column("n", INTEGER)), Index(USERS, "other", (IndexElement("n"),))])
    rename = Rename(item.ref, item.ref._replace(name="new"))
    assert repr(rename.apply(others.put(item)).get(rename.new)) == repr(replace(item, name="new"))
    assert rename.apply(others.put(item)).without(rename.new) == others
    assert repr(rename.inverse().apply(rename.apply(Schema([item])))) == repr(Schema([item]))


def test_altering_a_table_frame_leaves_its_columns() -> None:
    old, new = users(Column("x", INTEGER)), users(Column("y", INTEGER), comment="people")
    changes = order(diff(Schema([old]), Schema([new])))
    assert {type(change) for change in changes} == {Add, Alter, Drop}
    assert run(changes, Schema([old])) == Schema([new])


def test_an_enum_value_exists_before_a_column_uses_it() -> None:
    ref = Ref("enum", "mood")
    old = Schema([Enum("mood", ("a",)), users()])
    new = Schema([Enum("mood", ("a", "b")), users(Column("m", DataType("mood", ref=ref), default=Expression("'b'")))])
    assert [change.describe() for change in order(diff(old, new))] == ["alter enum mood", "add column users.m"]


def test_names_of_migrations() -> None:
    email = Column("email", INTEGER)
    assert describe_changes(diff(Schema(), Schema([users()]))) == "create users"
    assert describe_changes(diff(Schema([users()]), Schema())) == "drop users"
    assert describe_changes(diff(Schema([users()]), Schema([users(email)]))) == "add email to users"
    assert describe_changes(diff(Schema([users(email)]), Schema([users()]))) == "drop email from users"
    index = Index(USERS, "ix_users_email", (IndexElement("email"),))
    assert describe_changes((Add(index),)) == "add ix_users_email to users"
