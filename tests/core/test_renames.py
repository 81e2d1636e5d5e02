"""Candidate renames, and how renames are written in flags and headers."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbwarden.core import renames
from dbwarden.core.change import Rename, after_renames
from dbwarden.core.diff import diff
from dbwarden.core.model import (
    Check,
    Column,
    Enum,
    ForeignKey,
    Index,
    IndexElement,
    Object,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from dbwarden.core.renames import (
    Candidate,
    Hints,
    choose_renames,
    flag,
    format_header,
    parse_flag,
    parse_header,
    parse_table_flag,
)
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.postgresql.types import TYPES
from dbwarden.errors import UsageError
from tests.support.schemas import schemas
from tests.support.work import calls

INTEGER, TEXT, WHEN = DataType("integer"), DataType("text"), DataType("timestamp")
USERS, PEOPLE, POSTS = Ref("table", "users"), Ref("table", "people"), Ref("table", "posts")
ID = Column("id", INTEGER, False)
EMAIL, MAIL = Column("email", TEXT, False), Column("mail", TEXT, False)


def table(name: str, *columns: Column, schema: str | None = None) -> Table:
    return Table.of(name, [ID, *columns], schema=schema)


def in_(table: str, old: str, new: str, kind: str = "column", schema: str | None = None) -> Rename:
    return Rename(Ref(kind, old, schema, table), Ref(kind, new, schema, table))


def candidates(
    before: Schema, after: Schema, decided: Iterable[Rename] = (), attributes: Mapping[Ref, str] | None = None
) -> tuple[Candidate, ...]:
    """What is proposed where whoever is asked always says yes."""
    proposed: list[Candidate] = []

    def accept(candidate: Candidate) -> bool:
        proposed.append(candidate)
        return True

    choose_renames(before, after, accept, decided, Hints(TYPES, attributes or {}))
    return tuple(proposed)


def candidate_flags(before: list[Object], after: list[Object], **rest: Any) -> list[str]:
    return [flag(one.rename) for one in candidates(Schema(before), Schema(after), **rest)]


# -- columns ------------------------------------------------------------------------------------------------------


def test_a_column_of_the_same_type_place_and_index() -> None:
    before = Schema([table("users", EMAIL), Index(USERS, "ix_users_email", (IndexElement("email"),))])
    after = Schema([table("users", MAIL), Index(USERS, "ix_users_mail", (IndexElement("mail"),))])
    column, index = candidates(before, after)
    assert column.rename == in_("users", "email", "mail")
    assert column.score > 0.9
    assert column.evidence == ("same type", "same place", "same constraints and indexes", "similar name")
    assert index == Candidate(in_("users", "ix_users_email", "ix_users_mail", "index"), 1.0, ("same definition",))
    assert diff(before, after, [column.rename, index.rename]) == (column.rename, index.rename)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Column("a", INTEGER), Column("a_text", TEXT)),
        (Column("a", DataType("integer", array=1)), Column("a_", INTEGER)),
        (Column("a", DataType("mood", ref=Ref("enum", "mood"))), Column("a_", TEXT)),
        (Column("created", WHEN), Column("created_on", DataType("date"))),
    ],
)
def test_types_of_different_families_are_never_a_rename(old: Column, new: Column) -> None:
    assert candidate_flags([table("users", old)], [table("users", new)]) == []


def test_a_type_that_grew_on_the_way() -> None:
    old, new = Column("name", DataType("varchar", ("20",))), Column("full_name", DataType("varchar", ("50",)))
    assert candidate_flags([table("users", old)], [table("users", new)]) == ["--rename users.name:full_name"]


def test_columns_that_have_nothing_in_common_but_the_type() -> None:
    phone, bio, rest = Column("phone", TEXT), Column("bio", TEXT), Column("z", INTEGER)
    assert candidate_flags([table("users", phone, rest)], [table("users", rest, bio)]) == []


def test_each_name_once_and_the_strongest_first() -> None:
    before = table("t", Column("first", TEXT), Column("last", TEXT), Column("n", INTEGER))
    after = table(
        "t", Column("first_name", TEXT), Column("last_name", TEXT), Column("nick", TEXT), Column("n", INTEGER)
    )
    assert sorted(candidate_flags([before], [after])) == ["--rename t.first:first_name", "--rename t.last:last_name"]
    ends = [(one.rename.old, one.rename.new) for one in candidates(Schema([before]), Schema([after]))]
    assert len({old for old, _ in ends}) == len({new for _, new in ends}) == len(ends)


def test_a_foreign_key_on_it_speaks_for_a_column() -> None:
    before = [table("posts", Column("owner", INTEGER), Column("z", TEXT)), table("users")]
    after = [table("posts", Column("z", TEXT), Column("author_id", INTEGER)), table("users")]
    assert candidate_flags(before, after) == []
    keys = (
        ForeignKey(POSTS, f"fk_{name}", (name,), USERS, ("id",), on_delete="cascade") for name in ("owner", "author_id")
    )
    assert candidate_flags([*before, next(keys)], [*after, next(keys)])[:1] == ["--rename posts.owner:author_id"]


def test_the_attribute_of_the_model_decides() -> None:
    before, after = (
        table("t", Column("qx", TEXT), Column("z", TEXT)),
        table("t", Column("z", TEXT), Column("zzyy", TEXT)),
    )
    assert candidate_flags([before], [after]) == []
    new = Ref("column", "zzyy", None, "t")
    (one,) = candidates(Schema([before]), Schema([after]), attributes={new: "qx"})
    assert one.rename == in_("t", "qx", "zzyy")
    assert one.evidence[-1] == "its attribute in the model is still called qx"


def test_nothing_is_proposed_for_what_stays_or_only_comes() -> None:
    assert candidate_flags([table("users", EMAIL)], [table("users", EMAIL, MAIL)]) == []
    assert candidate_flags([table("users", EMAIL, MAIL)], [table("users", EMAIL)]) == []


# -- tables -------------------------------------------------------------------------------------------------------


def test_a_table_with_the_same_columns() -> None:
    before = Schema([table("users", EMAIL), PrimaryKey(USERS, "pk", ("id",)), table("posts")])
    before = before.put(ForeignKey(POSTS, "fk", ("id",), USERS, ("id",)))
    after = Schema([table("people", EMAIL), PrimaryKey(PEOPLE, "pk", ("id",)), table("posts")])
    after = after.put(ForeignKey(POSTS, "fk", ("id",), PEOPLE, ("id",)))
    (one,) = candidates(before, after)
    assert one.rename == Rename(USERS, PEOPLE)
    assert one.evidence == ("2 of 2 columns are the same", "same keys and constraints", "the same tables refer to it")
    assert diff(before, after, [one.rename]) == (one.rename,)


def test_a_column_inside_a_renamed_table() -> None:
    more = (Column("name", TEXT), Column("born", WHEN))
    assert candidate_flags([table("users", EMAIL, *more)], [table("people", MAIL, *more)]) == [
        "--rename-table users:people",
        "--rename people.email:mail",
    ]


def test_other_tables_of_other_schemas_and_other_columns_are_not_proposed() -> None:
    assert candidate_flags([table("users", EMAIL)], [table("users", EMAIL, schema="audit")]) == [
        "--rename-table users:audit.users"
    ]
    assert candidate_flags([table("users", EMAIL, schema="audit")], [table("users", EMAIL)]) == [
        "--rename-table audit.users:users"
    ]
    assert candidate_flags([table("users", EMAIL)], [table("people", EMAIL, schema="audit")]) == []
    posts = table("posts", Column("title", TEXT), Column("body", TEXT), Column("author", INTEGER))
    assert candidate_flags([posts], [table("tags", Column("label", TEXT))]) == []
    assert candidate_flags([table("users", EMAIL)], [table("people", Column("email", INTEGER), MAIL)]) == []


def test_constraint_names_that_the_engine_chose_are_no_renames() -> None:
    before = [table("users", EMAIL), Unique(USERS, "users_email_key", ("email",))]
    after = [table("people", EMAIL), Unique(PEOPLE, "people_email_key", ("email",), implicit=True)]
    assert candidate_flags(before, after) == ["--rename-table users:people"]


def test_a_table_that_nobody_claims_can_be_the_old_one() -> None:
    theirs = table("tbl_users", EMAIL, Column("name", TEXT))
    assert candidate_flags([theirs, table("x")], [replace(theirs, name="users"), table("x")]) == [
        "--rename-table tbl_users:users"
    ]


def many(count: int, prefix: str = "", different: bool = True) -> list[Table]:
    extra = (lambda at: f"only_{at}") if different else (lambda at: "value")
    return [
        table(f"{prefix}item{at}", EMAIL, Column(extra(at), TEXT), Column("created_at", WHEN)) for at in range(count)
    ]


@pytest.mark.parametrize("different", [True, False])
def test_a_thousand_tables(different: bool) -> None:
    before = many(1000, different=different)
    few = [replace(one, name=f"new_{one.name}") for one in before[:5]]
    names = candidate_flags([*before], [*few, *before[5:]])
    assert sorted(names) == [f"--rename-table item{at}:new_item{at}" for at in range(5)]


@pytest.mark.parametrize("different", [True, False])
def test_tables_that_all_got_a_prefix(different: bool) -> None:
    before, after = many(400, different=different), many(400, "app_", different)
    names = candidate_flags([*before], [*after])
    assert len(names) == 400 and "--rename-table item7:app_item7" in names


def wide(count: int, prefix: str = "") -> list[Object]:
    return [Table.of("t", [Column(f"{prefix}c{at}", TEXT) for at in range(count)])]


def enums(count: int, prefix: str = "") -> list[Object]:
    return [Enum(f"{prefix}e{at}", ("none", "some", f"value {at}")) for at in range(count)]


def labels(count: int, prefix: str = "") -> list[Object]:
    return [Enum("e", tuple(f"{prefix}label {at}" for at in range(count)))]


@pytest.mark.parametrize("make", [many, lambda n, p="": many(n, p, False), wide, enums, labels])
def test_work_grows_with_the_number_of_names_and_not_of_pairs(
    make: Callable[..., list[Object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []
    alike = renames.name_similarity
    monkeypatch.setattr(renames, "name_similarity", lambda one, other: compared.append(one) or alike(one, other))
    steps = {}
    for count in (100, 200):
        before, after = Schema(make(count)), Schema(make(count, "new_"))
        compared.clear()
        steps[count] = calls(lambda before=before, after=after: candidates(before, after))  # type: ignore[misc]
        assert len(compared) <= 4 * count
        assert len(candidates(before, after)) == count
    assert steps[200] < 3 * steps[100]


# -- enum values, constraints and indexes -------------------------------------------------------------------------


def test_a_value_in_the_same_place() -> None:
    before, after = Enum("mood", ("sad", "ok", "happy"), "audit"), Enum("mood", ("blue", "ok", "happy"), "audit")
    (one,) = candidates(Schema([before]), Schema([after]))
    assert one.rename == in_("mood", "sad", "blue", "enum_value", "audit")
    assert one.evidence == ("same place among as many values",)
    assert one.rename.apply(Schema([before])) == Schema([after])


def test_values_that_came_and_went_elsewhere() -> None:
    assert candidate_flags([Enum("mood", ("sad", "ok"))], [Enum("mood", ("ok", "very happy", "glad"))]) == []
    assert candidate_flags([Enum("mood", ("sad", "ok"))], [Enum("mood", ("sad", "ok", "happy"))]) == []
    assert candidate_flags([Enum("mood", ("in_progress", "ok"))], [Enum("mood", ("ok", "in progress", "new"))]) == [
        "--rename 'mood.in_progress:\"in progress\"'"
    ]


@pytest.mark.parametrize(
    "item",
    [
        Index(USERS, "old", (IndexElement("email"),), where=Expression("id > 0")),
        Unique(USERS, "old", ("email",)),
        Check(USERS, "old", Expression("id > 0")),
        ForeignKey(USERS, "old", ("id",), USERS, ("id",)),
        PrimaryKey(USERS, "old", ("id",)),
    ],
    ids=lambda item: item.kind,
)
def test_the_same_constraint_under_another_name(item: Any) -> None:
    users = table("users", EMAIL)
    assert candidate_flags([users, item], [users, replace(item, name="new")]) == ["--rename users.old:new"]
    assert candidate_flags([users, item], [users]) == []
    other = Unique(USERS, "new", ("id", "email"))
    assert candidate_flags([users, item], [users, other]) == []


def test_equal_indexes_pair_by_name_and_once() -> None:
    users = table("users", EMAIL)
    old = [Index(USERS, name, (IndexElement("email"),)) for name in ("ix_b", "ix_a")]
    new = [Index(USERS, name, (IndexElement("email"),)) for name in ("ix_a_new", "ix_b_new", "ix_c_new")]
    assert sorted(candidate_flags([users, *old], [users, *new])) == [
        "--rename users.ix_a:ix_a_new",
        "--rename users.ix_b:ix_b_new",
    ]


# -- deciding -----------------------------------------------------------------------------------------------------


def test_what_is_said_no_to_is_not_asked_about_further() -> None:
    more = (Column("name", TEXT), Column("born", WHEN))
    before, after = Schema([table("users", EMAIL, *more)]), Schema([table("people", MAIL, *more)])
    asked: list[str] = []

    def answer(candidate: Candidate) -> bool:
        asked.append(flag(candidate.rename))
        return candidate.rename.old.kind != "table"

    assert choose_renames(before, after, answer) == ()
    assert asked == ["--rename-table users:people"]
    assert choose_renames(before, after, lambda candidate: True) == (
        Rename(USERS, PEOPLE),
        in_("people", "email", "mail"),
    )


def test_what_is_decided_is_not_asked_again() -> None:
    more = (Column("name", TEXT), Column("born", WHEN))
    before, after = Schema([table("users", EMAIL, *more)]), Schema([table("people", MAIL, *more)])
    decided = (Rename(USERS, PEOPLE), in_("people", "email", "mail"))
    assert candidates(before, after, decided) == ()
    assert choose_renames(before, after, lambda candidate: False, decided) == decided


@given(schemas(), schemas())
def test_candidates_are_drops_and_adds_and_each_only_once(before: Schema, after: Schema) -> None:
    proposed = candidates(before, after)
    olds, news = [one.rename.old for one in proposed], [one.rename.new for one in proposed]
    assert len(set(olds)) == len(olds) and len(set(news)) == len(news)
    assert all(0 <= one.score <= 1 and one.rename.old.kind == one.rename.new.kind for one in proposed)
    renames = [one.rename for one in proposed]
    moved = after_renames(before, renames)
    assert len(moved) == len(before)
    assert after_renames(moved, [rename.inverse() for rename in reversed(renames)]) == before
    assert proposed == candidates(Schema(reversed(list(before.objects()))), Schema(reversed(list(after.objects()))))


@given(schemas())
def test_a_schema_has_no_candidates_against_itself(schema: Schema) -> None:
    assert candidates(schema, schema) == ()


# -- flags --------------------------------------------------------------------------------------------------------

BEFORE = Schema(
    [
        table("users", EMAIL, Column("age", INTEGER)),
        table("log", Column("a", TEXT), schema="audit"),
        Index(USERS, "ix_a", (IndexElement("age"),)),
        Enum("mood", ("sad", "ok")),
        table("old_things", EMAIL),
    ]
)
AFTER = Schema(
    [
        table("users", MAIL, Column("age", INTEGER), Column("born", WHEN)),
        table("log", Column("b", TEXT), schema="audit"),
        Index(USERS, "ix_b", (IndexElement("age"),)),
        Enum("mood", ("so so", "ok")),
        table("things", MAIL),
    ]
)
THINGS = Rename(Ref("table", "old_things"), Ref("table", "things"))


@pytest.mark.parametrize(
    ("text", "rename"),
    [
        ("users.email:mail", in_("users", "email", "mail")),
        (" users.email : mail ", in_("users", "email", "mail")),
        ('"users"."email":"mail"', in_("users", "email", "mail")),
        ("audit.log.a:b", in_("log", "a", "b", schema="audit")),
        ("users.ix_a:ix_b", in_("users", "ix_a", "ix_b", "index")),
        ("index users.ix_a:ix_b", in_("users", "ix_a", "ix_b", "index")),
        ('mood.sad:"so so"', in_("mood", "sad", "so so", "enum_value")),
        ("old_things.email:mail", in_("things", "email", "mail")),
        ("things.email:mail", in_("things", "email", "mail")),
    ],
)
def test_a_flag(text: str, rename: Rename) -> None:
    assert parse_flag(text, BEFORE, AFTER, decided=(THINGS,)) == rename


def test_a_table_flag() -> None:
    assert parse_table_flag("old_things:things", BEFORE, AFTER) == THINGS
    before, after = (Schema([table(name, schema="audit")]) for name in ("a", "b"))
    assert parse_table_flag("audit.a:b", before, after) == Rename(
        Ref("table", "a", "audit"), Ref("table", "b", "audit")
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("users.emial:mail", "--rename users.emial:mail: there is no column users.emial; did you mean email?"),
        ("users.email:mial", "--rename users.email:mial: the models have no column users.mial; did you mean mail?"),
        ("users.xyzzy:mail", "--rename users.xyzzy:mail: there is no column users.xyzzy"),
        ("users.age:born", "--rename users.age:born: column users.age is still in the models, so it was not renamed"),
        (
            "users.email:age",
            "--rename users.email:age: there is a column users.age already, so nothing was renamed to it",
        ),
        ("usres.email:mail", "--rename usres.email:mail: there is no table usres; did you mean users?"),
        ("log.a:b", "--rename log.a:b: there is no table log; did you mean audit.log?"),
        ("mood.sda:so", "--rename mood.sda:so: there is no enum value mood.sda; did you mean sad?"),
        ("things.email:mail", "--rename things.email:mail: table things is new"),
        ("old_things.email:mail", "--rename old_things.email:mail: table old_things is not in the models"),
        ("email:mail", "--rename email:mail: table.old:new expected: table.name:new for a column"),
        ("a.b.c.d:e", "--rename a.b.c.d:e: table.old:new expected: table.name:new for a column"),
        ("users.email", "--rename users.email: table.old:new expected"),
        ("users.email:mail:x", "--rename users.email:mail:x: table.old:new expected"),
        ("", "--rename : table.old:new expected"),
        ("table users:people", "--rename table users:people: a table cannot be renamed here"),
        (
            "colunm users.a:b",
            "--rename colunm users.a:b: table.old:new expected: a kind of object before users.a, not colunm",
        ),
        ('users."email:mail', '--rename users."email:mail: table.old:new expected'),
        ('users."\\x":mail', '--rename users."\\x":mail: table.old:new expected: a name in double quotes, not "\\x"'),
    ],
)
def test_a_flag_that_means_nothing(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_flag(text, BEFORE, AFTER)
    assert caught.value.message == message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("old_thing:things", "there is no table old_thing; did you mean old_things?"),
        ("old_things:thinks", "the models have no table thinks; did you mean things?"),
        ("users:things", "table users is still in the models, so it was not renamed"),
        ("old_things:users", "there is a table users already, so nothing was renamed to it"),
        ("audit.log.x:y", "old:new expected: name:new for a table"),
    ],
)
def test_a_table_flag_that_means_nothing(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_table_flag(text, BEFORE, AFTER)
    assert caught.value.message == f"--rename-table {text}: {message}"


def test_the_hint_names_the_other_flag() -> None:
    with pytest.raises(UsageError) as caught:
        parse_flag("old_things.email:mail", BEFORE, AFTER)
    assert caught.value.hint == "If it was renamed: --rename-table old_things:NEW"


@given(schemas(), schemas())
def test_every_candidate_can_be_typed(before: Schema, after: Schema) -> None:
    decided: list[Rename] = []
    for one in candidates(before, after):
        (_, text) = shlex.split(flag(one.rename))
        if one.rename.old.kind == "table":
            assert parse_table_flag(text, before, after) == one.rename
        else:
            assert parse_flag(text, before, after, decided) == one.rename
        decided.append(one.rename)


# -- headers ------------------------------------------------------------------------------------------------------


def test_a_header() -> None:
    renames = (
        Rename(USERS, PEOPLE),
        in_("people", "email", "mail"),
        in_("log", "who", "actor", schema="audit"),
        in_("mood", "sad", 'so "so"', "enum_value"),
        in_("people", "ix_a", "ix.b", "index"),
    )
    text = format_header(renames)
    assert text == (
        "table users:people, people.email:mail, audit.log.who:actor,"
        ' enum_value mood.sad:"so \\"so\\"", index people.ix_a:"ix.b"'
    )
    assert parse_header(text) == renames


names = st.text(min_size=1, max_size=6) | st.sampled_from(
    ("a b", 'q"', "a.b", "x:y", "a,b", " ", "\n", "a  b", "é", '"a"')
)
kinds = st.sampled_from(("column", "enum_value", "index", "unique", "table", "enum"))


@st.composite
def some_rename(draw: st.DrawFn) -> Rename:
    kind = draw(kinds)
    inside = None if kind in ("table", "enum") else draw(names)
    old = Ref(kind, draw(names), draw(st.none() | names), inside)
    if inside is None and draw(st.booleans()):
        return Rename(old, old._replace(schema=draw((st.none() | names).filter(lambda name: name != old.schema))))
    return Rename(old, old._replace(name=draw(names.filter(lambda name: name != old.name))))


@given(st.lists(some_rename(), min_size=1, max_size=4).map(tuple))
def test_headers_come_back_from_one_line(renames: tuple[Rename, ...]) -> None:
    text = format_header(renames)
    assert len(text.splitlines()) == 1
    assert parse_header(" ".join(text.split())) == renames


@pytest.mark.parametrize(
    "text", ["", "x", "users:people", "users.a:b users.c:d", "users.a:b,", "table a.b.c:d", ", a.b:c"]
)
def test_headers_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"renames such as|comma|expected|:new"):
        parse_header(text)
