"""Columns as SQLAlchemy would emit them: types, defaults, numbering, generated values."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, Integer, MetaData, String, Table, Text, func, text
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.expression import FunctionElement

from dbwarden.core.dialect import Dialect
from dbwarden.core.model import Column as Read
from dbwarden.core.model import Enum, Identity, Schema, Sequence
from dbwarden.core.options import Options
from dbwarden.core.types import Ref
from dbwarden.errors import ModelConflict, ModelReadError
from dbwarden.models.read import read

Reader = Callable[[MetaData], Schema]


def column(dialect: Dialect, item: Column[Any], *rest: Any) -> Read:
    table = Table("t", MetaData(), item, *rest)
    return read([table.metadata], dialect).table(Ref("table", "t")).columns[item.name]


def default(dialect: Dialect, server_default: Any) -> str | None:
    column_default = column(dialect, Column("c", Text, server_default=server_default)).default
    return column_default.text if column_default else None


class stamp(FunctionElement[Any]):
    inherit_cache = True


@compiles(stamp)
def _stamp(element: Any, compiler: Any, **kw: Any) -> str:
    return f"stamp_{compiler.dialect.name}()"


@pytest.mark.parametrize(
    ("server_default", "default_sql"),
    [
        ("it's", "'it''s'"),
        ("100%", "'100%'"),
        (r"a\b", r"'a\b'"),
        (text("now()"), "now()"),
        (text("'{}'::jsonb"), "'{}'::jsonb"),
        (text("5 % 2"), "5 % 2"),
        (text(r"'12\:30'"), "'12:30'"),
        (sa.literal(3), "3"),
        (func.now(), "CURRENT_TIMESTAMP"),
        (func.coalesce(1, 2), "coalesce(1, 2)"),
        (func.current_user(), "CURRENT_USER"),
        (sa.true(), "true"),
        (stamp(), "stamp_DIALECT()"),
        (sa.FetchedValue(), None),
    ],
)
def test_server_defaults_are_what_sqlalchemy_emits(
    dialect: Dialect, server_default: Any, default_sql: str | None
) -> None:
    if dialect.name == "postgresql" and default_sql == "CURRENT_TIMESTAMP":
        default_sql = "now()"
    if dialect.name == "sqlite" and default_sql == "true":
        default_sql = "1"
    assert default(dialect, server_default) == (default_sql and default_sql.replace("DIALECT", dialect.name))


def test_python_side_defaults_are_no_ddl(dialect: Dialect) -> None:
    actual = column(dialect, Column("c", Integer, default=5, onupdate=6))
    assert actual.default is None
    actual = column(dialect, Column("c", Integer, default=func.now()))
    assert actual.default is None


def test_parameters_are_literals(dialect: Dialect) -> None:
    assert default(dialect, text(":x || 'y'").bindparams(x="it's")) == "'it''s' || 'y'"


def test_what_sqlalchemy_cannot_emit_is_refused(postgresql: Dialect) -> None:
    class unknown(FunctionElement[Any]):
        inherit_cache = True

    with pytest.raises(ModelReadError) as error:
        default(postgresql, unknown())
    assert "column t.c" in error.value.message
    assert error.value.exit_code == 2


# -- nullability


def test_nullable_as_emitted(dialect: Dialect) -> None:
    assert column(dialect, Column("c", Integer)).nullable
    assert not column(dialect, Column("c", Integer, nullable=False)).nullable
    assert not column(dialect, Column("c", Integer, primary_key=True)).nullable
    assert not column(dialect, Column("c", Integer), sa.PrimaryKeyConstraint("c")).nullable
    assert column(dialect, Column("c", Integer, primary_key=True, nullable=True)).nullable


def test_annotations_decide_nullability(dialect: Dialect) -> None:
    class Base(DeclarativeBase):
        pass

    class T(Base):
        __tablename__ = "t"
        id: Mapped[int] = mapped_column(primary_key=True)
        a: Mapped[str]
        b: Mapped[str | None]

    columns = read([Base.metadata], dialect).table(Ref("table", "t")).columns
    assert [columns[name].nullable for name in ("id", "a", "b")] == [False, False, True]


# -- where numbers come from


@pytest.mark.parametrize(
    ("item", "auto"),
    [
        (Column("c", Integer, primary_key=True), True),
        (Column("c", sa.BigInteger, primary_key=True), True),
        (Column("c", sa.SmallInteger, primary_key=True), True),
        (Column("c", Integer, primary_key=True, autoincrement=False), False),
        (Column("c", Integer, primary_key=True, default=5), False),
        (Column("c", Integer, primary_key=True, server_default="5"), False),
        (Column("c", Text, primary_key=True), False),
        (Column("c", Integer), False),
        (Column("c", Integer, sa.ForeignKey("t.d"), primary_key=True), False),
        (Column("c", Integer, sa.ForeignKey("t.d"), primary_key=True, autoincrement="ignore_fk"), True),
        (Column("c", Integer, sa.Sequence("s", optional=True), primary_key=True), True),
        (Column("c", Integer, sa.Sequence("s"), primary_key=True), False),
    ],
)
def test_the_autoincrement_rule_is_sqlalchemys(postgresql: Dialect, item: Column[Any], auto: bool) -> None:
    table = Table("t", MetaData(), item, Column("d", Integer, unique=True))
    emitted = str(sa.schema.CreateTable(table).compile(dialect=pg.dialect()))
    actual = read([table.metadata], postgresql).table(Ref("table", "t")).columns["c"]
    assert actual.identity == (Identity("auto") if auto else None)
    assert ("SERIAL" in emitted) is auto


def test_composite_keys_count_only_where_asked(postgresql: Dialect) -> None:
    plain = column(postgresql, Column("c", Integer, primary_key=True), Column("d", Integer, primary_key=True))
    asked = column(
        postgresql, Column("c", Integer, primary_key=True, autoincrement=True), Column("d", Integer, primary_key=True)
    )
    assert plain.identity is None
    assert asked.identity == Identity("auto")


def test_serial_stands_instead_of_a_default(postgresql: Dialect) -> None:
    actual = column(postgresql, Column("c", Integer, primary_key=True, autoincrement=True, server_default="7"))
    assert actual.identity == Identity("auto")
    assert actual.default is None


def test_identity_columns(postgresql: Dialect, sqlite: Dialect) -> None:
    item = Column("c", Integer, sa.Identity(always=True, start=3, increment=2, maxvalue=99, cycle=True, cache=5))
    options = Options.of({"start": "3", "increment": "2", "maxvalue": "99", "cycle": "true", "cache": "5"})
    actual = column(postgresql, item)
    assert actual.identity == Identity("always", options)
    assert not actual.nullable
    assert column(postgresql, Column("c", Integer, sa.Identity())).identity == Identity("by default")
    assert column(sqlite, Column("c", Integer, sa.Identity())).identity is None


@pytest.mark.parametrize(
    ("identity", "options"),
    [
        ({"start": 1, "increment": 1, "cycle": False, "cache": 1, "minvalue": 1}, {}),
        ({"start": 10, "minvalue": 10}, {"minvalue": "10"}),
        ({"start": -1, "increment": -1}, {"increment": "-1"}),
        ({"start": 1, "increment": -1}, {"increment": "-1", "start": "1"}),
        ({"minvalue": -5, "start": 1}, {"minvalue": "-5", "start": "1"}),
    ],
)
def test_numbering_keeps_what_is_not_the_default(postgresql: Dialect, identity: Any, options: dict[str, str]) -> None:
    assert column(postgresql, Column("c", Integer, sa.Identity(**identity))).identity == Identity(
        "by default", Options.of(options)
    )


# -- sequences


def test_sequences_stay_sequences(schema: Reader) -> None:
    metadata = MetaData()
    free = sa.Sequence("free", start=7, metadata=metadata, data_type=sa.SmallInteger)
    used = sa.Sequence("used", schema="s", increment=5)
    Table(
        "t",
        metadata,
        Column("id", Integer, used, primary_key=True),
        Column("n", Integer, free, server_default=free.next_value()),
        Column("o", Integer, sa.Sequence("optional", optional=True)),
    )
    actual = schema(metadata)
    columns = actual.table(Ref("table", "t")).columns
    assert {str(item.ref) for item in actual.objects() if isinstance(item, Sequence)} == {
        "sequence free",
        "sequence s.used",
    }
    number = actual.get(Ref("sequence", "free"))
    assert isinstance(number, Sequence)
    assert str(number.type) == "smallint"
    assert number.options == Options.of({"start": "7"})
    assert columns["id"].identity is columns["id"].default is None
    assert columns["n"].default is not None
    assert columns["n"].default.text == "nextval('free')"
    assert columns["n"].needs == {Ref("sequence", "free")}
    assert Ref("namespace", "s") in actual


def test_sequences_are_ignored_where_there_are_none(sqlite: Dialect) -> None:
    metadata = MetaData()
    Table("t", metadata, Column("id", Integer, sa.Sequence("s"), primary_key=True))
    sa.Sequence("free", metadata=metadata)
    assert [item.kind for item in read([metadata], sqlite).objects()] == ["table", "primary_key"]


# -- types


class Money(sa.types.UserDefinedType[int]):
    """The constructor has a required argument, and no repr would do."""

    cache_ok = True

    def __init__(self, currency: str) -> None:
        self.currency = currency

    def get_col_spec(self, **kw: Any) -> str:
        return f"MONEY_{self.currency}"


class Lower(sa.types.TypeDecorator[str]):
    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(pg.CITEXT() if dialect.name == "postgresql" else String(9))


def test_types_come_from_sqlalchemys_compiler(postgresql: Dialect, sqlite: Dialect) -> None:
    def type_name(dialect: Dialect, type_: Any) -> str:
        return str(column(dialect, Column("c", type_)).type)

    assert type_name(postgresql, Money("eur")) == "money_eur"
    assert type_name(postgresql, Money("usd")) == "money_usd"
    assert type_name(postgresql, Lower()) == "citext"
    assert type_name(sqlite, Lower()) == "varchar(9)"
    variant = String(5).with_variant(pg.JSONB(), "postgresql")
    assert type_name(postgresql, variant) == "jsonb"
    assert type_name(sqlite, variant) == "varchar(5)"
    assert type_name(postgresql, sa.Numeric(10, 2)) == "numeric(10,2)"
    assert type_name(postgresql, pg.ARRAY(Integer)) == "integer[]"


def test_equal_types_are_asked_once_and_different_ones_are_told_apart(schema: Reader) -> None:
    types = [String(5), String(6), String(5), sa.Float(), sa.Float(53), sa.DateTime(), sa.DateTime(timezone=True)]
    table = Table("t", MetaData(), *[Column(f"c{at}", item) for at, item in enumerate(types)])
    type_names = [str(item.type) for item in schema(table.metadata).table(Ref("table", "t")).columns.values()]
    assert len(set(type_names)) == 6 or len(set(type_names)) == 5  # float and float(53) may be one type
    assert type_names[0] == type_names[2] != type_names[1]
    assert type_names[5] != type_names[6]


def test_a_column_without_a_type_is_refused(dialect: Dialect) -> None:
    with pytest.raises(ModelReadError) as error:
        column(dialect, Column("c"))
    assert "column t.c" in error.value.message


def test_a_column_that_takes_its_type_from_nowhere_names_where(dialect: Dialect) -> None:
    with pytest.raises(ModelReadError) as error:
        column(dialect, Column("c", sa.ForeignKey("orders.id")))
    assert "it takes its type from orders.id, which no imported model defines" in error.value.message
    assert "Add the module that defines orders to model_paths" in (error.value.hint or "")


def test_a_foreign_key_gives_its_column_a_type(dialect: Dialect) -> None:
    metadata = MetaData()
    Table("a", metadata, Column("b_id", sa.ForeignKey("b.id")))
    Table("b", metadata, Column("id", sa.BigInteger, primary_key=True))
    assert str(read([metadata], dialect).table(Ref("table", "a")).columns["b_id"].type) == "bigint"


def test_collations_stand_at_the_column(postgresql: Dialect, sqlite: Dialect) -> None:
    actual = column(postgresql, Column("c", String(5, collation="de_DE")))
    assert (str(actual.type), actual.collation) == ("varchar(5)", "de_DE")
    assert column(postgresql, Column("c", pg.ARRAY(Text(collation="C")))).collation == "C"
    assert column(sqlite, Column("c", Text(collation="NOCASE"))).collation == "NOCASE"
    assert column(postgresql, Column("c", Text)).collation is None


@pytest.mark.parametrize(
    ("default_sql", "expected", "collation"),
    [
        ("'x' COLLATE \"C\"", "'x'", "C"),
        ("'x' collate pg_catalog.\"C\"", "'x'", "pg_catalog.C"),
        ("('x' COLLATE \"C\")", "('x' COLLATE \"C\")", None),
        ("'x COLLATE y'", "'x COLLATE y'", None),
        ("'x' COLLATE \"C\" || 'y'", "'x' COLLATE \"C\" || 'y'", None),
    ],
)
def test_a_collation_behind_a_default_is_the_columns(
    postgresql: Dialect, default_sql: str, expected: str, collation: str | None
) -> None:
    actual = column(postgresql, Column("c", Text, server_default=text(default_sql)))
    assert (str(actual.default), actual.collation) == (expected, collation)


class Mood(enum.Enum):
    happy = 1
    sad = 2


def test_enums_are_collected_once(schema: Reader) -> None:
    metadata = MetaData(schema="s")
    sa.Enum("a", "b", name="free", metadata=metadata)
    Table("t", metadata, Column("a", sa.Enum(Mood)), Column("b", sa.Enum(Mood)), Column("c", pg.ARRAY(sa.Enum(Mood))))
    actual = schema(metadata)
    enums = {item.name: item.values for item in actual.objects() if isinstance(item, Enum)}
    assert enums == {"free": ("a", "b"), "mood": ("happy", "sad")}
    assert next(iter(actual)) == Ref("namespace", "s")


def test_enums_of_one_name_must_agree(schema: Reader) -> None:
    metadata = MetaData()
    Table("t", metadata, Column("a", sa.Enum("x", "y", name="mood")), Column("b", sa.Enum("x", name="mood")))
    with pytest.raises(ModelConflict) as error:
        schema(metadata)
    assert "enum mood" in error.value.message
    assert "'x', 'y' in t.a" in error.value.message
    assert "'x' in t.b" in error.value.message


def test_enums_are_plain_text_where_there_are_no_named_types(sqlite: Dialect) -> None:
    actual = column(sqlite, Column("c", sa.Enum(Mood)))
    assert str(actual.type) == "varchar(5)"
    assert actual.type.ref is None


def test_domains_need_their_base(schema: Reader) -> None:
    table = Table("t", MetaData(), Column("c", pg.DOMAIN("email", Text(), check=r"value ~ '@'")))
    actual = schema(table.metadata)
    assert Ref("domain", "email") in actual
    assert actual.table(Ref("table", "t")).columns["c"].type.ref == Ref("domain", "email")


# -- generated values, comments, names


def test_computed_columns(dialect: Dialect) -> None:
    actual = column(dialect, Column("c", Integer, sa.Computed("d % 2", persisted=True)), Column("d", Integer))
    assert actual.computed is not None
    assert (actual.computed.expression.text, actual.computed.stored) == ("d % 2", True)
    assert actual.default is None
    table = Table("t", MetaData(), Column("d", Integer))
    table.append_column(Column("c", Integer, sa.Computed(table.c.d + 1)))
    read_back = read([table.metadata], dialect).table(Ref("table", "t")).columns["c"].computed
    assert read_back is not None
    assert (read_back.expression.text, read_back.stored) == ("d + 1", None)


def test_comments_where_the_engine_has_them(postgresql: Dialect, sqlite: Dialect) -> None:
    assert column(postgresql, Column("c", Integer, comment="it's")).comment == "it's"
    assert column(sqlite, Column("c", Integer, comment="it's")).comment is None


def test_names_are_kept_as_given(dialect: Dialect) -> None:
    table = Table("Order", MetaData(), Column("Select", Integer), Column("a b", Integer), Column("user", Integer))
    actual = read([table.metadata], dialect).table(Ref("table", "Order"))
    assert list(actual.columns) == ["Select", "a b", "user"]
    assert all(type(name) is str for name in (actual.name, *actual.columns))


def test_attributes_may_have_other_names_than_columns(dialect: Dialect) -> None:
    class Base(DeclarativeBase):
        pass

    class T(Base):
        __tablename__ = "t"
        key: Mapped[int] = mapped_column("id", primary_key=True)

    assert list(read([Base.metadata], dialect).table(Ref("table", "t")).columns) == ["id"]


def test_system_columns_are_not_created(dialect: Dialect) -> None:
    table = Table("t", MetaData(), Column("xmin", Integer, system=True), Column("c", Integer))
    assert list(read([table.metadata], dialect).table(Ref("table", "t")).columns) == ["c"]


def test_column_keywords_of_the_dialect(sqlite: Dialect, postgresql: Dialect) -> None:
    item = Column("c", Integer, nullable=False, sqlite_on_conflict_not_null="FAIL")
    assert column(sqlite, item).options == Options.of({"on_conflict_not_null": "FAIL"})
    item = Column("c", Integer, nullable=False, sqlite_on_conflict_not_null="FAIL")
    assert not column(postgresql, item).options
