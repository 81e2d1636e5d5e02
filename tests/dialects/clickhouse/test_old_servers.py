"""Servers of an old release: two real ones, and tables in the syntax of their time."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Scope
from dbwarden.core.model import Column, Definition, Schema, Table
from dbwarden.core.options import Options
from dbwarden.core.types import DataType
from dbwarden.dialects.clickhouse.old_syntax import modern_clauses
from tests.servers.clickhouse_cluster import Servers
from tests.support.command import run, write_project


@pytest.mark.parametrize(
    ("engine", "clauses"),
    [
        ("MergeTree(day, (id, day), 8192)", {"partition_by": "toYYYYMM(day)", "order_by": "(id, day)"}),
        (
            "MergeTree(day, intHash32(id), (id, intHash32(id)), 1024)",
            {
                "partition_by": "toYYYYMM(day)",
                "order_by": "(id, intHash32(id))",
                "sample_by": "intHash32(id)",
                "settings": "index_granularity=1024",
            },
        ),
        (
            "ReplacingMergeTree(day, id, 8192, version)",
            {"engine": "ReplacingMergeTree(version)", "partition_by": "toYYYYMM(day)", "order_by": "id"},
        ),
        (
            "ReplicatedSummingMergeTree('/x/1', 'r1', day, id, 8192, (a, b))",
            {
                "engine": "ReplicatedSummingMergeTree('/x/1', 'r1', (a, b))",
                "partition_by": "toYYYYMM(day)",
                "order_by": "id",
            },
        ),
    ],
)
def test_a_table_in_the_old_syntax_is_one_in_the_new(engine: str, clauses: dict[str, str]) -> None:
    dialect = dialects.get("clickhouse")
    columns = {name: Column(name, DataType("Int64"), False) for name in ("id", "a", "b", "version")}
    old = Table("t", {**columns, "day": Column("day", DataType("Date"), False)}, options=Options.of({"engine": engine}))
    (table,) = dialect.canonical(Schema([old])).tables()
    assert dict(table.options) == clauses


@pytest.mark.parametrize(
    "values",
    [
        {"engine": "MergeTree", "order_by": "id"},
        {"engine": "SummingMergeTree((a, b))", "order_by": "id"},
        {"engine": "ReplicatedReplacingMergeTree('/t', 'r', version)", "order_by": "id"},
        {"engine": "Distributed(c, d, t, rand())"},
        {"engine": "Buffer(d, t, 16, 10, 100)"},
        {"engine": "GraphiteMergeTree('config')"},
    ],
)
def test_todays_syntax_stays(values: dict[str, str | None]) -> None:
    assert modern_clauses(values) == values


OBJECTS = """
CREATE TABLE events (id UInt64, day Date, name String DEFAULT 'x' COMMENT 'its name', n Nullable(Int32),
 twice UInt64 MATERIALIZED id * 2,
 alias String ALIAS name, state Enum8('a' = 1, 'b' = 2) DEFAULT 'a', at DateTime('UTC') DEFAULT now())
 ENGINE = MergeTree PARTITION BY toYYYYMM(day) PRIMARY KEY id ORDER BY (id, day) SAMPLE BY id SETTINGS index_granularity = 4096;
CREATE TABLE old (day Date, id UInt64) ENGINE = MergeTree(day, id, 8192);
CREATE TABLE log (id UInt64) ENGINE = Log;
CREATE VIEW recent AS SELECT id, count() AS c FROM events GROUP BY id;
CREATE MATERIALIZED VIEW sums ENGINE = SummingMergeTree ORDER BY id AS SELECT id, twice FROM events;
CREATE MATERIALIZED VIEW copies TO log AS SELECT id FROM events
"""


def test_inspection(clickhouse_nodes: Servers) -> None:
    clickhouse_nodes.create_database("inspected")
    with connect(clickhouse_nodes.nodes[0].url("inspected")) as conn:
        for sql in OBJECTS.split(";"):
            conn.execute(sql.strip())
        dialect = dialects.get("clickhouse")
        dialect = dialect.for_server(dialect.server_of(conn))
        sent = conn.sent
        schema = dialect.inspect(conn, Scope())
        assert conn.sent - sent == 1
        assert dialect.sizes(conn) == {}
    tables = {table.name: table for table in schema.tables()}
    assert sorted(tables) == ["events", "log", "old"]
    columns = tables["events"].columns
    assert list(columns) == ["id", "day", "name", "n", "state", "at", "twice", "alias"]  # as this release orders them
    assert (columns["name"].comment, str(columns["n"].type), columns["n"].nullable) == ("its name", "Int32", True)
    assert [columns[name].computed is not None for name in ("twice", "alias", "name")] == [True, True, False]
    assert dict(tables["events"].options) == {
        "order_by": "(id, day)",
        "partition_by": "toYYYYMM(day)",
        "primary_key": "id",
        "sample_by": "id",
        "settings": "index_granularity=4096",
    }
    views = {item.name: item.kind for item in schema.objects() if isinstance(item, Definition)}
    assert views == {"recent": "view", "sums": "materialized_view", "copies": "materialized_view"}


MODELS = """
from sqlalchemy import BigInteger, Date
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Visit(Base):
    __tablename__ = "visits"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    seconds: Mapped[int | None] = mapped_column(BigInteger)
    {column}
"""


def test_generation_with_proof_and_back(clickhouse_nodes: Servers, tmp_path: Path) -> None:
    clickhouse_nodes.create_database("generated")
    migrations = write_project(tmp_path, clickhouse_nodes.nodes[0].url("generated"), lock="none")
    for name, column in (("first", ""), ("second", "site: Mapped[int] = mapped_column(BigInteger)")):
        (tmp_path / "models.py").write_text(MODELS.format(column=column))
        run(tmp_path, "make-migrations", name)
        assert "-- proven: clickhouse 18.16" in next(migrations.glob(f"*_{name}.sql")).read_text()
        run(tmp_path, "migrate")
        run(tmp_path, "check", "--exit-code")
    assert "site" in run(tmp_path, "check-db")
    assert "2 applied, 0 pending" in run(tmp_path, "status")
    run(tmp_path, "rollback", "--count", "2")
    assert "2 pending" in run(tmp_path, "status")
