"""What headers say about conversions from type to type, measured (``tests/support/headers.py``). Golden cases are measured
where they run, in ``tests/cases``."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.conversions import listed, models
from tests.support.headers import Change, judge
from tests.support.project import Project, metadata_of
from tests.support.renamed import Flags

pytestmark = pytest.mark.acceptance

# As many in a file as its header names losses; together only what takes the same rows.
TYPES = {
    "postgresql": """
        Numeric(10, 2) > Integer          Numeric(10, 0) > BigInteger       Numeric(10, 2) > Numeric(12, 4)
        Numeric(10, 2) > Double           Numeric > Double                  Numeric(10, 2) > pg.MONEY
        Double > REAL                     Double > Numeric                  Double > Numeric(20, 4)

        REAL > Double                     Double > Text                     Integer > REAL
        BigInteger > Double               Integer > Boolean                 Integer > Numeric(12, 2)
        Integer > String(20)              Numeric(10, 4) > pg.MONEY

        SmallInteger > pg.MONEY           pg.MONEY > Numeric(12, 2)         pg.MONEY > Integer
        Boolean > SmallInteger            SmallInteger > Boolean            Boolean > Numeric(12, 2)
        Double > Boolean                  REAL > Text

        ARRAY(Integer) > ARRAY(BigInteger)                                  ARRAY(Numeric(10, 2)) > ARRAY(Integer)
        Integer > ARRAY(Integer)          Integer > ARRAY(Numeric(12, 2))   ARRAY(Integer) > Integer
        Text > ARRAY(Text)                ARRAY(Text) > Text                Text > ARRAY(Integer)

        DateTime(timezone=True) > Date    DateTime > Date                   DateTime > DateTime(timezone=True)
        DateTime(timezone=True) > DateTime                                  DateTime(timezone=True) > Text
        DateTime > pg.TIMESTAMP(precision=3)                                Time > Interval
        DateTime > pg.TIMESTAMP(precision=0,timezone=True)                  Date > DateTime
        Date > DateTime(timezone=True)    Time > Time(timezone=True)

        ARRAY(DateTime) > ARRAY(DateTime(timezone=True))                    Time(timezone=True) > Time
        ARRAY(DateTime(timezone=True)) > ARRAY(DateTime)                    DateTime > ARRAY(DateTime(timezone=True))
        pg.DOMAIN('d',DateTime) > pg.DOMAIN('d',DateTime(timezone=True))    Interval > Text
        pg.DOMAIN('d',Numeric(10, 2)) > Integer
        pg.DOMAIN('d',Numeric(10, 2)) > pg.DOMAIN('d',Integer)

        String(20) > CHAR(20)             String(20) > Integer              Text > Date
        Text > Boolean                    Text > Uuid                       Text > JSON
        Text > pg.JSONB                   JSON > pg.JSONB                   JSON > Text

        Text > LargeBinary                LargeBinary > Text                Text > pg.INET
        Uuid > Text                       pg.INET > pg.CIDR                 pg.CIDR > pg.INET
        pg.BIT(8) > pg.BIT(8,varying=True)

        Text > String(20)                 ARRAY(Text) > ARRAY(String(20))   Text > pg.DOMAIN('d',String(20))
        pg.DOMAIN('d',Text) > String(20)  pg.DOMAIN('d',String(40)) > pg.DOMAIN('d',String(20))

        Text > Enum('a','b',name='letters')
        Enum('a','b',name='letters') > ARRAY(Enum('a','b',name='letters'))
        Enum('a','b',name='letters') > Enum('b','c',name='signs')
    """,
    "sqlite": """
        Numeric(10, 2) > Integer          Integer > Text                    Integer > Float
        BigInteger > Integer              Float > Integer                   Numeric(10, 2) > Text
        Numeric(10, 2) > Float            Text > Integer                    String(20) > String(5)

        String(20) > Date                 DateTime > Text                   DateTime > Date
        Boolean > Integer                 Text > LargeBinary                LargeBinary > Text
        JSON > Text                       Text > JSON

        Float > Text                      Numeric > Text                    Text > Float
    """,
}
FLOATS = "Float > Text"
"""Newer SQLite writes 17 digits of a number and loses nothing. The header holds for all: older ones write 15."""
FILES = [
    pytest.param(listed(part), engine, id=f"{engine}-{number}")
    for engine, text in TYPES.items()
    for number, part in enumerate(text.split("\n\n"), 1)
]


def generated(folder: Path, url: str, conversions: list[str]) -> Change:
    """One file that converts a column for each."""
    before, after = models(conversions)
    project = Project(folder / "project", url)
    project.reach(before)
    project.models(after)
    return Change(metadata_of(before), metadata_of(after), project.generate().text, Flags(""))


def _floats_survive(url: str) -> bool:
    if not url.startswith("sqlite"):
        return False
    with closing(sqlite3.connect(":memory:")) as conn:
        return conn.execute("SELECT CAST(CAST(0.1 + 0.2 AS TEXT) AS REAL) = 0.1 + 0.2").fetchone() == (1,)


@pytest.mark.parametrize(("conversions", "database_url"), FILES, indirect=["database_url"])
def test_headers_of_conversions_are_true(conversions: list[str], database_url: str, tmp_path: Path) -> None:
    cautious = FLOATS in conversions and _floats_survive(database_url)
    judge(generated(tmp_path, database_url, conversions), database_url.partition(":")[0], cautious=cautious)


NO_CAST = """
    Integer > Uuid                    Uuid > Integer                    Date > Integer
    Uuid > LargeBinary                Boolean > pg.BIT(1)               SmallInteger > pg.BIT(8)
    Integer > Enum('a','b',name='letters')                              Enum('a','b',name='letters') > Integer
    pg.JSONB > Integer                JSON > Integer                    pg.DOMAIN('d',Integer) > Boolean
    Integer > ARRAY(Uuid)             ARRAY(Uuid) > Integer             Enum('a','b',name='letters') > Uuid
"""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_types_without_a_cast_between_them_are_converted(database_url: str, tmp_path: Path) -> None:
    assert generated(tmp_path, database_url, listed(NO_CAST)).header.startswith("postgresql")
