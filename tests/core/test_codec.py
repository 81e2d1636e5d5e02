"""State text: everything comes back, git merges it, and what is wrong with it is said by line."""

from __future__ import annotations

import json
import shutil
import subprocess
import typing
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbwarden import dialects
from dbwarden.core import codec, model
from dbwarden.core.codec import dump, load
from dbwarden.core.model import (
    Column,
    Computed,
    Definition,
    Enum,
    Identity,
    Index,
    IndexElement,
    Namespace,
    Object,
    PrimaryKey,
    Schema,
    Table,
)
from dbwarden.core.options import Options
from dbwarden.core.plan import pair, plan
from dbwarden.core.types import DataType, Expression, Ref, parse_type
from dbwarden.errors import ConfigurationError, DamagedState, NewerState, StateConflict, StateDialect
from tests.support.effort import examples
from tests.support.schemas import schemas
from tests.support.work import calls

USERS = Ref("table", "users")
EMAIL = Column("email", DataType("varchar", ("50",)), False)

# -- everything comes back ----------------------------------------------------------------------------------------

names = st.sampled_from(("a", "b", "users", "Größe", 'we "quote"', "a.b", "x\ny", "\u2028", "😀", ""))
refs = st.builds(Ref, st.sampled_from(("table", "enum", "column")), names, st.none() | names, st.none() | names)
expressions = st.builds(Expression, names, names)
options = st.dictionaries(names, names, max_size=2).map(Options.of)
datatypes = st.sampled_from((parse_type("varchar(20)"), parse_type("timestamp(3) with time zone[]"))) | st.builds(
    DataType, names, st.lists(names, max_size=2).map(tuple), st.integers(0, 2), names, st.none() | refs
)
SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: names,
    bool: st.booleans(),
    int: st.integers(0, 3),
    Ref: refs,
    Expression: expressions,
    Options: options,
    DataType: datatypes,
    type(None): st.none(),
}


