"""What is read from models for MySQL and MariaDB is what ``create_all`` builds there, with each kind of URL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, func, orm, text
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects.mysql import mariadb

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.change_text import differences
from dbwarden.core.dialect import Dialect, Scope, Server
from dbwarden.core.model import Index as CoreIndex
from dbwarden.core.model import IndexElement, PrimaryKey, Schema
from dbwarden.core.plan import ambiguous_expressions, pair
from dbwarden.core.types import Ref
from dbwarden.core.unspecified import with_initial_options
from dbwarden.errors import ModelReadError
from dbwarden.models import ignored
from dbwarden.models.read import read
from tests.servers import engine_url

URLS = {"mysql": "mysql", "mariadb": "mariadb", "mysql to mariadb": "mysql"}


def rich() -> MetaData:
    """What all engines have, in the words of SQLAlchemy."""
    metadata = MetaData(naming_convention={"ix": "ix_%(column_0_label)s", "fk": "fk_%(table_name)s_%(column_0_name)s"})
    parent = Table(
        "Parent",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("first", String(20), nullable=False, server_default="it's 5% \\", comment="a 'comment'"),
        Column("Order", Integer, sa.CheckConstraint("`Order` > 0"), server_default=text("1")),
        Column("negative", Integer, server_default=text("-1")),
        Column("price", sa.Numeric(10, 2), server_default="1.50"),
        Column("at", sa.DateTime, server_default=func.now()),
        Column("then", sa.DateTime, server_default=text("CURRENT_TIMESTAMP")),
        Column("mood", sa.Enum("good", "bad", name="mood"), server_default="good"),
        Column("ok", sa.Boolean(create_constraint=True, name="ok"), nullable=False, server_default=sa.false()),
        Column("twice", Integer, sa.Computed("`Order` * 2", persisted=True)),
        Column("thrice", Integer, sa.Computed("`Order` * 3", persisted=False)),
        Column("data", sa.JSON),
        Column("nothing", Integer, server_default=text("NULL")),
        sa.UniqueConstraint("first", "Order"),
        sa.UniqueConstraint("price", name="uq_price"),
        sa.CheckConstraint("char_length(first) % 2 = 0", name="even"),
        sa.CheckConstraint("price > 0"),
        comment="it's",
    )
    Index(None, parent.c.first, parent.c.Order.desc())
    Table(
        "child",
        metadata,
        Column("a", Integer, primary_key=True),
        Column("b", Integer, primary_key=True),
        Column("parent_id", ForeignKey("Parent.id", ondelete="SET NULL"), index=True),
        Column("other_id", ForeignKey("Parent.id", ondelete="CASCADE", name="other")),
        Column("x", Integer),
        Column("y", Integer),
        sa.ForeignKeyConstraint(["x", "y"], ["child.a", "child.b"], name="self", onupdate="CASCADE"),
    )
    Table("numbered", metadata, Column("id", sa.BigInteger, primary_key=True), Column("note", Text))
    Table("named", metadata, Column("code", String(5), primary_key=True), Column("id", Integer, autoincrement=True))
    Table(
        "pair",
        metadata,
        Column("a", Integer, primary_key=True),
        Column("b", Integer, primary_key=True, autoincrement=True),
    )
    return metadata


def vendor() -> MetaData:
    """Keywords and types that only these engines have; each keyword for both dialects of SQLAlchemy."""
    metadata = MetaData()
    table = Table(
        "t",
        metadata,
        Column("id", mysql.BIGINT(unsigned=True), primary_key=True),
        Column("title", mysql.VARCHAR(200, charset="latin1")),
        Column("body", mysql.MEDIUMTEXT),
        Column("code", mysql.VARCHAR(20, binary=True)),
        Column("kind", mysql.SET("a", "b"), server_default="a,b"),
        Column("seen", mysql.TIMESTAMP, server_default=text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")),
        Column(
            "changed", mysql.DATETIME(fsp=6), server_default=text("CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)")
        ),
        Column("uid", String(36), server_default=text("uuid()")),
        Column("flags", mysql.BIT(4), server_default=text("b'101'")),
        comment="made by hand",
        **_both(engine="InnoDB", charset="utf8mb4", collate="utf8mb4_bin", row_format="COMPRESSED"),
        **_both(auto_increment="100", stats_persistent="1"),
    )
    Index("ix_length", table.c.title, table.c.body, **_both(length={"title": 10, "body": 20}))
    Index("ix_number", table.c.body, **_both(length=30))
    Index("ix_text", text("body(40)"), table.c.id)
    Index("ix_full", table.c.body, **_both(prefix="FULLTEXT"))
    Index("ix_hash", table.c.uid, unique=True, **_both(using="hash"))
    Table(
        "latin",
        metadata,
        Column("a", String(5)),
        Column("b", String(5, collation="latin1_bin")),
        **_both(charset="latin1"),
    )
    Table("fixed", metadata, Column("a", Integer), **_both(engine="MyISAM"))
    Table(
        "parts",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        **_both(partition_by="HASH(id)", partitions="4"),
    )
    Table(
        "ranges",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        **_both(partition_by="RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)"),
    )
    return metadata


class Point(sa.types.UserDefinedType[Any]):
    """As GeoAlchemy writes it."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "POINT NOT NULL SRID 4326"


