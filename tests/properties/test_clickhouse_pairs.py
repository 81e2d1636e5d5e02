"""Pairs of ClickHouse schemas, before -> after: the target is reached, rows survive, rollback comes back exactly."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest
import sqlalchemy as sa
from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Connection
from dbwarden.objects import Assumption, SkippingIndex, TableClauses, TableProjection, column_clauses
from tests.support.effort import examples
from tests.support.pipeline import dialect_for, inspected, planned, run


class Few(Enum):
    A = 1
    B = 2


class More(Enum):
    A = 1
    B = 2
    C = 3


TYPES: dict[str, tuple[Any, ...]] = {
    "n": (ch.UInt32, ch.UInt64, ch.Int64, ch.Nullable(ch.Int64)),
    "m": (ch.Decimal(10, 2), ch.Decimal(18, 2)),
    "s": (ch.String, ch.LowCardinality(ch.String), ch.Nullable(ch.String)),
    "At": (ch.DateTime, ch.DateTime64(3)),
    "tags": (ch.Array(ch.String), ch.Array(ch.LowCardinality(ch.String))),
    "state": (ch.Enum8(Few), ch.Enum8(More)),
    "select": (ch.Float64, ch.Nullable(ch.Float64)),
}
VALUES = {
    "n": ("1", "20"), "m": ("1.5", "2.25"), "s": ("'a b'", "'it''s'"), "tags": ("['x', 'y']", "[]"), "select": ("0.5", "-2"),
    "At": ("'2026-03-04 05:06:07'", "'2026-11-01 01:30:00'"), "state": ("'A'", "'B'"),
}  # fmt: skip
DEFAULTS = {"n": ("7", "id + 1"), "m": ("1.25",), "s": ("'x'", "concat('it''s ', toString(id))"), "select": ("1.5",)}
CODECS = (None, None, "ZSTD(3)", "LZ4", "NONE")
TABLES = {"t1": "id", "t2": "(id, place)", "Order": "(place, cityHash64(id))"}


@st.composite
def column(draw: st.DrawFn, name: str) -> sa.Column[Any]:
    clauses: dict[str, Any] = {"codec": draw(st.sampled_from(CODECS))}
    if draw(st.integers(0, 4)) == 0:
        clauses["ttl"] = draw(st.sampled_from(("day + INTERVAL 90 YEAR", "day + toIntervalYear(80)")))
    default = draw(st.sampled_from((None, *DEFAULTS.get(name, ()))))
    return sa.Column(
        name,
        draw(st.sampled_from(TYPES[name])),
        server_default=sa.text(default) if default else None,
        comment=draw(st.sampled_from((None, None, "it's", "other"))),
        info=column_clauses(**clauses),
    )


@st.composite
def members(draw: st.DrawFn, names: list[str]) -> list[Any]:
    members: list[Any] = []
    if "s" in names and draw(st.booleans()):
        type_ = draw(st.sampled_from(("set(10)", "bloom_filter(0.01)")))
        members.append(
            SkippingIndex("ix_s", draw(st.sampled_from(("s", "lower(s)"))), type_, draw(st.sampled_from((1, 3))))
        )
    if "n" in names and draw(st.booleans()):
        members.append(sa.Index("ix_n", *draw(st.sampled_from((("n",), ("n", "id"))))))
    if draw(st.booleans()):
        queries = ["SELECT place, count() GROUP BY place", "SELECT * ORDER BY place"]
        queries += ["select state, max(id) group by state"] if "state" in names else []
        members.append(TableProjection("p", draw(st.sampled_from(queries))))
    if draw(st.booleans()):
        members.append(sa.CheckConstraint(draw(st.sampled_from(("id > 0", "id > 0 and place<100"))), name="few"))
    if draw(st.booleans()):
        members.append(Assumption("known", "id >= 0"))
    return members


@st.composite
def table(draw: st.DrawFn, metadata: sa.MetaData, name: str) -> sa.Table:
    names = draw(st.lists(st.sampled_from(sorted(TYPES)), unique=True, max_size=5))
    extra = [draw(column(item)) for item in names]
    if draw(st.booleans()):
        text = draw(st.sampled_from(("id * 2", "id + place")))
        extra.append(
            sa.Column(
                "twice", ch.UInt64, info=column_clauses(**{draw(st.sampled_from(("materialized", "alias"))): text})
            )
        )
    clauses = TableClauses(
        ttl=draw(st.sampled_from((None, "day + INTERVAL 95 YEAR", "day + INTERVAL 96 YEAR DELETE"))),
        settings=draw(
            st.sampled_from(
                (None, {"ttl_only_drop_parts": 1}, {"min_bytes_for_wide_part": 0, "ttl_only_drop_parts": 1})
            )
        ),
    )
    return sa.Table(
        name,
        metadata,
        sa.Column("id", ch.UInt64),
        sa.Column("place", ch.UInt32),
        sa.Column("day", ch.Date),
        *extra,
        engines.MergeTree(order_by=TABLES[name], partition_by="toYear(day)"),
        clauses,
        *draw(members(names)),
        comment=draw(st.sampled_from((None, "first", "second"))),
    )


@st.composite
def metadatas(draw: st.DrawFn) -> sa.MetaData:
    metadata = sa.MetaData()
    for name in draw(st.lists(st.sampled_from(sorted(TABLES)), min_size=1, max_size=2, unique=True)):
        draw(table(metadata, name))
    return metadata


@pytest.fixture
def conn(clickhouse_url: str) -> Iterator[Connection]:
    connection = connect(clickhouse_url)
    yield connection
    connection.close()


def insert(conn: Connection, metadata: sa.MetaData) -> None:
    """Two rows a table, in a part each."""
    for name, item in metadata.tables.items():
        for row in (0, 1):
            values = {"id": str(row + 1), "place": str(row * 3), "day": "'2026-03-04'"}
            values |= {column.name: VALUES[column.name][row] for column in item.columns if column.name in VALUES}
            names = ", ".join(f"`{column}`" for column in values)
            conn.execute(f"INSERT INTO `{name}` ({names}) VALUES ({', '.join(values.values())})")


def rows(conn: Connection, before: sa.MetaData, after: sa.MetaData) -> dict[str, list[tuple[str, ...]]]:
    """The rows of the columns that both have; numbers and times of another type are the same text in the end."""
    contents = {}
    for name in sorted(set(before.tables) & set(after.tables)):
        both = [
            one.name
            for one in before.tables[name].columns
            if one.name in after.tables[name].columns and one.name != "twice"
        ]
        listed = ", ".join(f"toString(`{column}`)" for column in both)
        contents[name] = sorted(tuple(map(_plain, row)) for row in conn.query(f"SELECT {listed} FROM `{name}`"))
    return contents


def _plain(value: object) -> str:
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


@settings(max_examples=examples(12), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(before=metadatas(), after=metadatas())
def test_pairs_of_clickhouse(conn: Connection, before: sa.MetaData, after: sa.MetaData) -> None:
    dialects.get("clickhouse").clear(conn)
    dialect = dialect_for(conn, "clickhouse")
    made = planned(conn, dialect, before)
    note("\n".join(made.upgrade()))
    run(conn, dialect, made.upgrade())
    assert not planned(conn, dialect, before)
    insert(conn, before)
    former, stored = inspected(conn, dialect), rows(conn, before, after)

    change = planned(conn, dialect, after)
    note("-- upgrade\n" + "\n".join(change.upgrade()) + "\n-- rollback\n" + "\n".join(change.rollback()))
    run(conn, dialect, change.upgrade())
    again = planned(conn, dialect, after)
    assert not again, again.upgrade()
    assert rows(conn, before, after) == stored

    assert not change.irreversible()
    run(conn, dialect, change.rollback())
    assert inspected(conn, dialect) == former
    assert rows(conn, before, after) == stored
