"""What is read, against what SQLAlchemy emits for the same models: as text on both, as a database on SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, Integer, MetaData, String, Table, Text, func, text

from dbwarden import dialects
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.model import Check, ForeignKey, Index, Member, PrimaryKey, Schema, Unique
from dbwarden.core.model import Table as CoreTable
from dbwarden.models.emit import Emitter
from dbwarden.models.read import read
from tests.support.work import calls

CONVENTION = {"ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}


def rich() -> MetaData:
    """Whatever both dialects can be told by the same models."""
    metadata = MetaData(naming_convention=CONVENTION)
    parent = Table(
        "Parent",
        metadata,
        Column("id", Integer, primary_key=True),
        Column(
            "first",
            String(20).with_variant(String(20, collation="NOCASE"), "sqlite"),
            nullable=False,
            server_default="it's 5%",
        ),
        Column("Order", Integer, sa.CheckConstraint('"Order" > 0', name="positive"), server_default=text("1")),
        Column("at", sa.DateTime, server_default=func.now()),
        Column("mood", sa.Enum("good", "bad", name="mood", create_constraint=True), server_default="good"),
        Column("ok", sa.Boolean(create_constraint=True, name="ok"), nullable=False, server_default=sa.false()),
        Column("size", sa.Numeric(10, 2)),
        Column("twice", Integer, sa.Computed('"Order" * 2', persisted=True)),
        Column("data", sa.JSON),
        sa.UniqueConstraint("first", "Order"),
        sa.CheckConstraint("length(first) % 2 = 0", name="even"),
        sqlite_autoincrement=True,
    )
    sa.Index("ix_lower", func.lower(parent.c.first).desc(), postgresql_where=parent.c.ok, sqlite_where=parent.c.ok)
    Table(
        "child",
        metadata,
        Column("a", Integer, primary_key=True),
        Column("b", Integer, primary_key=True),
        Column("parent_id", sa.ForeignKey("Parent.id", ondelete="SET NULL", deferrable=True), index=True),
        Column("x", Integer),
        Column("y", Integer),
        sa.ForeignKeyConstraint(["x", "y"], ["child.a", "child.b"], name="self", onupdate="CASCADE"),
    )
    Table("loose", metadata, Column("note", Text), Column("blob", sa.LargeBinary), Column("when", sa.Interval))
    return metadata


def quoted(emitter: Emitter, names: tuple[str, ...]) -> str:
    return ", ".join(emitter.preparer.quote(name) for name in names)


def clauses(item: Member, emitter: Emitter, table: CoreTable) -> Iterator[str]:
    """Pieces of text that SQLAlchemy must have emitted for a constraint."""
    if item.name and not isinstance(item, Index):
        yield f"CONSTRAINT {emitter.preparer.quote(item.name)} "
    match item:
        case PrimaryKey() if table.options.get("autoincrement"):
            yield " PRIMARY KEY AUTOINCREMENT"
        case PrimaryKey():
            yield f"PRIMARY KEY ({quoted(emitter, item.columns)})"
        case Unique():
            yield f"UNIQUE ({quoted(emitter, item.columns)})"
        case Check():
            yield f"CHECK ({item.expression.text})"
        case ForeignKey():
            there = emitter.preparer.quote(item.ref_table.name)
            yield f"FOREIGN KEY({quoted(emitter, item.columns)}) REFERENCES {there}"
            yield f"ON DELETE {item.on_delete.upper()}" if item.on_delete else ""
            yield f"ON UPDATE {item.on_update.upper()}" if item.on_update else ""


def test_every_piece_stands_in_what_sqlalchemy_emits(dialect: Dialect) -> None:
    metadata, emitter = rich(), Emitter(dialect)
    actual = read([metadata], dialect)
    for table in metadata.tables.values():
        emitted = str(sa.schema.CreateTable(table).compile(dialect=emitter.dialect))
        core = next(item for item in actual.tables() if item.name == table.name)
        lines = emitted.split("\n\t")[1:]
        for column, line in zip(core.columns.values(), lines, strict=False):
            assert line.startswith(emitter.preparer.quote(column.name) + " ")
            assert ("NOT NULL" in line) is not column.nullable
            assert ("DEFAULT " in line) is (column.default is not None)
            # SQLAlchemy 2.0.30 puts every expression in parentheses on SQLite: DEFAULT (0).
            assert column.default is None or f"DEFAULT {column.default.text}" in line.replace("DEFAULT (", "DEFAULT ")
            if column.computed:
                assert f"GENERATED ALWAYS AS ({column.computed.expression.text}) STORED" in line
        members = [item for item in actual.members(core.ref) if isinstance(item, Member)]
        for member in members:
            for clause in clauses(member, emitter, core):
                assert clause in emitted
        indexes = {item.name for item in members if isinstance(item, Index)}
        assert indexes == {index.name for index in table.indexes}
        counted = sum(emitted.count(word) for word in ("CHECK (", "FOREIGN KEY(", "UNIQUE (", "PRIMARY KEY"))
        assert counted == len(members) - len(indexes)


class Memory:
    """As much of a ``core.dialect.Connection`` as inspection needs."""

    def __init__(self) -> None:
        self.engine = sa.create_engine("sqlite://")
        self.connection = self.engine.connect()

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.connection.exec_driver_sql(sql, params or {})]


def inspected(metadata: MetaData, dialect: Dialect) -> Schema:
    memory: Any = Memory()
    metadata.create_all(memory.connection)
    current = dialect.inspect(memory, Scope())
    memory.connection.close()
    memory.engine.dispose()
    return current


def test_create_all_builds_what_is_read(sqlite: Dialect) -> None:
    built, desired = inspected(rich(), sqlite), sqlite.canonical(read([rich()], sqlite))
    for ref, item in desired.items():
        there = built.get(ref)
        if isinstance(item, CoreTable) and isinstance(there, CoreTable):
            assert there.columns == item.columns
        assert there == item
    assert built == desired


def many(count: int) -> MetaData:
    metadata = MetaData()
    for at in range(count):
        Table(
            f"t{at}",
            metadata,
            Column("id", Integer, primary_key=True),
            Column("parent", sa.ForeignKey(f"t{max(0, at - 1)}.id"), index=True),
            Column("name", String(50), nullable=False, server_default="x"),
            Column("at", sa.DateTime, server_default=func.now()),
            Column("n", Integer, index=True, server_default=text("0")),
            *[Column(kind.__name__, kind) for kind in (Text, sa.Boolean, sa.Numeric, sa.Date, sa.JSON)],
            Column("short", String(9)),
            Column("float", sa.Float),
            sa.UniqueConstraint("name", "n", name=f"uq{at}"),
        )  # fmt: skip
    return metadata


def test_reading_is_fast_and_linear(dialect: Dialect) -> None:
    def work(count: int) -> int:
        metadata = many(count)
        read([metadata], dialect)  # SQLAlchemy memoizes on first use
        return calls(lambda: read([metadata], dialect))

    assert work(100) < 5.5 * work(20)
    assert work(20) < 20 * 4000


@pytest.mark.parametrize("server_default", ["a\\b", "it's", "100%", ":x", "%(x)s", "'"])
def test_string_defaults_arrive_as_written(sqlite: Dialect, server_default: str) -> None:
    metadata = MetaData()
    Table("t", metadata, Column("id", Integer, primary_key=True), Column("c", Text, server_default=server_default))
    memory = Memory()
    text_of = read([metadata], sqlite).tables()[0].columns["c"].default
    assert text_of is not None
    assert memory.query(f"SELECT {text_of.text}") == [(server_default,)]
    metadata.create_all(memory.connection)
    memory.connection.exec_driver_sql("INSERT INTO t (id) VALUES (1)")
    assert memory.query("SELECT c FROM t") == [(server_default,)]
    memory.connection.close()
    memory.engine.dispose()


def test_a_cycle_of_foreign_keys_is_read_after_create_all() -> None:
    """SQLAlchemy marks constraints that it has emitted by ALTER TABLE, so that CREATE TABLE leaves them out."""
    metadata = MetaData()
    for name, other in (("a", "b"), ("b", "a")):
        key = sa.ForeignKey(f"{other}.id", name=f"fk_{name}")
        Table(name, metadata, Column("id", Integer, primary_key=True), Column("other_id", Integer, key))
    dialect = dialects.get("postgresql")
    before = read([metadata], dialect)
    engine = sa.create_mock_engine("postgresql+psycopg://", lambda sql, *_: None)
    metadata.create_all(engine, checkfirst=False)
    assert read([metadata], dialect) == before
    assert len([item for item in before.objects() if isinstance(item, ForeignKey)]) == 2