class ReferencedPoint(Point):
    def get_col_spec(self, **_: Any) -> str:
        return "POINT REF_SYSTEM_ID=4326"


class Vector(sa.types.UserDefinedType[Any]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "VECTOR(3)"


def special_mysql() -> MetaData:
    """What only MySQL has: functional keys, SRID, vectors."""
    metadata = MetaData()
    table = Table(
        "t",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("name", String(50)),
        Column("data", sa.JSON),
        Column("place", Point, nullable=False),
        Column("embedding", Vector),
        Column("made", Integer, sa.Computed("char_length(name)")),
    )
    Index("ix_lower", func.lower(table.c.name), table.c.id.desc())
    Index("ix_text", text("(upper(`name`)) desc"), table.c.id, unique=True)
    Index("ix_words", table.c.name, mysql_prefix="FULLTEXT", mysql_with_parser="ngram")
    Index("ix_place", table.c.place, mysql_prefix="SPATIAL")
    return metadata


def special_mariadb() -> MetaData:
    """What only MariaDB has: sequences, UUID and addresses."""
    metadata = MetaData()
    counter = sa.Sequence("counter", start=5, increment=2, metadata=metadata)
    table = Table(
        "t",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("number", Integer, server_default=counter.next_value()),
        Column("key", sa.UUID, server_default=text("uuid()")),
        Column("address", mariadb.INET6),
        Column("place", ReferencedPoint, nullable=False),
        Column("made", Integer, sa.Computed("char_length(address)")),
    )
    Index("ix_place", table.c.place, mariadb_prefix="SPATIAL")
    return metadata


def _both(**keywords: Any) -> dict[str, Any]:
    return {f"{prefix}_{key}": value for key, value in keywords.items() for prefix in ("mysql", "mariadb")}


SPECIAL = {"mysql": special_mysql, "mariadb": special_mariadb}
EVERY = [*((way, models) for way in URLS for models in (rich, vendor)), *SPECIAL.items()]


@pytest.mark.parametrize(("way", "models"), EVERY)
def test_create_all_builds_what_is_read(
    way: str, models: Callable[[], MetaData], request: pytest.FixtureRequest
) -> None:
    url: str = request.getfixturevalue(f"{way.rpartition(' ')[2]}_url")
    metadata = models()
    drivername = f"{URLS[way]}+pymysql"
    engine = sa.create_engine(sa.make_url(engine_url(url)).set(drivername=drivername), poolclass=sa.NullPool)
    metadata.create_all(engine)
    engine.dispose()
    with connect(url) as conn:
        dialect = dialects.get(way.rpartition(" ")[2])
        dialect = dialect.for_server(dialect.server_of(conn))
        desired, built = (
            dialect.canonical(read([metadata], dialect, drivername=drivername)),
            dialect.inspect(conn, Scope()),
        )
        desired = with_initial_options(built, desired, dialect.options)
        both = pair(built, desired, set(built))
        if waiting := ambiguous_expressions(both):
            desired = dialect.normalize_on_server(conn, both.current, desired, waiting)
            both = pair(built, desired, set(built))
    assert differences(both.current, both.desired, dialect) == ()


def schema(metadata: MetaData, name: str = "mysql", drivername: str = "") -> Schema:
    dialect = dialects.get(name)
    return dialect.canonical(read([metadata], dialect, drivername=drivername))


# -- what SQLAlchemy hears --------------------------------------------------------------------------------------------


def one_table(*items: Any, **keywords: Any) -> MetaData:
    metadata = MetaData()
    Table("t", metadata, *items, **keywords)
    return metadata


def test_the_url_decides_which_keywords_count() -> None:
    metadata = one_table(Column("id", Integer), mysql_charset="latin1", mariadb_charset="greek", mysql_engine="MyISAM")
    options = {
        (name, drivername): schema(metadata, name, drivername).table(Ref("table", "t")).options
        for name, drivername in (
            ("mysql", "mysql+pymysql"),
            ("mariadb", "mariadb+pymysql"),
            ("mariadb", "mysql+mysqldb"),
            ("mariadb", ""),
        )
    }
    assert [values.get("charset") for values in options.values()] == ["latin1", "greek", "latin1", "greek"]
    assert [values.get("engine") for values in options.values()] == ["MyISAM", None, "MyISAM", None]


def test_keywords_that_are_not_applied_are_named() -> None:
    metadata = one_table(Column("id", Integer), Column("a", Text), mysql_engine="MyISAM", mariadb_charset="latin1")
    Index("ix", metadata.tables["t"].c.a, mysql_length=10, mysql_using="hash")
    tables, dialect = metadata.tables.values(), dialects.get("mariadb")
    assert ignored.notes(tables, dialect, "mariadb+pymysql") == (
        "SQLAlchemy ignores mysql_engine, mysql_length of t: the URL begins with mariadb, so that it applies the keywords that"
        " begin with mariadb_. Add them (mariadb_engine and so on).",
    )
    assert "ignores mariadb_charset of t" in ignored.notes(tables, dialect, "mysql+pymysql")[0]
    assert ignored.notes(one_table(Column("id", Integer), **_both(engine="MyISAM")).tables.values(), dialect) == ()
    assert ignored.notes(tables, dialects.get("postgresql")) == ()


@pytest.mark.parametrize("name", ["mysql", "mariadb"])
def test_using_and_parser_fall_back_to_those_of_mysql(name: str) -> None:
    metadata = one_table(Column("id", Integer, primary_key=True), Column("a", Text), mysql_engine="MEMORY")
    Index("ix", metadata.tables["t"].c.a, **_both(prefix="FULLTEXT"), mysql_with_parser="ngram", mysql_using="btree")
    (index,) = (item for item in read([metadata], dialects.get(name)).objects() if isinstance(item, CoreIndex))
    assert (index.method, index.options.get("with_parser")) == ("fulltext", "ngram")


def test_using_of_a_primary_key() -> None:
    metadata = one_table(
        Column("id", Integer), sa.PrimaryKeyConstraint("id", mysql_using="hash"), mysql_engine="MEMORY"
    )
    (key,) = (item for item in schema(metadata).objects() if isinstance(item, PrimaryKey))
    assert key.options.get("using") == "hash"


def keys(*expressions: Any, **keywords: Any) -> tuple[IndexElement, ...]:
    metadata = one_table(Column("a", String(50)), Column("b", Text), Column("c", Integer))
    table = metadata.tables["t"]
    Index("ix", *(make(table) if callable(make) else make for make in expressions), _table=table, **keywords)
    (index,) = (item for item in schema(metadata).objects() if isinstance(item, CoreIndex))
    return index.elements


def test_lengths_of_keys() -> None:
    assert keys(lambda t: t.c.a, lambda t: t.c.b, mysql_length=10) == (
        IndexElement("a", length=10),
        IndexElement("b", length=10),
    )
    assert keys(lambda t: t.c.a, lambda t: t.c.b, mysql_length={"b": 10}) == (
        IndexElement("a"),
        IndexElement("b", length=10),
    )
    assert keys(text("b(12)"), text("c DESC")) == (IndexElement("b", length=12), IndexElement("c", descending=True))
    assert keys(text("`b` (12) desc")) == (IndexElement("b", length=12, descending=True),)
    assert keys(lambda t: t.c.a, mysql_length=50) == (IndexElement("a"),)  # the whole column
    assert keys(lambda t: func.left(t.c.a, 10))[0].expression is not None


def test_a_comment_may_be_a_keyword() -> None:
    metadata = one_table(Column("id", Integer), mysql_comment="by keyword")
    assert schema(metadata).table(Ref("table", "t")).comment == "by keyword"
    metadata = one_table(Column("id", Integer), mysql_comment="by keyword", comment="by argument")
    assert schema(metadata).table(Ref("table", "t")).comment == "by argument"


def column(column: Column[Any], name: str = "mysql") -> Any:
    return (
        schema(one_table(Column("id", Integer, primary_key=True), column), name).table(Ref("table", "t")).columns["c"]
    )


def test_an_update_of_the_moment_stands_behind_the_default() -> None:
    on_update = text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")
    read_column = column(Column("c", sa.DateTime, server_default=on_update))
    assert (str(read_column.default), read_column.options.get("on_update")) == (
        "CURRENT_TIMESTAMP",
        "CURRENT_TIMESTAMP",
    )
    plain = column(Column("c", sa.DateTime, server_default=func.now(), server_onupdate=func.now()))
    assert plain.options.get("on_update") is None  # SQLAlchemy only notes that the server has one
    assert column(Column("c", sa.DateTime, server_default=sa.FetchedValue())).default_undescribed


@pytest.mark.parametrize("name", ["mysql", "mariadb"])
def test_numbering(name: str) -> None:
    def numbered(column: Column[Any]) -> bool:
        table = schema(one_table(column), name).table(Ref("table", "t"))
        return table.columns["id"].identity is not None

    assert numbered(Column("id", Integer, primary_key=True))
    assert numbered(Column("id", Integer, sa.Identity(start=5), primary_key=True))
    assert numbered(Column("id", Integer, primary_key=True, autoincrement=True, default=lambda: 1))
    assert not numbered(Column("id", Integer, primary_key=True, default=lambda: 1))
    assert not numbered(Column("id", Integer, primary_key=True, autoincrement=False))
    assert not numbered(Column("id", Integer, ForeignKey("t.id"), primary_key=True))
    assert numbered(Column("id", Integer, sa.Sequence("s"), primary_key=True)) is (name == "mysql")


def test_a_generated_column_of_mariadb_is_nullable_unless_asked() -> None:
    metadata = orm.registry().metadata
    base: Any = orm.declarative_base(metadata=metadata)

    class Mapped(base):
        __tablename__ = "t"
        id = orm.mapped_column(Integer, primary_key=True)
        c: orm.Mapped[int] = orm.mapped_column(sa.Computed("id + 1"))

    for name, nullable in (("mysql", False), ("mariadb", True)):
        assert schema(metadata, name).table(Ref("table", "t")).columns["c"].nullable is nullable


def test_what_sqlalchemy_refuses_is_named() -> None:
    with pytest.raises(ModelReadError, match=r"column t\.c.*VARCHAR requires a length"):
        column(Column("c", String))
    metadata = one_table(
        Column("id", Integer, primary_key=True),
        Column("b", Integer),
        sa.ForeignKeyConstraint(["b"], ["t.id"], match="full"),
    )
    with pytest.raises(ModelReadError, match="MATCH"):
        schema(metadata)


def test_native_uuids_need_a_new_mariadb() -> None:
    def type_of(dialect: Dialect) -> str:
        return str(read([one_table(Column("c", sa.Uuid))], dialect).table(Ref("table", "t")).columns["c"].type)

    newer = "uuid" if sa.__version__ >= "2.1" else "char(32)"
    assert type_of(dialects.get("mysql")) == "char(32)"
    assert type_of(dialects.get("mariadb")) == newer
    assert type_of(dialects.get("mariadb").for_server(Server((10, 6), "mariadb"))) == "char(32)"
