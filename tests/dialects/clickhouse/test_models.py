"""Models of both libraries and plain ones: what they mean is what the libraries' own DDL makes on the server."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Mapped, declarative_base, mapped_column

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.model import Schema, Table
from dbwarden.core.plan import Pair, plan
from dbwarden.core.types import Ref
from dbwarden.dialects.clickhouse.engines import canonical_call
from dbwarden.models.read import read
from dbwarden.objects import SkippingIndex, TableClauses, column_clauses

Models = Callable[[sa.MetaData], None]


def of_clickhouse_connect(metadata: sa.MetaData) -> None:
    sa.Table(
        "events",
        metadata,
        sa.Column("id", ch.UInt64),
        sa.Column("at", ch.DateTime64(3, "UTC"), clickhousedb_codec="Delta, ZSTD"),
        sa.Column("kind", ch.LowCardinality(ch.Nullable(ch.String)), comment="it's"),
        sa.Column("price", ch.Decimal(10, 2), nullable=True),
        sa.Column("tags", ch.Array(ch.String)),
        sa.Column("labels", ch.Map(ch.String, ch.UInt8)),
        sa.Column("day", ch.Date, clickhousedb_materialized=sa.text("toDate(at)")),
        sa.Column("week", ch.Date, clickhousedb_alias=sa.text("toMonday(day)")),
        sa.Column("plain", sa.Integer, server_default=sa.text("7")),
        sa.Column("named", sa.String(20), server_default="x"),
        sa.Column("old", ch.String, clickhousedb_ttl=sa.text("toDateTime(at) + INTERVAL 1 DAY")),
        engines.ReplacingMergeTree(
            ver="at", order_by=("id", "at"), partition_by="toYYYYMM(at)", settings={"index_granularity": 1024}
        ),
        comment="all of it",
    )
    sa.Table("logged", metadata, sa.Column("a", ch.Int8), engines.Log())


def of_clickhouse_sqlalchemy(metadata: sa.MetaData) -> None:
    reason = "clickhouse-sqlalchemy, which needs greenlet, is not installed"
    other_engines, other = (
        pytest.importorskip(f"clickhouse_sqlalchemy.{name}", reason=reason, exc_type=ImportError)
        for name in ("engines", "types")
    )
    sa.Table(
        "events",
        metadata,
        sa.Column("id", other.UInt64, primary_key=True),
        sa.Column("at", other.DateTime64(3), clickhouse_codec=("Delta", "ZSTD")),
        sa.Column("kind", other.LowCardinality(other.Nullable(other.String)), comment="it's"),
        sa.Column("tags", other.Array(other.String)),
        sa.Column("day", other.Date, clickhouse_materialized=sa.func.toDate(sa.column("at"))),
        sa.Column("n", other.Nullable(other.Int32), server_default=sa.text("7")),
        other_engines.ReplacingMergeTree(
            version="at", order_by=("id", "at"), partition_by=sa.func.toYYYYMM(sa.column("at")), index_granularity=1024
        ),
    )
    sa.Table("remembered", metadata, sa.Column("a", other.Int8), other_engines.Memory())


@pytest.fixture
def dialect(clickhouse_url: str) -> Dialect:
    dialect = dialects.get("clickhouse")
    with connect(clickhouse_url) as conn:
        return dialect.for_server(dialect.server_of(conn))


@pytest.mark.parametrize(
    ("models", "drivername"),
    [(of_clickhouse_connect, "clickhousedb"), (of_clickhouse_sqlalchemy, "clickhouse+http")],
    ids=["clickhouse-connect", "clickhouse-sqlalchemy"],
)
def test_models_are_what_create_all_makes(
    models: Models, drivername: str, clickhouse_url: str, dialect: Dialect
) -> None:
    metadata = sa.MetaData()
    models(metadata)
    desired = dialect.canonical(read([metadata], dialect, drivername=drivername))
    engine = sa.create_engine(make_url(clickhouse_url).set(drivername=drivername), poolclass=sa.NullPool)
    with engine.connect() as connection:
        metadata.create_all(connection, checkfirst=False)
    engine.dispose()
    with connect(clickhouse_url) as conn:
        there = dialect.inspect(conn, Scope())
        assert plan(Pair(there, desired), dialect).upgrade() == ()
        for sql in (*plan(Pair(there, Schema()), dialect).upgrade(), *plan(Pair(Schema(), desired), dialect).upgrade()):
            conn.execute(sql)
        assert plan(Pair(dialect.inspect(conn, Scope()), there), dialect).upgrade() == ()


def test_models_of_one_library_are_read_with_the_dialect_of_the_other(dialect: Dialect) -> None:
    metadata = sa.MetaData()
    of_clickhouse_sqlalchemy(metadata)
    own, foreign = (
        dialect.canonical(read([metadata], dialect, drivername=name)) for name in ("clickhouse+http", "clickhousedb")
    )
    assert foreign == own


def described(dialect: Dialect, *items: object, **rest: object) -> Table:
    metadata = sa.MetaData()
    sa.Table("t", metadata, *items, **rest)  # type: ignore[arg-type]
    return dialect.canonical(read([metadata], dialect)).table(Ref("table", "t"))


def test_a_plain_table_is_ordered_by_its_primary_key(dialect: Dialect) -> None:
    keyed = described(
        dialect, sa.Column("a", sa.Integer, primary_key=True), sa.Column("B", sa.String, primary_key=True)
    )
    assert dict(keyed.options) == {"order_by": "(a, B)"}
    assert [column.nullable for column in keyed.columns.values()] == [False, False]
    keyless = described(dialect, sa.Column("a", sa.Integer), sa.Column("b", sa.String, nullable=False))
    assert dict(keyless.options) == {"order_by": "tuple()"}
    assert [column.nullable for column in keyless.columns.values()] == [True, False]


def test_optional_attributes_are_nullable(dialect: Dialect) -> None:
    base = declarative_base()

    class Person(base):  # type: ignore[misc, valid-type]
        __tablename__ = "t"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        note: Mapped[str | None]

    table = dialect.canonical(read([base.metadata], dialect)).table(Ref("table", "t"))
    assert {name: column.nullable for name, column in table.columns.items()} == {
        "id": False,
        "name": False,
        "note": True,
    }


def test_clauses_beside_an_engine_win(dialect: Dialect) -> None:
    table = described(
        dialect,
        sa.Column("a", ch.UInt64),
        sa.Column("at", ch.DateTime, info=column_clauses(codec="DoubleDelta, LZ4")),
        engines.MergeTree(order_by="a", settings={"index_granularity": 8192}),
        TableClauses(ttl="at + INTERVAL 1 DAY", settings={"ttl_only_drop_parts": True, "storage_policy": "it's"}),
    )
    assert dict(table.options) == {
        "order_by": "a",
        "ttl": "at + toIntervalDay(1)",
        "settings": "storage_policy='it\\'s', ttl_only_drop_parts=1",
    }
    assert table.columns["at"].options.get("codec") == "DoubleDelta(4), LZ4"


def test_other_databases_ignore_the_declarations() -> None:
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("a", sa.Integer, primary_key=True, info=column_clauses(codec="ZSTD")),
        TableClauses(order_by="a"),
        SkippingIndex("ix", "a"),
    )
    for engine in ("postgresql", "sqlite"):
        schema = read([metadata], dialects.get(engine))
        assert not schema.table(Ref("table", "t")).options
        assert [item.ref.kind for item in schema.objects()] == ["table", "primary_key"]


def test_nested_columns_are_stored_apart(dialect: Dialect) -> None:
    nested = described(
        dialect, sa.Column("a", sa.Integer, primary_key=True), sa.Column("n", NestedType(), nullable=False)
    )
    assert {name: str(column.type) for name, column in nested.columns.items()} == {
        "a": "Int32",
        "n.x": "Array(Int32)",
        "n.y": "Array(String)",
    }


class NestedType(sa.types.UserDefinedType[object]):
    def get_col_spec(self, **_: object) -> str:
        return "Nested(x INT, y String)"


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("MergeTree()", "MergeTree"),
        ("ReplacingMergeTree( at )", "ReplacingMergeTree(at)"),
        ("ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')", "ReplicatedMergeTree"),
        ("ReplicatedMergeTree('/own/{shard}', '{replica}')", "ReplicatedMergeTree('/own/{shard}', '{replica}')"),
        ("SharedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', at)", "ReplacingMergeTree(at)"),
        ("PostgreSQL('h:5432', 'd', 't', 'u', 'geheim')", "PostgreSQL('h:5432', 'd', 't', 'u', '[HIDDEN]')"),
        ("Join(ANY, LEFT, a)", "Join(ANY, LEFT, a)"),
        ("Distributed(c, db, t, rand())", "Distributed('c', 'db', 't', rand())"),
    ],
)
def test_engines(written: str, canonical: str) -> None:
    assert canonical_call(written) == canonical
    assert canonical_call(canonical) == canonical