def any_of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of an annotation of core/model."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint in SIMPLE:
        return SIMPLE[hint]
    if origin is tuple and args[-1] is Ellipsis:
        return st.lists(any_of(args[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(any_of, args))
    if origin is frozenset:
        return st.frozensets(any_of(args[0]), max_size=2)
    if origin is Mapping:
        return st.lists(objects(Column), max_size=3).map(lambda found: {column.name: column for column in found})
    if args:
        return st.one_of(*map(any_of, args))
    return objects(hint)


def objects(cls: type) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(cls)
    values = {spec.name: any_of(hints[spec.name]) for spec in fields(cls)}
    if cls is Definition:
        values["kind"] = st.sampled_from(("view", "trigger", "policy"))
    return st.builds(cls, **values)


def identical(one: Schema, other: Schema) -> bool:
    """Equal in every field, those too that comparisons ignore."""
    exact = {ref: _exact(item) for ref, item in one.items()}
    return exact == {ref: _exact(item) for ref, item in other.items()}


def _exact(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return (type(value).__name__, *(_exact(getattr(value, spec.name)) for spec in fields(value)))
    if isinstance(value, Mapping):
        return [(key, _exact(item)) for key, item in value.items()]
    if isinstance(value, tuple) and not isinstance(value, Ref):
        return tuple(map(_exact, value))
    return value


@pytest.mark.parametrize("cls", [*codec._kinds().values(), Definition], ids=lambda cls: cls.__name__)
@settings(max_examples=examples(40))
@given(data=st.data())
def test_every_field_of_every_kind_comes_back(cls: type, data: st.DataObject) -> None:
    schema = Schema(data.draw(st.lists(objects(cls), max_size=3)))
    text = dump(schema, dialect="postgresql")
    assert identical(load(text, dialect="postgresql"), schema)
    assert json.loads(text)["format"] == codec.FORMAT
    assert text.encode("utf-8").endswith(b"\n")


def test_every_class_of_the_model_has_a_state_form() -> None:
    concrete = {cls for cls in vars(model).values() if isinstance(cls, type) and issubclass(cls, Object)}
    whole = {cls for cls in concrete if "kind" in vars(cls)} - {Object, Column, Identity, Computed}
    assert whole == {*codec._kinds().values(), Definition}


@given(schemas(), st.randoms())
def test_the_text_does_not_depend_on_the_order_of_the_objects(schema: Schema, random: Any) -> None:
    mixed = list(schema.objects())
    random.shuffle(mixed)
    text = dump(schema, dialect="sqlite")
    assert dump(Schema(mixed), dialect="sqlite") == text
    assert load(text) == schema
    assert dump(load(text), dialect="sqlite") == text


@pytest.mark.parametrize("name", ["postgresql", "sqlite"])
@settings(max_examples=examples(60))
@given(before=schemas(), after=schemas())
def test_plans_from_a_loaded_schema_are_the_same(name: str, before: Schema, after: Schema) -> None:
    dialect = dialects.get(name)
    before, after = dialect.canonical(_without_types(before, name)), dialect.canonical(_without_types(after, name))
    owned = [ref for ref, item in before.items() if not item.derived]
    loaded = load(dump(before, dialect=name))
    direct = plan(pair(before, after, owned), dialect)
    again = plan(pair(loaded, after, owned), dialect)
    assert (direct.upgrade(), direct.rollback()) == (again.upgrade(), again.rollback())


def _without_types(schema: Schema, name: str) -> Schema:
    """What SQLite can have: no schemas, no named types; enums that neither engine would have to swap."""
    items = (item for item in schema.objects() if item.ref.schema is None and (name != "sqlite" or item.kind != "enum"))
    items = (item for item in items if item.kind not in ("namespace",) and not getattr(item, "ref_table", USERS).schema)
    if name != "sqlite":
        return Schema(items)
    return Schema(
        Table.of(item.name, [replace(c, type=replace(c.type, ref=None)) for c in item.columns.values()])
        if isinstance(item, Table)
        else item
        for item in items
    )


# -- what people and git see --------------------------------------------------------------------------------------


def users(*columns: Column, **rest: Any) -> Table:
    return Table.of("users", [Column("id", DataType("integer"), False, identity=Identity("serial")), *columns], **rest)


def test_the_text() -> None:
    schema = Schema(
        [
            Index(
                USERS, "ix_users_email", (IndexElement("email"), IndexElement(None, Expression("lower(x)", "LOWER(x)")))
            ),
            PrimaryKey(USERS, "users_pkey", ("id",), implicit=True),
            users(EMAIL, Column("größe", DataType("mood", ref=Ref("enum", "mood"))), comment="people"),
            Enum("mood", ("sad", "so so")),
            Namespace("audit"),
            Definition("view", "v", Expression("CREATE VIEW v AS\nSELECT 1"), needs=frozenset((USERS,))),
        ]
    )
    assert dump(schema, dialect="postgresql", written_by="0.2.0") == (
        '{"format": 1,\n'
        '"written_by": "0.2.0",\n'
        '"dialect": "postgresql",\n'
        '"objects": [\n'
        ' {"kind": "enum", "name": "mood",\n'
        '  "values": ["sad", "so so"]}\n'
        ',{"kind": "namespace", "name": "audit"}\n'
        ',{"kind": "table", "name": "users",\n'
        '  "comment": "people",\n'
        '  "columns": [\n'
        '   {"name": "id",\n'
        '    "type": "integer", "nullable": false, "identity": "serial"}\n'
        '  ,{"name": "email",\n'
        '    "type": "varchar(50)", "nullable": false}\n'
        '  ,{"name": "größe",\n'
        '    "type": {"name": "mood", "ref": {"kind": "enum", "name": "mood"}}}\n'
        " ]}\n"
        ',{"kind": "index", "table": "users", "name": "ix_users_email",\n'
        '  "elements": ["email", {"expression": {"text": "lower(x)", "key": "LOWER(x)"}}]}\n'
        ',{"kind": "primary_key", "table": "users", "name": "users_pkey",\n'
        '  "columns": ["id"], "implicit": true}\n'
        ',{"kind": "view", "name": "v",\n'
        '  "sql": "CREATE VIEW v AS\\nSELECT 1", "needs": ["users"]}\n'
        "]}\n"
    )


def test_an_empty_schema_and_an_empty_table() -> None:
    for schema in (Schema(), Schema([Table.of("nothing", [])])):
        assert load(dump(schema, dialect="sqlite")) == schema


def test_another_layout_reads_the_same() -> None:
    text = dump(Schema([users(EMAIL)]), dialect="sqlite")
    pretty = "\ufeff" + json.dumps(json.loads(text), indent=4).replace("\n", "\r\n")
    assert load(pretty, dialect="sqlite") == Schema([users(EMAIL)])


def merged(tmp_path: Path, base: Schema, ours: Schema, theirs: Schema) -> tuple[int, str]:
    """What ``git merge`` makes of three states: the number of conflicts, and the text."""
    for name, schema in (("base", base), ("ours", ours), ("theirs", theirs)):
        (tmp_path / name).write_text(dump(schema, dialect="sqlite"), encoding="utf-8")
    done = subprocess.run(
        ["git", "merge-file", "-p", "ours", "base", "theirs"], cwd=tmp_path, capture_output=True, check=False
    )
    return done.returncode, done.stdout.decode()


TEXT = DataType("text")
BASE = users(Column("a", TEXT), Column("b", TEXT), Column("c", TEXT))
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@needs_git
def test_changes_of_neighbouring_columns_merge(tmp_path: Path) -> None:
    ours, theirs = (BASE.with_column(Column(name, DataType("json"))) for name in "ab")
    conflicts, text = merged(tmp_path, Schema([BASE]), Schema([ours]), Schema([theirs]))
    assert conflicts == 0
    assert load(text) == Schema([ours.with_column(Column("b", DataType("json")))])


@needs_git
def test_changes_of_neighbouring_objects_merge(tmp_path: Path) -> None:
    index, other = (Index(USERS, f"ix_{name}", (IndexElement(name),)) for name in "ab")
    unique = replace(index, unique=True), replace(other, unique=True)
    conflicts, text = merged(
        tmp_path, Schema([BASE, index, other]), Schema([BASE, unique[0], other]), Schema([BASE, index, unique[1]])
    )
    assert conflicts == 0
    assert load(text) == Schema([BASE, *unique])


@needs_git
def test_dropping_a_column_and_adding_another_merge(tmp_path: Path) -> None:
    ours, theirs = BASE.without_column("a"), BASE.with_column(Column("d", TEXT))
    conflicts, text = merged(tmp_path, Schema([BASE]), Schema([ours]), Schema([theirs]))
    assert conflicts == 0
    assert load(text) == Schema([theirs.without_column("a")])


@needs_git
def test_two_changes_of_one_column_conflict_on_its_line(tmp_path: Path) -> None:
    ours, theirs = BASE.with_column(Column("b", DataType("json"))), BASE.with_column(Column("b", TEXT, False))
    conflicts, text = merged(tmp_path, Schema([BASE]), Schema([ours]), Schema([theirs]))
    assert conflicts == 1
    with pytest.raises(StateConflict) as caught:
        load(text, database="primary", file=".dbwarden/primary/model_state.json")
    assert caught.value.message == (
        ".dbwarden/primary/model_state.json:12: git left a conflict between ours and theirs unresolved"
    )
    assert "dbwarden export-models -d primary" in str(caught.value.hint)
    assert caught.value.exit_code == 2


@needs_git
def test_keeping_both_of_two_new_columns_is_all_there_is_to_do(tmp_path: Path) -> None:
    ours, theirs = BASE.with_column(Column("d", TEXT)), BASE.with_column(Column("e", DataType("json")))
    conflicts, text = merged(tmp_path, Schema([BASE]), Schema([ours]), Schema([theirs]))
    assert conflicts == 1
    both = "".join(line for line in text.splitlines(keepends=True) if line[:7] not in ("<" * 7, "=" * 7, ">" * 7))
    assert load(both) == Schema([ours.with_column(Column("e", DataType("json")))])


# -- what is wrong with it ----------------------------------------------------------------------------------------

GOOD = dump(Schema([Enum("mood", ("a",)), users(EMAIL)]), dialect="postgresql", written_by="0.1.0")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "s.json:1:1: the file is empty"),
        (" \n", "s.json:1:1: the file is empty"),
        (GOOD[:-4], "s.json:13:4: not valid JSON: expecting ',' delimiter"),
        ("[1]", "s.json:1:1: not a state file: no `format`"),
        ("[" * 100_000, "s.json:1:1: not a state file: nested too deeply"),
        ('{"format": "x"}', 's.json:1:1: `format` is "x", not a number'),
        ('{"format": 1, "dialect": "postgresql"}', "s.json:1:1: `objects` is not a list"),
        (GOOD.replace("false", '"no"', 1), 's.json:7:2: table "users": columns: "id": nullable: true or false expected, not "no"'),
        (
            GOOD.replace('"nullable"', '"nulable"'),
            's.json:7:2: table "users": columns: "id": unknown field `nulable`; did you mean `nullable`?',
        ),
        (GOOD.replace('"values": ["a"]', '"values": "a"'), 's.json:5:2: enum "mood": values: a list expected, not "a"'),
        (GOOD.replace(',\n  "values": ["a"]', ""), 's.json:5:2: enum "mood": no `values`'),
        (GOOD.replace('"kind": "enum"', '"kind": "enun"'), "s.json:5:2: `enun` is not a kind of object; did you mean `enum`?"),
        (GOOD.replace('"name": "email"', '"name": "id"'), 's.json:7:2: table "users": columns: "id" is listed twice'),
        (
            GOOD.replace("\n]}", '\n,{"kind": "enum", "name": "mood", "values": []}]}'),
            "s.json:14:2: enum mood is listed a second time",
        ),
        (GOOD.replace('"varchar(50)"', "7"), 's.json:7:2: table "users": columns: "email": type: a type expected, not 7'),
        (
            GOOD.replace('{"kind": "enum",', '{"knd": "enum",'),
            's.json:5:2: an object with a `kind` expected, not {"knd": "enum", "name": "mood", "valu...',
        ),
    ],
)  # fmt: skip
def test_damage_is_named_by_place(text: str, message: str) -> None:
    with pytest.raises(DamagedState) as caught:
        load(text, dialect="postgresql", database="shop", file="s.json")
    assert caught.value.message == message
    assert "dbwarden export-models -d shop" in str(caught.value.hint)
    assert isinstance(caught.value, ConfigurationError) and caught.value.exit_code == 2


