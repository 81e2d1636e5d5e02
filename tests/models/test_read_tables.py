"""Tables, constraints and indexes as SQLAlchemy would emit them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, Integer, MetaData, Table, Text, func, text
from sqlalchemy.dialects import postgresql as pg

from dbwarden.core.dialect import Dialect
from dbwarden.core.model import Check, Exclude, ForeignKey, Index, PrimaryKey, Schema, Unique
from dbwarden.core.options import Options
from dbwarden.core.types import Ref
from dbwarden.errors import ModelConflict, ModelReadError
from dbwarden.models.events import notes
from dbwarden.models.read import read

Reader = Callable[[MetaData], Schema]
T = TypeVar("T")
CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def only(schema: Schema, kind: type[T]) -> T:
    (item,) = [item for item in schema.objects() if isinstance(item, kind)]
    return item


def of(dialect: Dialect, *items: Any, metadata: MetaData | None = None, **rest: Any) -> Schema:
    table = Table(
        "t", metadata or MetaData(), Column("a", Integer), Column("b", Integer), Column("c", Text), *items, **rest
    )
    return read([table.metadata], dialect)


# -- keys


def test_primary_keys(postgresql: Dialect) -> None:
    key = only(of(postgresql, sa.PrimaryKeyConstraint("b", "a", name="pk", deferrable=True)), PrimaryKey)
    assert (key.name, key.columns, key.deferrable, key.implicit) == ("pk", ("b", "a"), True, False)
    unnamed = only(of(postgresql, sa.PrimaryKeyConstraint("a")), PrimaryKey)
    assert (unnamed.name, unnamed.implicit) == (None, True)
    assert not [item for item in of(postgresql).objects() if isinstance(item, PrimaryKey)]


def test_an_autoincrement_column_comes_first_in_an_implicit_key(postgresql: Dialect) -> None:
    table = Table(
        "t",
        MetaData(),
        Column("a", Integer, primary_key=True),
        Column("b", Integer, primary_key=True, autoincrement=True),
    )
    assert "PRIMARY KEY (b, a)" in str(sa.schema.CreateTable(table).compile(dialect=pg.dialect()))
    assert only(read([table.metadata], postgresql), PrimaryKey).columns == ("b", "a")


def test_unique_constraints(postgresql: Dialect) -> None:
    unique = only(
        of(
            postgresql,
            sa.UniqueConstraint("a", "b", name="uq", initially="DEFERRED", postgresql_nulls_not_distinct=True),
        ),
        Unique,
    )
    assert (unique.name, unique.columns, unique.implicit) == ("uq", ("a", "b"), False)
    assert (unique.nulls_not_distinct, unique.deferrable, unique.initially) == (True, True, "deferred")
    assert not unique.options
    assert only(of(postgresql, Column("d", Integer, unique=True)), Unique).columns == ("d",)


def test_included_columns_by_key_or_column(postgresql: Dialect) -> None:
    try:
        unique = sa.UniqueConstraint("a", postgresql_include=["c"])
    except sa.exc.ArgumentError:
        pytest.skip("this SQLAlchemy has no INCLUDE for constraints")
    assert only(of(postgresql, unique), Unique).include == ("c",)


def test_conflict_clauses_are_options_on_sqlite_only(sqlite: Dialect, postgresql: Dialect) -> None:
    def unique() -> sa.UniqueConstraint:
        return sa.UniqueConstraint("a", sqlite_on_conflict="IGNORE")

    assert only(of(sqlite, unique()), Unique).options == Options.of({"on_conflict": "IGNORE"})
    assert not only(of(postgresql, unique()), Unique).options


# -- names


def test_naming_conventions_name_what_has_no_name(dialect: Dialect) -> None:
    metadata = MetaData(naming_convention=CONVENTION)
    Table("o", metadata, Column("id", Integer, primary_key=True))
    actual = of(
        dialect,
        Column("d", sa.ForeignKey("o.id"), index=True, unique=False),
        Column("e", Integer, sa.CheckConstraint("e > 0", name="positive"), unique=True),
        Column("f", sa.Boolean(name="truth", create_constraint=True)),
        sa.PrimaryKeyConstraint("a"),
        sa.CheckConstraint("a > b", name=sa.schema.conv("as_is")),
        metadata=metadata,
    )
    names = {item.ref.name for item in actual.objects() if item.ref.table == "t"}
    expected = {"fk_t_d_o", "ix_t_d", "ck_t_positive", "uq_t_e", "pk_t", "as_is"}
    assert names == expected | ({"ck_t_truth"} if dialect.name == "sqlite" else set())
    assert not [item for item in actual.objects() if getattr(item, "implicit", False)]


def test_long_names_of_a_convention_are_shortened_as_sqlalchemy_does(postgresql: Dialect) -> None:
    metadata = MetaData(naming_convention=CONVENTION)
    table = Table("t" * 40, metadata, Column("c" * 40, Integer, index=True))
    read_index = only(read([metadata], postgresql), Index)
    (index,) = table.indexes
    assert read_index.name is not None
    assert len(read_index.name) < 64
    assert read_index.name in str(sa.schema.CreateIndex(index).compile(dialect=pg.dialect()))


def test_long_names_of_the_users_own_are_refused_as_sqlalchemy_does(postgresql: Dialect) -> None:
    with pytest.raises(ModelReadError) as error:
        of(postgresql, sa.UniqueConstraint("a", name="u" * 64))
    assert "exceeds maximum length" in error.value.message


# -- checks


def test_checks_are_text_without_the_table(dialect: Dialect) -> None:
    table = Table(
        "t", MetaData(), Column("a", Integer), Column("B", Integer), sa.CheckConstraint("a % 2 = 0", name="x")
    )
    table.append_constraint(sa.CheckConstraint(table.c.a > table.c.B, name="y"))
    checks = {item.name: item for item in read([table.metadata], dialect).objects() if isinstance(item, Check)}
    assert checks["x"].expression.text == "a % 2 = 0"
    assert checks["x"].columns == ("a",)
    assert checks["y"].expression.text == 'a > "B"'
    assert checks["y"].columns == ("a", "B")


def test_literals_are_not_columns(dialect: Dialect) -> None:
    assert only(of(dialect, sa.CheckConstraint("c IN ('a', 'b')")), Check).columns == ("c",)


def test_a_check_inside_a_column_counts(dialect: Dialect) -> None:
    check = only(of(dialect, Column("d", Integer, sa.CheckConstraint("d > 0"))), Check)
    assert (check.name, check.expression.text, check.implicit) == (None, "d > 0", True)


def test_type_constraints_exist_where_the_type_is_not_native(postgresql: Dialect, sqlite: Dialect) -> None:
    def items() -> list[Column[Any]]:
        return [
            Column("d", sa.Boolean(create_constraint=True, name="d_bool")),
            Column("e", sa.Enum("x", "y", name="e_enum", create_constraint=True)),
        ]

    assert not [item for item in of(postgresql, *items()).objects() if isinstance(item, Check)]
    checks = [item for item in of(sqlite, *items()).objects() if isinstance(item, Check)]
    assert {item.name: item.expression.text for item in checks} == {
        "d_bool": "d IN (0, 1)",
        "e_enum": "e IN ('x', 'y')",
    }


def test_ddl_if_is_honoured(postgresql: Dialect, sqlite: Dialect) -> None:
    def items() -> list[Any]:
        return [
            sa.CheckConstraint("a > 0", name="never").ddl_if(callable_=lambda *args, **kw: False),
            sa.CheckConstraint("b > 0", name="there").ddl_if(dialect="postgresql"),
            sa.Index("ix", "a").ddl_if(dialect="postgresql"),
        ]

    assert {item.ref.name for item in of(postgresql, *items()).objects() if item.derived} == {"there", "ix"}
    assert not [item for item in of(sqlite, *items()).objects() if item.derived]


# -- foreign keys


def test_foreign_keys_with_everything(postgresql: Dialect) -> None:
    metadata = MetaData()
    Table("o", metadata, Column("x", Integer), Column("y", Integer), sa.UniqueConstraint("x", "y"), schema="s")
    foreign_key = only(
        of(
            postgresql,
            sa.ForeignKeyConstraint(
                ["a", "b"], ["s.o.x", "s.o.y"], name="fk", onupdate="CASCADE", ondelete="SET NULL",
                match="FULL", deferrable=True, initially="deferred", use_alter=True,
            ),
            metadata=metadata,
        ),
        ForeignKey,
    )  # fmt: skip
    assert (foreign_key.columns, foreign_key.ref_table, foreign_key.ref_columns) == (
        ("a", "b"),
        Ref("table", "o", "s"),
        ("x", "y"),
    )
    assert (foreign_key.on_update, foreign_key.on_delete, foreign_key.match) == ("cascade", "set null", "full")
    assert (foreign_key.deferrable, foreign_key.initially, foreign_key.name) == (True, "deferred", "fk")


def test_no_action_is_nothing_and_column_lists_stay(postgresql: Dialect) -> None:
    foreign_key = only(of(postgresql, Column("d", sa.ForeignKey("t.a", ondelete="NO ACTION"))), ForeignKey)
    assert (foreign_key.on_delete, foreign_key.match, foreign_key.deferrable) == (None, None, False)
    with pytest.raises(ModelReadError):
        of(postgresql, Column("d", sa.ForeignKey("t.a", ondelete="CASCADE; DROP TABLE t")))


def test_cycles_and_self_references(dialect: Dialect) -> None:
    metadata = MetaData()
    Table("x", metadata, Column("id", Integer, primary_key=True), Column("y_id", sa.ForeignKey("y.id")))
    Table(
        "y",
        metadata,
        Column("id", Integer, sa.ForeignKey("x.id"), primary_key=True),
        Column("p", sa.ForeignKey("y.id")),
    )
    foreign_keys = [item for item in read([metadata], dialect).objects() if isinstance(item, ForeignKey)]
    assert sorted((item.table.name, item.ref_table.name) for item in foreign_keys) == [
        ("x", "y"),
        ("y", "x"),
        ("y", "y"),
    ]


@pytest.mark.parametrize(("spec", "what"), [("nowhere.id", "table"), ("t.nothing", "column")])
def test_a_foreign_key_to_nothing_is_an_error_that_names_it(postgresql: Dialect, spec: str, what: str) -> None:
    with pytest.raises(ModelReadError) as error:
        of(postgresql, Column("d", Integer, sa.ForeignKey(spec)))
    message = f"table t: the foreign key on (d) points at {spec}, but the models have no such {what}"
    assert error.value.message == f"The models cannot be read: {message}"


def test_a_foreign_key_to_a_table_that_is_not_selected_stays(postgresql: Dialect) -> None:
    metadata = MetaData()
    Table("o", metadata, Column("id", Integer, primary_key=True))
    table = Table("t", metadata, Column("o_id", sa.ForeignKey("o.id")))
    actual = read([metadata], postgresql, [table])
    assert only(actual, ForeignKey).ref_table == Ref("table", "o")
    assert Ref("table", "o") not in actual


# -- indexes


def element(dialect: Dialect, key: Any, **rest: Any) -> Any:
    (element_,) = only(of(dialect, sa.Index("ix", key, **rest)), Index).elements
    return element_


@pytest.mark.parametrize(
    ("key", "column", "expression", "descending", "nulls", "opclass", "collation"),
    [
        ("a", "a", None, False, None, None, None),
        (sa.desc("a"), "a", None, True, None, None, None),
        (sa.nulls_first(sa.desc("a")), "a", None, True, "first", None, None),
        (sa.nulls_last(sa.asc("a")), "a", None, False, "last", None, None),
        (text("c"), "c", None, False, None, None, None),
        (text('"c" DESC NULLS LAST'), "c", None, True, "last", None, None),
        (text("c varchar_pattern_ops"), "c", None, False, None, "varchar_pattern_ops", None),
        (text('c COLLATE "de_DE"'), "c", None, False, None, None, "de_DE"),
        (text("lower(c) text_pattern_ops DESC"), None, "lower(c)", True, None, "text_pattern_ops", None),
        (text("(a + b) DESC"), None, "a + b", True, None, None, None),
        (text("a + b"), None, "a + b", False, None, None, None),
        (text("(a) + (b)"), None, "(a) + (b)", False, None, None, None),
        (func.lower(sa.column("c")), None, "lower(c)", False, None, None, None),
        (func.lower(sa.column("c")).desc(), None, "lower(c)", True, None, None, None),
        (sa.column("c").collate("C"), "c", None, False, None, None, "C"),
        (sa.column("a") % 10, None, "a % 10", False, None, None, None),
    ],
)
def test_keys_of_indexes(
    postgresql: Dialect, key: Any, column: str | None, expression: str | None, descending: bool,
    nulls: str | None, opclass: str | None, collation: str | None,
) -> None:  # fmt: skip
    actual = element(postgresql, key)
    assert (actual.column, actual.expression and actual.expression.text) == (column, expression)
    assert (actual.descending, actual.nulls, actual.opclass, actual.collation) == (
        descending,
        nulls,
        opclass,
        collation,
    )


def test_operator_classes_by_keyword(postgresql: Dialect) -> None:
    assert element(postgresql, "c", postgresql_ops={"c": "text_pattern_ops"}).opclass == "text_pattern_ops"
    label = func.lower(sa.column("c")).label("low")
    actual = element(postgresql, label, postgresql_ops={"low": "text_pattern_ops"})
    assert (actual.expression.text, actual.opclass) == ("lower(c)", "text_pattern_ops")


def test_index_keywords(postgresql: Dialect, sqlite: Dialect) -> None:
    def index() -> sa.Index:
        return sa.Index(
            "ix", "a", unique=True, postgresql_where=text("b % 2 = 0"), sqlite_where=text("b > 1"),
            postgresql_include=["c"], postgresql_using="BTREE",
            postgresql_with={"fillfactor": 50, "deduplicate_items": False},
            postgresql_tablespace="fast", postgresql_concurrently=True, postgresql_nulls_not_distinct=True,
        )  # fmt: skip

    actual = only(of(postgresql, index()), Index)
    assert (actual.unique, actual.method, actual.include, actual.nulls_not_distinct) == (True, "btree", ("c",), True)
    assert actual.where is not None
    assert actual.where.text == "b % 2 = 0"
    assert actual.columns == ("b",)
    assert actual.options == Options.of({"tablespace": "fast", "with": "deduplicate_items=false, fillfactor=50"})
    other = only(of(sqlite, index()), Index)
    assert other.where is not None
    assert (other.where.text, other.method, other.options) == ("b > 1", None, Options())


def test_exclusion_constraints(postgresql: Dialect, sqlite: Dialect) -> None:
    def exclude() -> Any:
        return pg.ExcludeConstraint(
            ("a", "="), (func.int4range(sa.column("a"), sa.column("b")), "&&"),
            name="no_overlap", using="GIST", where=text("b > 0"), ops={"a": "gist_int4_ops"}, deferrable=True,
        )  # fmt: skip

    actual = only(of(postgresql, exclude()), Exclude)
    assert [(key.column, key.expression and key.expression.text, op) for key, op in actual.elements] == [
        ("a", None, "="),
        (None, "int4range(a, b)", "&&"),
    ]
    assert actual.where is not None
    assert (actual.method, actual.where.text, actual.deferrable) == ("gist", "b > 0", True)
    assert actual.elements[0][0].opclass == "gist_int4_ops"
    with pytest.raises(ModelReadError) as error:
        of(sqlite, exclude())
    assert "ddl_if" in (error.value.hint or "")


# -- tables


def test_table_keywords_comments_and_prefixes(postgresql: Dialect, sqlite: Dialect) -> None:
    rest: dict[str, Any] = {
        "comment": "hello", "prefixes": ["UNLOGGED"], "postgresql_tablespace": "fast",
        "sqlite_autoincrement": True, "sqlite_with_rowid": False,
    }  # fmt: skip
    table = of(postgresql, **rest).table(Ref("table", "t"))
    assert table.comment == "hello"
    assert table.options == Options.of({"prefixes": "UNLOGGED", "tablespace": "fast"})
    table = of(sqlite, sa.PrimaryKeyConstraint("a"), **{**rest, "prefixes": []}).table(Ref("table", "t"))
    assert table.comment is None
    assert table.options == Options.of({"autoincrement": "true", "with_rowid": "false"})


def test_autoincrement_is_said_only_where_sqlalchemy_says_it(sqlite: Dialect) -> None:
    keys: list[list[Any]] = [
        [sa.PrimaryKeyConstraint("a"), sa.ForeignKeyConstraint(["a"], ["t.b"])],
        [sa.PrimaryKeyConstraint("a", "b")],
        [sa.PrimaryKeyConstraint("c")],
    ]
    for items in keys:
        assert not of(sqlite, *items, sqlite_autoincrement=True).table(Ref("table", "t")).options


def test_constraint_comments(postgresql: Dialect) -> None:
    assert only(of(postgresql, sa.UniqueConstraint("a", name="u", comment="why")), Unique).comment == "why"


def test_every_schema_that_is_mentioned_is_a_namespace(postgresql: Dialect, sqlite: Dialect) -> None:
    metadata = MetaData(schema="app")
    Table("t", metadata, Column("mood", sa.Enum("a", name="mood", schema="types")))
    Table("u", metadata, Column("id", Integer), schema="audit")
    actual = read([metadata], postgresql)
    assert {ref.name for ref in actual if ref.kind == "namespace"} == {"app", "types", "audit"}
    assert not [ref for ref in read([metadata], sqlite) if ref.kind == "namespace"]


def test_an_empty_schema_is_none(dialect: Dialect) -> None:
    metadata = MetaData(schema="")
    mood = Column("mood", sa.Enum("glad", name="mood", metadata=metadata))
    table = Table("t", metadata, Column("id", Integer, sa.Sequence("s", metadata=metadata), primary_key=True), mood)
    Table("u", metadata, Column("t_id", sa.ForeignKey(table.c.id)))
    assert {ref.schema for ref in read([metadata], dialect)} == {None}


def test_two_metadata_may_share_a_table_that_is_the_same(postgresql: Dialect) -> None:
    def metadata(*items: Any) -> MetaData:
        return Table("t", MetaData(), Column("a", Integer), *items).metadata

    assert len(read([metadata(), metadata()], postgresql)) == 1
    with pytest.raises(ModelConflict):
        read([metadata(), metadata(Column("b", Integer))], postgresql)
    with pytest.raises(ModelConflict) as error:
        read([metadata(), metadata(sa.UniqueConstraint("a", name="u"))], postgresql)
    assert "unique t.u" in error.value.message


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (lambda: (sa.Index("x", "a"), sa.Index("x", "b")), "it has two of the name x, on (a) and on (b)"),
        (
            lambda: (sa.CheckConstraint("a > 0", "x"), sa.CheckConstraint("a > 1", "x")),
            "it has two of the name x, differently",
        ),
        (
            lambda: (sa.UniqueConstraint("a"), sa.UniqueConstraint("a", deferrable=True)),
            "it has two unique (a), differently",
        ),
    ],
)
def test_two_members_of_one_name_are_an_error_where_they_differ(
    dialect: Dialect, items: Callable[[], tuple[Any, ...]], message: str
) -> None:
    with pytest.raises(ModelReadError) as error:
        of(dialect, *items())
    assert error.value.message == f"The models cannot be read: table t: {message}"


def test_two_members_of_one_name_are_one_where_they_are_equal(dialect: Dialect) -> None:
    only(of(dialect, sa.Index("x", "a"), sa.Index("x", "a")), Index)


def test_an_index_of_nothing_is_an_error(dialect: Dialect) -> None:
    with pytest.raises(ModelReadError, match="index x of table t: it has no columns"):
        of(dialect, sa.Index("x"))


def test_selected_tables_bring_only_what_they_use(postgresql: Dialect) -> None:
    metadata = MetaData()
    sa.Enum("a", name="free", metadata=metadata)
    sa.Sequence("free", metadata=metadata)
    table = Table("t", metadata, Column("mood", sa.Enum("a", name="mood")))
    Table("u", metadata, Column("id", sa.Enum("a", name="other")))
    assert {str(ref) for ref in read([metadata], postgresql, [table])} == {"enum mood", "table t"}


def test_reading_twice_gives_the_same(dialect: Dialect) -> None:
    def metadata() -> MetaData:
        indexes = [sa.Index(f"ix{at}", "a", sa.desc("b")) for at in range(20)]
        checks = [sa.CheckConstraint(f"a > {at}", name=f"ck{at}") for at in range(20)]
        return Table("t", MetaData(), Column("a", Integer), Column("b", Integer), *indexes, *checks).metadata

    first, second = read([metadata()], dialect), read([metadata()], dialect)
    assert first == second
    assert list(first) == list(second)


# -- what is not read


def test_notes_tell_of_ddl_events(postgresql: Dialect) -> None:
    metadata = MetaData()
    table = Table("t", metadata, Column("mood", sa.Enum("a", name="mood")))
    assert notes([metadata]) == ()
    sa.event.listen(metadata, "after_create", sa.DDL("CREATE VIEW v AS SELECT 1"))
    sa.event.listen(table, "after_create", sa.DDL("CREATE TRIGGER x"))
    (note,) = notes([metadata])
    assert "2 create events on the metadata, t" in note
    assert {str(ref) for ref in read([metadata], postgresql)} == {"enum mood", "table t"}
