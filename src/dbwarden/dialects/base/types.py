"""Types that engines share, by the names that most of them print. A vendor's table starts from these rows.

The translation of statements between engines uses these names too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dbwarden.core.type_table import DevType, Family, TypeChange, TypeRow, TypeTable
from dbwarden.errors import Unsupported

_KEPT, _LOSSY = TypeChange.KEPT, TypeChange.LOSSY
_ZONED, _ZONED_TIME = "timestamp with time zone", "time with time zone"

STANDARD = TypeTable((
    TypeRow("smallint", Family.WHOLE, ("int2", "smallserial", "serial2", "tinyint"), size=2, dev=DevType("smallint")),
    TypeRow("integer", Family.WHOLE, ("int", "int4", "serial", "serial4", "mediumint"), size=4, dev=DevType("integer")),
    TypeRow("bigint", Family.WHOLE, ("int8", "bigserial", "serial8"), size=8, dev=DevType("bigint")),
    TypeRow(
        "numeric", Family.DECIMAL, ("decimal", "dec"), examples=("1.25", "2.5"), dev=DevType("numeric", with_arguments=True)
    ),
    TypeRow(
        "real", Family.FLOAT, ("float4",), size=24, examples=("0.1", "1234567"), dev=DevType("real")
    ),
    TypeRow(
        "double precision", Family.FLOAT, ("float8", "double", "float"),
        size=53, examples=("0.30000000000000004", "1234567.125"), dev=DevType("double precision"),
    ),
    TypeRow("boolean", Family.BOOLEAN, ("bool",), examples=("true", "false"), dev=DevType("boolean")),
    TypeRow(
        "varchar", Family.TEXT, ("character varying", "char varying", "national character varying", "nvarchar"),
        dev=DevType("varchar", with_arguments=True),
    ),
    TypeRow(
        "char", Family.TEXT, ("character", "nchar", "national character", "bpchar"),
        size=1, dev=DevType("char", with_arguments=True),
    ),
    TypeRow("text", Family.TEXT, ("string", "longtext", "mediumtext", "tinytext", "clob"), dev=DevType("text")),
    TypeRow("bytea", Family.BYTES, ("blob",), examples=(r"\x0041", r"\x42ff"), dev=DevType("blob")),
    TypeRow(
        "date", Family.DATE,
        conversions={"timestamp": _KEPT, _ZONED: _KEPT},
        examples=("2026-03-04", "2026-10-25"), ambiguous=("04/03/2026",), dev=DevType("date"),
    ),
    TypeRow(
        "time", Family.TIME, ("time without time zone",),
        conversions={"interval": _KEPT, _ZONED_TIME: _KEPT}, examples=("22:30:00", "01:15:00"), dev=DevType("time"),
    ),
    TypeRow(
        "time", Family.TIME, ("timetz",),
        modifiers="with time zone", conversions={"time": _LOSSY}, examples=("22:30:00+05", "01:15:00+05"),
        dev=DevType("time", "the offset of a value is not kept"),
    ),
    TypeRow(  # converted to and from a zone without summer time: see ``Dialect.assumed_zone``
        "timestamp", Family.TIMESTAMP, ("timestamp without time zone", "datetime"),
        conversions={"date": _LOSSY, "time": _LOSSY, _ZONED: _KEPT},
        # ``session_variations`` differ by more than half a day, and one of their zones has summer time
        examples=("2026-03-04 03:30:00", "2026-11-01 01:30:00"), ambiguous=("04/03/2026 03:30",), dev=DevType("datetime"),
    ),
    TypeRow(
        "timestamp", Family.TIMESTAMP, ("timestamptz",),
        modifiers="with time zone", conversions={"date": _LOSSY, "time": _LOSSY, "timestamp": _KEPT},
        examples=("2026-03-04 03:30:00+00", "2026-11-01 05:30:00+00", "2026-11-01 06:30:00+00"),
        ambiguous=("04/03/2026 03:30",), dev=DevType("datetime", "the offset of a value is not kept: write UTC"),
    ),
    TypeRow(
        "interval", Family.INTERVAL,
        conversions={"time": _LOSSY}, examples=("1 day -02:03:04", "2 mons"),
        dev=DevType("datetime", "as SQLAlchemy's Interval keeps it there: a moment counted from 1970"),
    ),
    TypeRow(
        "uuid", Family.UUID, examples=tuple(f"0000000a-0000-4000-8000-{number:012}" for number in (1, 2)), dev=DevType("text")
    ),
    # Documents as TEXT: a SQLite column declared JSON has NUMERIC affinity, which rounds a long number.
    TypeRow(
        "json", Family.JSON,
        verbatim=True, conversions={"jsonb": _KEPT},  # but for white space and the order of keys, which mean nothing
        examples=('{"a": 1}', "[2]"), dev=DevType("text"),
    ),
    TypeRow(
        "jsonb", Family.JSON,
        conversions={"json": _KEPT, "hstore": _LOSSY}, examples=('{"a": 1}', "[2]"), dev=DevType("text"),
    ),
    TypeRow("name", Family.TEXT, size=63, dev=DevType("text")),
    TypeRow("citext", Family.TEXT, dev=DevType("text", collation="NOCASE"), extension=True),
    TypeRow("oid", dev=DevType("integer")),
))  # fmt: skip


def standard(name: str, *aliases: str, **differences: Any) -> TypeRow:
    """The shared row ``name`` with a vendor's aliases and other ``differences``."""
    row = STANDARD.get(name)
    assert row is not None, name
    return replace(row, aliases=aliases, **differences)


def unsupported_type(type_: Any, reason: Exception | str, product: str, engine: str) -> Unsupported:
    """The error for a type of the models that an engine does not have, or that SQLAlchemy's compiler for it refuses.

    SQLAlchemy names the compiler by its address in memory, and adds a link.
    """
    text = str(reason).split(" (Background on this error")[0]
    return Unsupported(
        feature=f"the type {type(type_).__name__}",
        dialect=product,
        reason="SQLAlchemy has no SQL for it there" if "can't render element" in text else text,
        hint=f"Give the column a type for {product}: .with_variant(..., '{engine}').",
    )