@settings(max_examples=examples(300))
@given(st.integers(0, len(GOOD) - 1), st.sampled_from(("", "7", '"', "null", "{", "]", "\x00", '"x"')))
def test_damage_of_any_kind_is_a_clean_error(at: int, put: str) -> None:
    try:
        load(GOOD[:at] + put + GOOD[at + 1 :], dialect="postgresql")
    except ConfigurationError as error:
        assert error.exit_code == 2


def test_conflict_markers_without_the_whole_frame() -> None:
    with pytest.raises(
        StateConflict, match=r"s\.json:3: git left a conflict between one side and the other unresolved"
    ):
        load(GOOD.replace('"dialect"', '>>>>>>> feature\n"dialect"'), file="s.json")


def test_markers_inside_texts_are_no_conflict() -> None:
    schema = Schema([users(comment="<<<<<<< ours\n=======\n>>>>>>> theirs")])
    assert identical(load(dump(schema, dialect="sqlite")), schema)


def test_a_newer_format_names_its_writer() -> None:
    with pytest.raises(NewerState) as caught:
        load(GOOD.replace('"format": 1', '"format": 9').replace("0.1.0", "2.5.0"), file="s.json")
    assert (
        caught.value.message
        == "s.json has state format 9, written by DBWarden 2.5.0; this version reads formats up to 1"
    )
    assert "Upgrade" in str(caught.value.hint)


