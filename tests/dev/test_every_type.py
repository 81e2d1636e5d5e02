"""Every type of PostgreSQL: one model file on both engines, rows through the ORM, and every loss by its column."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import dbwarden
from tests.dev import every_type
from tests.dev.every_type import Colour, Every
from tests.dev.one_row import dev_database, expect, losses_of, stored
from tests.dev.project import DevProject
from tests.servers import engine_url

SOURCE = Path(every_type.__file__).read_text()

UTC = dt.UTC
MOMENT = dt.datetime(2024, 2, 29, 12, 30, 1, 250000)
INSTANT = dt.datetime(2024, 2, 29, 12, 30, 1, tzinfo=dt.timezone(dt.timedelta(hours=2)))
DAY, HOUR, SPAN = dt.date(2024, 2, 29), dt.time(23, 59, 1, 250000), dt.timedelta(days=3, seconds=7, microseconds=250000)
ID = uuid.UUID("0191e3a5-7b1c-7e0a-8a52-3f1c9d1b2a44")
BITS = getattr(pg, "BitString", str)
"""SQLAlchemy 2.1 has a type of its own in Python for strings of bits."""

GIVEN: dict[str, Any] = {
    "big_integer": 2**62,
    "small_integer": -3,
    "boolean": False,
    "date": DAY,
    "date_time": MOMENT,
    "date_time_zone": INSTANT,
    "double": 0.1,
    "enum": Colour.RED,
    "enum_text": "b",
    "floating": 0.5,
    "floating_53": 1e300,
    "interval": SPAN,
    "json": {"a": [1, None, {"b": "ü"}]},
    "large_binary": b"\x00\xff",
    "numeric": Decimal("12345678.90"),
    "numeric_wide": Decimal("1234567890.25"),
    "numeric_free": Decimal("1.5"),
    "pickle": {"a": (1, 2)},
    "string": "00042",
    "string_n": "1e3",
    "text": "it's\n",
    "time": HOUR,
    "time_zone": dt.time(23, 59, 1, tzinfo=UTC),
    "unicode": "ünïcödé",
    "unicode_text": "☃",
    "uuid": ID,
    "uuid_text": str(ID),
    "uuid_character": ID,
    "array": [1, None, -3],
    "own": "(1,2)",
    "decorated": "x",
    "sql_bigint": -(2**62),
    "sql_boolean": True,
    "sql_char": "abc",
    "sql_date": DAY,
    "sql_decimal": Decimal("12345.678"),
    "sql_double_precision": 1e-7,
    "sql_float": 0.25,
    "sql_int": 2**31 - 1,
    "sql_integer": 0,
    "sql_json": [],
    "sql_nchar": "äbc",
    "sql_numeric": Decimal("-0.001"),
    "sql_real": 0.5,
    "sql_smallint": 7,
    "sql_text": "",
    "sql_time": HOUR,
    "sql_timestamp": MOMENT,
    "sql_uuid": ID,
    "sql_varchar": "123456789",
    "pg_bit": BITS("1010"),
    "pg_bit_varying": BITS("101"),
    "pg_bytea": b"\\x00",
    "pg_cidr": ipaddress.ip_network("10.1.0.0/16"),
    "pg_citext": "Ann",
    "pg_domain": 5,
    "pg_enum": Colour.GREEN,
    "pg_hstore": {"a": "1", "b c": None, 'd"': "=>"},
    "pg_inet": ipaddress.ip_address("10.0.0.1"),
    "pg_inet_network": ipaddress.ip_interface("2001:db8::1/64"),
    "pg_interval": -SPAN,
    "pg_interval_fields": SPAN,
    "pg_json": 12345678901234567890123,
    "pg_jsonb": {"a": {"b": [True, None]}},
    "pg_jsonpath": '$."a"[0]',
    "pg_macaddr": "08:00:2b:01:02:03",
    "pg_macaddr8": "08:00:2b:01:02:03:04:05",
    "pg_money": "$1,234.50",
    "pg_oid": 4294967295,
    "pg_regclass": "pg_class",
    "pg_regconfig": "english",
    "pg_time": HOUR,
    "pg_timestamp": MOMENT,
    "pg_timestamp_zone": INSTANT,
    "pg_tsquery": "'fat' & 'rat'",
    "pg_tsvector": "'fat':2 'rat':3",
    "pg_uuid": ID,
    "pg_uuid_text": str(ID),
    "int4range": Range(1, 4, bounds="[]"),
    "int8range": Range(None, 2**62),
    "numrange": Range(Decimal("1.5"), Decimal("2.50"), bounds="(]"),
    "daterange": Range(DAY, None, bounds="()"),
    "tsrange": Range(MOMENT, MOMENT + SPAN),
    "tstzrange": Range(INSTANT, None),
    "int4multirange": [Range(1, 3), Range(7, 9)],
    "int8multirange": [],
    "nummultirange": [Range(Decimal("0.1"), Decimal("0.2"), bounds="[]")],
    "datemultirange": [Range(None, DAY)],
    "tsmultirange": [Range(MOMENT, MOMENT + SPAN)],
    "tstzmultirange": [Range(INSTANT, INSTANT + SPAN)],
    "texts": ["a", 'b "c"', "{}", "1", "", None, "null"],
    "matrix": [[1, 2], [3, 4]],
    "tuples": (1, 2),
    "uuids": [ID],
    "dates": [DAY, None],
    "moments": [INSTANT],
    "numbers": [Decimal("1.10"), Decimal("-2")],
    "truths": [True, False, None],
    "blobs": [b"\x00\xff", b""],
    "documents": [{"a": [1]}, [1, 2], "x"],
    "colours": [Colour.GREEN, Colour.RED],
    "spans": [SPAN],
    "addresses": [ipaddress.ip_address("10.0.0.1")],
    "periods": [Range(1, 5)],
}

OTHERWISE = {"time_zone": dt.time(23, 59, 1)}
"""What comes back from the dev database where that is not what went in: the loss was told."""

DEFAULTS = {
    "default_texts": ["a", "b c", "1", None],
    "default_matrix": [[1, 2], [3, 4]],
    "default_truths": [True, False],
    "default_range": Range(1, 5),
    "default_address": ipaddress.ip_address("10.0.0.1"),
}

_TEXT = "values are not checked, and its operators are missing"
_LISTS = "SQLite has no arrays: lists are kept as JSON, elements are not checked"
_ROUNDED = "numbers of more than 15 digits are rounded"
_INSTANT = "the offset of a value is not kept: write UTC"
_SPAN = "as SQLAlchemy's Interval keeps it there: a moment counted from 1970"
LOSSES = {
    **dict.fromkeys(("date_time_zone", "pg_timestamp_zone", "default_moment"), _INSTANT),
    "time_zone": "the offset of a value is not kept",
    **dict.fromkeys(("numeric_wide", "numeric_free"), _ROUNDED),
    **dict.fromkeys(("interval", "pg_interval", "pg_interval_fields"), _SPAN),
    **dict.fromkeys(
        (
            *("own", "pg_bit", "pg_bit_varying", "pg_cidr", "pg_hstore", "pg_inet", "pg_inet_network", "pg_jsonpath"),
            *("pg_macaddr", "pg_macaddr8", "pg_money", "pg_regclass", "pg_regconfig", "pg_tsquery", "pg_tsvector"),
            *("int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange", "default_range"),
            *("int4multirange", "int8multirange", "nummultirange", "datemultirange", "tsmultirange", "tstzmultirange"),
            "default_address",
        ),
        _TEXT,
    ),
    **dict.fromkeys(
        (
            *("array", "texts", "matrix", "tuples", "uuids", "dates", "moments", "numbers", "truths", "blobs"),
            *("documents", "colours", "spans", "addresses", "periods"),
            *("default_texts", "default_matrix", "default_truths"),
        ),
        _LISTS,
    ),
}
"""Column -> why something of it is lost."""

NOT_HERE = {
    *("BLOB", "CLOB", "BINARY", "VARBINARY", "DATETIME", "DOUBLE", "NVARCHAR"),  # PostgreSQL has no such types
    *("NullType", "TypeEngine", "TupleType", "MatchType", "NamedType", "Variant", "_Binary"),  # of no column
    *("AbstractRange", "AbstractSingleRange", "AbstractMultiRange"),
}


def test_no_type_is_forgotten() -> None:
    known = {
        name: type_
        for module in (sa.types, pg)
        for name, type_ in vars(module).items()
        if isinstance(type_, type) and issubclass(type_, sa.types.TypeEngine) and name not in NOT_HERE
    }
    used = [type(column.type) for column in Every.__table__.columns]
    assert {name for name, type_ in known.items() if not any(issubclass(one, type_) for one in used)} == set()
    assert set(GIVEN) | set(DEFAULTS) | {"id", "default_moment", "default_uuid"} == {
        column.key for column in Every.__table__.columns
    }


@pytest.fixture
def project(tmp_path: Path) -> DevProject:
    project = DevProject(tmp_path)
    project.models(SOURCE)
    return project


@pytest.fixture
def dev_engine(project: DevProject) -> sa.Engine:
    return dev_database(project, every_type.metadata)


@pytest.fixture
def production(postgresql_url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(engine_url(postgresql_url), poolclass=sa.NullPool)
    dbwarden.use_dev_database(engine, every_type.metadata)
    with engine.begin() as conn:
        for extension in ("hstore", "citext"):
            conn.exec_driver_sql(f"CREATE EXTENSION {extension}")
    yield engine
    engine.dispose()


@pytest.mark.filterwarnings("ignore:Dialect sqlite.pysqlite does .not. support Decimal:sqlalchemy.exc.SAWarning")
def test_rows_on_the_dev_database(dev_engine: sa.Engine) -> None:
    row = stored(dev_engine, Every, GIVEN)
    expect(row, {**GIVEN, **OTHERWISE, **DEFAULTS})
    assert row["default_uuid"].version == 4
    assert abs(row["default_moment"] - dt.datetime.now(UTC)) < dt.timedelta(minutes=5)


@pytest.mark.filterwarnings(
    "ignore:Type object .* does not refer to an OperatorClass:sqlalchemy.exc.SADeprecationWarning"
)
def test_values_find_their_row(dev_engine: sa.Engine) -> None:
    names = [name for name in GIVEN if not isinstance(GIVEN[name], dict) and "json" not in name]
    with Session(dev_engine) as session:
        session.add(Every(**GIVEN))
        session.commit()
        row = {
            name
            for name in names
            if session.scalar(sa.select(Every.id).where(getattr(Every, name) == GIVEN[name])) == 1
        }
    assert set(names) - row == set()


def test_the_same_file_and_the_same_row_on_postgresql(
    dev_engine: sa.Engine, project: DevProject, production: sa.Engine, postgresql_url: str
) -> None:
    project.configure("models_1.py", postgresql_url)
    assert [run.key for run in project.migrate(dev=False).migrations] == ["0001"]
    expect(stored(production, Every, GIVEN), {**GIVEN, **DEFAULTS})


def test_strict_lists_every_loss(project: DevProject) -> None:
    losses = losses_of(project, "all.every")
    assert losses.pop("all.every") == "SQLite has no schemas"
    assert losses == LOSSES


UNIQUE = """
from sqlalchemy import *
from sqlalchemy.dialects.postgresql import *
metadata = MetaData()
Table("u", metadata, Column("id", Integer, primary_key=True), Column("tags", ARRAY(Text), unique=True,
      server_default="{a,b}"), Column("span", INT4RANGE, unique=True), Column("ip", INET, unique=True),
      Column("at", DateTime(timezone=True), unique=True), Column("nums", NUMRANGE, unique=True),
      Column("parts", INT4MULTIRANGE, unique=True))
