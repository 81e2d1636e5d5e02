"""What becomes of values when a column gets another type: PostgreSQL's types, and those of an engine that is rows alone."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.core.type_change import type_change
from dbwarden.core.type_table import Family, TypeChange, TypeRow, TypeTable
from dbwarden.core.types import parse_type

INVENTED = TypeTable(
    (
        TypeRow("tinyint", Family.WHOLE, size=1),
        TypeRow("mediumint", Family.WHOLE, ("int3",), size=3),
        TypeRow("uint64", Family.WHOLE, size=8),
        TypeRow("float32", Family.FLOAT, size=24),
        TypeRow("float64", Family.FLOAT, ("double",), size=53),
        TypeRow("decimal", Family.DECIMAL),
        TypeRow("varchar", Family.TEXT),
        TypeRow("fixedstring", Family.TEXT, size=1),
        TypeRow("year", conversions={"date": TypeChange.KEPT}),
        TypeRow("date", Family.DATE),
    )
)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("tinyint", "mediumint", TypeChange.KEPT), ("mediumint", "tinyint", TypeChange.NARROWED),
        ("int3", "mediumint", TypeChange.SAME), ("mediumint", "float32", TypeChange.KEPT),
        ("uint64", "float64", TypeChange.LOSSY), ("float32", "double", TypeChange.KEPT),
        ("float64", "float32", TypeChange.LOSSY), ("float64", "decimal(30,2)", TypeChange.LOSSY),
        ("tinyint", "decimal(3,0)", TypeChange.KEPT), ("tinyint", "decimal(2,0)", TypeChange.NARROWED),
        ("decimal(10,2)", "float64", TypeChange.KEPT), ("decimal(20,2)", "float64", TypeChange.LOSSY),
        ("varchar(10)", "varchar(20)", TypeChange.FREE), ("varchar", "varchar(20)", TypeChange.NARROWED),
        ("varchar(2)", "fixedstring(2)", TypeChange.KEPT), ("varchar(2)", "fixedstring", TypeChange.NARROWED),
        ("varchar(9)", "tinyint", TypeChange.RESPELLED), ("tinyint", "varchar", TypeChange.KEPT),
        ("year", "date", TypeChange.KEPT), ("date", "year", TypeChange.UNKNOWN),
        ("strange", "strange", TypeChange.SAME), ("strange", "stranger", TypeChange.UNKNOWN),
    ],
)  # fmt: skip
def test_rows_decide(before: str, after: str, change: TypeChange) -> None:
    assert type_change(parse_type(before), parse_type(after), INVENTED) is change


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("integer", "bigint", TypeChange.KEPT), ("serial", "integer", TypeChange.SAME),
        ("numeric(10,2)", "numeric(12,2)", TypeChange.FREE), ("numeric(10,2)", "numeric(10,1)", TypeChange.LOSSY),
        ("numeric(10,2)", "numeric(8,2)", TypeChange.NARROWED), ("numeric(4,0)", "integer", TypeChange.NARROWED),
        ("boolean", "integer", TypeChange.KEPT), ("integer", "boolean", TypeChange.LOSSY),
        ("timestamptz(3)", "timestamp(6) with time zone", TypeChange.KEPT), ("timestamp", "date", TypeChange.LOSSY),
        ("timestamp(6)", "timestamp(3) with time zone", TypeChange.LOSSY), ("date", "timestamp(0)", TypeChange.KEPT),
        ("bit(8)", "bit(4)", TypeChange.NARROWED), ("varbit(8)", "bit varying", TypeChange.FREE),
        ("text", "json", TypeChange.NARROWED), ("jsonb", "text", TypeChange.KEPT), ("cidr", "inet", TypeChange.FREE),
        ("integer", "money", TypeChange.KEPT), ("bigint", "money", TypeChange.NARROWED),
        ("money", "numeric", TypeChange.KEPT), ("numeric(10,3)", "money", TypeChange.LOSSY),
        ("text[]", "text", TypeChange.KEPT), ("integer[]", "text", TypeChange.KEPT),
        ("integer", "integer[]", TypeChange.KEPT), ("integer[]", "integer", TypeChange.LOSSY),
    ],
)  # fmt: skip
def test_postgresql(before: str, after: str, change: TypeChange) -> None:
    assert dialects.get("postgresql").type_change(parse_type(before), parse_type(after)) is change