def test_a_state_of_another_engine_is_refused() -> None:
    with pytest.raises(StateDialect) as caught:
        load(GOOD, dialect="sqlite", database="primary", file="s.json")
    assert caught.value.message == "s.json was written for postgresql, but the database primary is sqlite"


# -- speed --------------------------------------------------------------------------------------------------------


def many(count: int) -> Schema:
    tables = [
        Table.of(f"t{at}", [Column(f"c{n}", DataType("varchar", (str(n),)), n % 2 == 0) for n in range(12)])
        for at in range(count)
    ]
    return Schema([*tables, *(PrimaryKey(table.ref, f"{table.name}_pkey", ("c0",)) for table in tables)])


def test_ten_times_as_many_tables_are_ten_times_the_work() -> None:
    def work(count: int) -> int:
        schema = many(count)
        return calls(lambda: load(dump(schema, dialect="sqlite")))

    work(1)
    assert work(500) < 11 * work(50)
    assert work(50) < 50 * 2000


@pytest.mark.parametrize("name", ["\ud800", "a\udfffb", "\0"])
def test_what_is_not_text_is_refused(name: str) -> None:
    text = codec.dump(Schema([Namespace(name)]), dialect="sqlite", written_by="1")
    with pytest.raises(DamagedState, match="is not a character"):
        codec.load(text, dialect="sqlite", database="primary", file="model_state.json")


@pytest.mark.parametrize("number", ["1000000000000", "1" + "0" * 400, "-1", "1.5", "1e99", "true"])
def test_absurd_numbers_are_refused(number: str) -> None:
    column = Column("a", DataType("integer", array=1, ref=Ref("enum", "e")))
    text = codec.dump(Schema([Table.of("t", [column])]), dialect="sqlite", written_by="1")
    assert '"array": 1' in text
    with pytest.raises(DamagedState, match="a number from 0 to 65535"):
        codec.load(
            text.replace('"array": 1', f'"array": {number}'),
            dialect="sqlite",
            database="primary",
            file="model_state.json",
        )