"""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"tags": ["x"]}, {"tags": ["x"]}),
        ({}, {"tags": ["a", "b"]}),
        ({"span": Range(1, 4, bounds="[]")}, {"span": Range(1, 5)}),
        ({"span": Range(3, 3)}, {"span": Range(empty=True)}),
        ({"nums": Range(Decimal("1.0"), Decimal("2.50"))}, {"nums": Range(Decimal(1), Decimal("2.5"))}),
        ({"ip": "10.0.0.1"}, {"ip": ipaddress.ip_address("10.0.0.1")}),
        ({"at": INSTANT}, {"at": INSTANT.astimezone(UTC)}),
        ({"parts": [Range(1, 3), Range(3, 5)]}, {"parts": [Range(1, 5)]}),
        ({"parts": [Range(7, 9), Range(None, 2)]}, {"parts": [Range(None, 2), Range(7, 9)]}),
    ],
    ids=["list", "default", "range", "empty", "decimals", "address", "moment", "adjacent", "order"],
)
def test_equal_values_are_not_unique(first: dict[str, Any], second: dict[str, Any], tmp_path: Path) -> None:
    project = DevProject(tmp_path)
    project.models(UNIQUE)
    project.generate()
    project.migrate()
    engine = sa.create_engine(project.dev_url, poolclass=sa.NullPool)
    dbwarden.use_dev_database(engine)
    namespace: dict[str, Any] = {}
    exec(UNIQUE, namespace)
    table = namespace["metadata"].tables["u"]
    with engine.begin() as conn:
        conn.execute(table.insert().values(**first))
        with pytest.raises(IntegrityError):
            conn.execute(table.insert().values(**second))


def test_lists_are_json(dev_engine: sa.Engine) -> None:
    stored(dev_engine, Every, GIVEN)
    with dev_engine.connect() as conn:
        row = conn.exec_driver_sql("SELECT texts, default_texts, matrix, truths FROM all__every").one()
    assert [json.loads(text) for text in row] == [
        GIVEN["texts"],
        DEFAULTS["default_texts"],
        GIVEN["matrix"],
        GIVEN["truths"],
    ]
