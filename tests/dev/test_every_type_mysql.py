"""Every type of MySQL and MariaDB: one model file on the server and on SQLite, rows through the ORM, and every loss."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Session

import dbwarden
from tests.dev import every_type_mysql
from tests.dev.every_type_mysql import Colour, Every
from tests.dev.one_row import dev_database, expect, losses_of, stored
from tests.dev.project import DevProject, nowhere
from tests.servers import engine_url

SOURCE = Path(every_type_mysql.__file__).read_text()
FLAVOURS = ("mysql", "mariadb")

MOMENT = dt.datetime(2024, 2, 29, 12, 30, 1, 250000)
DAY, HOUR, SPAN = dt.date(2024, 2, 29), dt.time(23, 59, 1), dt.timedelta(days=3, seconds=7)
ID = uuid.UUID("0191e3a5-7b1c-7e0a-8a52-3f1c9d1b2a44")

GIVEN: dict[str, Any] = {
    "big_integer": 2**62,
    "small_integer": -3,
    "boolean": False,
    "date": DAY,
    "date_time": MOMENT.replace(microsecond=0),
    "double": 0.1,
    "enum": Colour.RED,
    "enum_text": "b",
    "floating": 0.5,
    "interval": SPAN,
    "json": {"a": [1, None, {"b": "ü"}]},
    "large_binary": b"\x00\xff",
    "numeric": Decimal("12345678.90"),
    "numeric_wide": Decimal("1234567890.25"),
    "pickle": {"a": (1, 2)},
    "string_n": "1e3",
    "text": "it's\n",
    "time": HOUR,
    "unicode": "ünïcödé",
    "unicode_text": "☃",
    "uuid": ID,
    "uuid_text": str(ID),
    "my_bit": 0b10000001,
    "my_tinyint": -128,
    "my_tinyint_unsigned": 255,
    "my_mediumint": -8388608,
    "my_integer": 4294967295,
    "my_zerofill": 42,
    "my_bigint": 2**63 - 1,
    "my_decimal": Decimal("12345.678"),
    "my_double": 1e-7,
    "my_float": 0.25,
    "my_char": "abc",
    "my_varchar": "äé",
    "my_tinytext": "00042",
    "my_mediumtext": "",
    "my_longtext": "a\\b",
    "my_binary": b"abc",
    "my_varbinary": b"\x00",
    "my_tinyblob": b"",
    "my_mediumblob": b"x",
    "my_longblob": b"\\",
    "my_enum": "a\\b",
    "my_set": {"x", "z"},
    "my_json": [1, {"a": None}],
    "my_year": 2026,
    "my_time": dt.time(1, 2, 3, 250000),
    "my_datetime": MOMENT,
    "my_timestamp": MOMENT,
}
DEFAULTS = {
    "default_enum": "it's",
    "default_bit": 0b101,
    "default_text": "a\\b'c",
    "default_number": 7,
    "default_document": [1, 2],
    "computed": "ABC-4294967295",
}
LOSSES = {
    "numeric_wide": "numbers of more than 15 digits are rounded",
    "my_bigint": "numbers above 9223372036854775807 are not stored exactly",
    "my_set": "the list of values is not checked",
    "changed": "SQLite sets no column when a row changes: give the column an `onupdate` in the model",
}
"""Column -> why something of it is lost."""
NOT_HERE = {"VARCHAR2", "NVARCHAR", "NCHAR", "INET4", "INET6"}
"""Types that one of the servers lacks, or other spellings of a type."""


def test_no_type_is_forgotten() -> None:
    names = set(mysql.__all__) - NOT_HERE - {"dialect", "insert", "Insert", "match", "limit"}
    types = {name: getattr(mysql, name) for name in names if isinstance(getattr(mysql, name), type)}
    used = [type(column.type) for column in Every.__table__.columns]
    missing = {
        name
        for name, type_ in types.items()
        if issubclass(type_, sa.types.TypeEngine)
        and not any(issubclass(one, type_) or one.__visit_name__ == type_.__visit_name__ for one in used)
    }
    assert missing <= {"DATE", "TEXT", "BLOB", "BOOLEAN", "NUMERIC", "SMALLINT", "REAL"}  # those have generic ones
    assert set(GIVEN) | set(DEFAULTS) | {"id", "default_moment", "default_uuid", "changed"} == {
        column.key for column in Every.__table__.columns
    }


@pytest.fixture(params=FLAVOURS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> DevProject:
    project = DevProject(tmp_path, nowhere(request.param))
    project.models(SOURCE)
    return project


@pytest.fixture
def dev_engine(project: DevProject) -> sa.Engine:
    return dev_database(project, every_type_mysql.metadata)


@pytest.mark.filterwarnings("ignore:Dialect sqlite.pysqlite does .not. support Decimal:sqlalchemy.exc.SAWarning")
def test_rows_on_the_dev_database(dev_engine: sa.Engine) -> None:
    row = stored(dev_engine, Every, GIVEN)
    expect(row, {**GIVEN, **DEFAULTS})
    assert uuid.UUID(row["default_uuid"]).version == 4 and len(row["default_uuid"]) == 36
    moments = row["default_moment"], row["changed"]
    assert all(
        abs(moment - dt.datetime.now(dt.UTC).replace(tzinfo=None)) < dt.timedelta(minutes=5) for moment in moments
    )


def test_texts_are_compared_as_in_production(dev_engine: sa.Engine) -> None:
    """Without regard to case, but for the collations that end in ``_bin``."""
    with Session(dev_engine) as session:
        session.add(Every(**{**GIVEN, "my_longtext": "abc"}))
        session.commit()
        columns = {name: Every.__table__.c[name] for name in ("my_char", "my_longtext")}
        matching = {
            name for name, column in columns.items() if session.scalar(sa.select(Every.id).where(column == "ABC"))
        }
    assert matching == {"my_char"}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_same_file_and_the_same_row_on_the_server(
    flavour: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue(f"{flavour}_url")
    project = DevProject(tmp_path, url)
    project.models(SOURCE)
    project.generate()
    assert [run.key for run in project.migrate(dev=False).migrations] == ["0001"]
    assert project.generate("none", dev=False).empty
    engine = sa.create_engine(engine_url(url), poolclass=sa.NullPool)
    dbwarden.use_dev_database(engine, every_type_mysql.metadata)
    expect(stored(engine, Every, GIVEN), {**GIVEN, **DEFAULTS})


def test_strict_lists_every_loss(project: DevProject) -> None:
    assert losses_of(project, "every") == LOSSES
