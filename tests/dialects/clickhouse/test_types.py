"""Canonical types: what ``system.columns`` shows for each spelling, and what a change of type does to values."""

from __future__ import annotations

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.type_table import TypeChange
from dbwarden.dialects.clickhouse import type_changes
from dbwarden.dialects.clickhouse.types import TYPES, declared_type, parse, parse_stated, type_text

SPELLINGS = [
    "int", "INTEGER", "bigint unsigned", "TINYINT SIGNED", "double precision", "DOUBLE", "float", "varchar(20)", "TEXT",
    "Decimal", "decimal(10)", "Decimal32(2)", "Decimal256(3)", "DEC(9, 3)", "bool", "boolean", "timestamp", "DateTime32('UTC')",
    "datetime64", "DateTime64(6, 'Europe/Berlin')", "Time64", "binary(3)", "FixedString(16)", "Enum('a', 'b')",
    "Enum8('z' = 5, 'it''s' = 1)", "Enum('far' = 1000)", "Nullable(int)", "LowCardinality(Nullable(varchar(9)))",
    "Array(Nullable(INT))", "Map(String,Array(int))", "Tuple(int, String)", "Tuple(a int, `b c` Nullable(String), `select` Int8)",
    "Variant(String, Int32, Array(Int8))", "Dynamic(max_types = 4)", "JSON", "JSON(max_dynamic_paths=16, `a.b` UInt32, SKIP c)",
    "AggregateFunction(quantiles(0.5,0.9), bigint)", "SimpleAggregateFunction(sum, double)", "UUID", "IPv4", "INET6", "Point",
    "QBit(Float32, 8)", "Date", "date32", "IntervalDay", "Int256", "UInt128", "BFloat16", "Nullable(DateTime('UTC'))",
]  # fmt: skip


def test_types_are_spelled_as_the_server_spells_them(clickhouse_url: str) -> None:
    columns = ", ".join(f"c{number} {text}" for number, text in enumerate(SPELLINGS))
    with connect(clickhouse_url) as conn:
        conn.execute(f"CREATE TABLE t ({columns}) ENGINE = Memory")
        rows = conn.query(
            "SELECT type FROM system.columns WHERE database = currentDatabase() AND table = 't' ORDER BY position"
        )
    assert [type_text(*declared_type(text)) for text in SPELLINGS] == [row[0] for row in rows]


def test_every_type_of_the_server_is_known(clickhouse_url: str) -> None:
    with connect(clickhouse_url) as conn:
        rows = conn.query("SELECT name, alias_to FROM system.data_type_families")
    names = {row.name for row in TYPES.rows}
    sized = {"DateTime32", "Decimal32", "Decimal64", "Decimal128", "Decimal256", "Enum"}
    assert {name for name, alias in rows if not alias} <= names | sized
    wrong = [name for name, alias in rows if alias and parse(name).name not in (alias, "Enum8", "GEOMETRY")]
    assert not wrong


def test_a_canonical_type_stays_as_it_is() -> None:
    for text in SPELLINGS:
        once = type_text(*declared_type(text))
        assert type_text(*declared_type(once)) == once


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Int32", "Int64", TypeChange.KEPT),
        ("UInt32", "Int64", TypeChange.KEPT),
        ("Int64", "Int32", TypeChange.LOSSY),
        ("Int32", "UInt64", TypeChange.LOSSY),
        ("String", "LowCardinality(String)", TypeChange.KEPT),
        ("Array(String)", "String", TypeChange.LOSSY),
        ("Map(String, Int32)", "String", TypeChange.LOSSY),
        ("Array(Int32)", "Array(Int64)", TypeChange.KEPT),
        ("Array(Int64)", "Array(Int8)", TypeChange.LOSSY),
        ("Enum8('a' = 1)", "Enum8('a' = 1, 'b' = 2)", TypeChange.FREE),
        ("Enum8('a' = 1, 'b' = 2)", "Enum8('b' = 2)", TypeChange.LOSSY),
        ("Enum8('a' = 1)", "String", TypeChange.KEPT),
        ("DateTime", "DateTime64(3)", TypeChange.KEPT),
        ("DateTime64(6)", "DateTime64(3)", TypeChange.LOSSY),
        ("DateTime", "Date", TypeChange.LOSSY),
        ("Date", "DateTime", TypeChange.KEPT),
        ("Decimal(10, 2)", "Decimal(18, 4)", TypeChange.KEPT),
        ("Decimal(10, 4)", "Decimal(10, 2)", TypeChange.LOSSY),
        ("Float64", "Float32", TypeChange.LOSSY),
        ("FixedString(4)", "FixedString(8)", TypeChange.KEPT),
        ("String", "Int32", TypeChange.RESPELLED),
        ("FixedString(4)", "String", TypeChange.KEPT),
        ("Nullable(Int32)", "Int32", TypeChange.KEPT),
    ],
)
def test_effect_of_a_change_on_values(before: str, after: str, expected: TypeChange) -> None:
    assert type_changes.change(parse_stated(before), parse_stated(after)) is expected
