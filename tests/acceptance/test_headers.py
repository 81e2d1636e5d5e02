"""What the header of a generated file says, measured: schemas by the engines' dumps, rows by the engines' own drivers.

Nothing of the scratch that made the header is used. Rows are written before the upgrade, and looked at after upgrade and
rollback; and written after the upgrade, and looked at after rollback and upgrade. What is not what it was must be named,
and what is named must not be what it was.
"""

from __future__ import annotations

import re
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.servers.fixtures import need
from tests.support.cases import FOLDER, PAIRS
from tests.support.dump import dump
from tests.support.filling import Column, Columns, Server, Style, lost, serve
from tests.support.project import Project, create_all, metadata_of
from tests.support.renamed import Flags

pytestmark = pytest.mark.acceptance

SEEDS = 8
EMPTY = frozenset(("events",))
"""Tables that take no row: partitioned ones without partitions."""


@dataclass
class Change:
    """A generated file and the models on both of its sides."""

    before: sa.MetaData
    after: sa.MetaData
    text: str
    flags: Flags

    def section(self, name: str) -> str:
        found = re.search(rf"^-- {name}\n(.*?)(?=^-- rollback\n|\Z)", self.text, re.MULTILINE | re.DOTALL)
        assert found
        return found[1]

    @property
    def header(self) -> str:
        found = re.search(r"^-- proven: (.*); digest [0-9a-f]{16}$", self.text, re.MULTILINE)
        assert found, self.text
        return found[1]

    def said(self) -> tuple[set[str], set[str]]:
        """What is named as lost by the upgrade, and by the rollback."""
        there = re.search(r", data lost: (.*?)(?:, data lost on rollback: |$)", self.header)
        back = re.search(r", data lost on rollback: (.*)$", self.header)
        return _names(there[1] if there else ""), _names(back[1] if back else "")

    @property
    def columns(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Table and column of the former models -> of the new ones."""
        former, now = self.flags.common(self.before, self.after)
        pairs = zip(former.items(), now.items(), strict=True)
        return {
            (_plain(table), _plain(column)): (_plain(there), _plain(other))
            for (table, columns), (there, others) in pairs
            for column, other in zip(columns, others, strict=True)
        }

    @property
    def tables(self) -> dict[str, str]:
        former, now = self.flags.common(self.before, self.after)
        return dict(zip(map(_plain, former), map(_plain, now), strict=True))


def _plain(quoted: str) -> str:
    return quoted.replace('"', "")


def _names(text: str) -> set[str]:
    """``users.phone, prices.amount (numeric(10,2) becomes integer) and sequence numbers``, without the reasons."""
    while (shorter := re.sub(r" ?\([^()]*\)", "", text)) != text:
        text = shorter
    return set(filter(None, re.split(r", | and ", text)))


class Databases:
    """Copies of one database that nobody else uses."""

    def __init__(self, folder: Path, engine: str) -> None:
        self.folder, self.engine, self.names = folder, engine, list[str]()

    def new(self, like: str | None = None) -> str:
        name = f"header_{secrets.token_hex(6)}"
        if self.engine == "sqlite":
            if like:
                shutil.copy(like.removeprefix("sqlite:///"), self.folder / name)
            return f"sqlite:///{self.folder / name}"
        server = need(self.engine)
        if like:
            server.create_database(name, like.rpartition("/")[2])
        else:
            server.create_database(name)
        self.names.append(name)
        return server.url(name)

    def close(self) -> None:
        for name in self.names:
            need(self.engine).drop_database(name)


@pytest.fixture
def databases(tmp_path: Path, database_url: str) -> Iterator[Databases]:
    made = Databases(tmp_path, database_url.partition(":")[0])
    yield made
    made.close()


def generated(folder: Path, url: str, before: str, after: str, flags: Flags) -> Change:
    project = Project(folder, url)
    project.models(before)
    former = metadata_of(before)
    if former.tables or former._sequences:
        project.generate("before", proof=False)
        project.migrate()
    project.models(after)
    return Change(former, metadata_of(after), project.generate(options=flags.options).text, flags)


@pytest.mark.parametrize(("case", "database_url"), PAIRS, indirect=["database_url"])
def test_headers_of_golden_cases_are_true(case: str, database_url: str, databases: Databases, tmp_path: Path) -> None:
    folder = FOLDER / case
    flags = Flags((folder / "flags.txt").read_text() if (folder / "flags.txt").exists() else "")
    before, after = ((folder / name).read_text() for name in ("before.py", "after.py"))
    judge(generated(tmp_path / "project", database_url, before, after, flags), databases)


def judge(change: Change, databases: Databases, *, cautious: bool = False) -> None:
    """Compare what the header says with what happens. It may say more where it is ``cautious``."""
    base = databases.new()
    create_all(change.before, base)
    former = dump(base)
    done = databases.new(base)
    _run(done, change.section("upgrade"))
    now = dump(done)
    upgrade, rollback = change.section("upgrade"), change.section("rollback")
    forth, back = change.columns, {new: old for old, new in change.columns.items()}
    tables = change.tables
    first = Way(databases, base, done, (upgrade, rollback), (former, now), forth, tables)
    second = Way(databases, done, base, (rollback, upgrade), (now, former), back, {n: o for o, n in tables.items()})
    there = first.lost()
    second.exact = first.exact
    again = second.lost()
    refused = re.search(r", (upgrade|rollback) only without rows: ", change.header)
    if there is None or again is None:
        assert refused, f"no rows were found that this change takes:\n{change.text}"
    else:
        said = change.said()
        assert not refused and ((there, again) == said or (cautious and there <= said[0] and again <= said[1])), (
            change.text
        )


def _run(url: str, section: str) -> None:
    server = serve(url)
    try:
        server.run(section)
    finally:
        server.close()


@dataclass
class Way:
    """From one schema to the other and back and there again; ``other`` is a database of the other one, without rows."""

    databases: Databases
    start: str
    other: str
    sections: tuple[str, str]
    dumps: tuple[list[str], list[str]]
    columns: dict[tuple[str, str], tuple[str, str]]
    tables: dict[str, str]
    exact: bool = False
    """Whether the schemas were seen to be those of ``dumps``: once is enough, and pg_dump is what takes the time."""

    def lost(self) -> set[str] | None:
        """What rows lose on the way, at most: with values that are not alike, and where it can be with NULL too. None
        where it takes no rows."""
        items = [item for line in (*self.dumps[0], *self.dumps[1]) for item in line.split(" | ")]
        literals = tuple(sorted(set(re.findall(r"'([\w@%. -]+)'", " ".join(items)))))
        checked = frozenset(re.findall(r"\w+", " ".join(item for item in items if "CHECK" in item).lower()))
        others = self._others()
        for seed in range(SEEDS):
            found = self._round(Style(others, literals, checked, False, seed))
            if found is not None:
                return found | (self._round(Style(others, literals, checked, True, seed)) or set())
        return None

    def _others(self) -> Columns:
        server = serve(self.other)
        found: dict[str, dict[str, Column]] = {}
        there = server.columns()
        server.close()
        for (table, column), (to, name) in self.columns.items():
            found.setdefault(table, {})[column] = there[to][name]
        return found

    def _round(self, style: Style) -> set[str] | None:
        """None where a statement refused the rows."""
        url = self.databases.new(self.start)
        server = serve(url)
        try:
            server.fill(style)
            held = server.contents()
            assert all(rows or name in EMPTY for name, rows in held.items()), held
            if not self._accepts(server, self.sections[0]):
                return None
            assert self.exact or dump(url) == self.dumps[1]
            left = server.contents()
            if not self._accepts(server, self.sections[1]):
                return None
            assert self.exact or dump(url) == self.dumps[0]
            now = server.contents()
            server.run(self.sections[0])
            assert self.exact or dump(url) == self.dumps[1]
            self.exact = True
        finally:
            server.close()
        gone = {name for name in held if self.tables.get(name, name) not in left}
        return lost(held, now, gone)

    def _accepts(self, server: Server, section: str) -> bool:
        try:
            server.run(section)
        except server.refused:
            return False
        return True


TYPES = {
    "postgresql": """
        Numeric(10, 2) > Integer          Numeric(10, 0) > BigInteger       Numeric(10, 2) > Numeric(12, 4)
        Numeric(10, 2) > Double           Numeric > Double                  Numeric(10, 2) > pg.MONEY
        Double > REAL                     Double > Numeric                  Double > Numeric(20, 4)
        REAL > Double                     Double > Text                     Integer > REAL
        BigInteger > Double               Integer > Boolean                 Integer > Numeric(12, 2)
        Integer > String(20)              Numeric(10, 4) > pg.MONEY         ARRAY(Integer) > ARRAY(BigInteger)
        ARRAY(Numeric(10, 2)) > ARRAY(Integer)                              ARRAY(Text) > ARRAY(String(20))
        DateTime(timezone=True) > Date    DateTime > Date                   DateTime > DateTime(timezone=True)
        DateTime(timezone=True) > DateTime                                  DateTime(timezone=True) > Text
        DateTime > pg.TIMESTAMP(precision=3)                                Time > Interval
        DateTime > pg.TIMESTAMP(precision=0,timezone=True)                  Date > DateTime
        Date > DateTime(timezone=True)    Time > Time(timezone=True)
        ARRAY(DateTime) > ARRAY(DateTime(timezone=True))                    Time(timezone=True) > Time
        ARRAY(DateTime(timezone=True)) > ARRAY(DateTime)                    DateTime > ARRAY(DateTime(timezone=True))
        pg.DOMAIN('d',DateTime) > pg.DOMAIN('d',DateTime(timezone=True))    Interval > Text
        REAL > Text
        Text > String(20)                 String(20) > CHAR(20)             String(20) > Integer
        Text > Date                       Text > Boolean                    Text > Uuid
        Text > JSON                       Text > pg.JSONB                   JSON > pg.JSONB
        JSON > Text                       Text > ARRAY(Integer)             Text > pg.INET
        Text > LargeBinary                LargeBinary > Text                Text > Enum('a','b',name='letters')
        Uuid > Text                       pg.INET > pg.CIDR                 pg.CIDR > pg.INET
        pg.BIT(8) > pg.BIT(8,varying=True)                                  pg.MONEY > Numeric(12, 2)
        pg.DOMAIN('d',Numeric(10, 2)) > Integer                             Text > pg.DOMAIN('d',String(20))
        pg.DOMAIN('d',Text) > String(20)  pg.DOMAIN('d',String(40)) > pg.DOMAIN('d',String(20))
        pg.DOMAIN('d',Numeric(10, 2)) > pg.DOMAIN('d',Integer)             Boolean > SmallInteger
        SmallInteger > Boolean            Boolean > Numeric(12, 2)          Double > Boolean
        Integer > ARRAY(Integer)          Integer > ARRAY(Numeric(12, 2))   ARRAY(Integer) > Integer
        Text > ARRAY(Text)                ARRAY(Text) > Text                SmallInteger > pg.MONEY
        Enum('a','b',name='letters') > ARRAY(Enum('a','b',name='letters'))  pg.MONEY > Integer
        Enum('a','b',name='letters') > Enum('b','c',name='signs')
    """,
    "sqlite": """
        Numeric(10, 2) > Integer          Integer > Text                    Integer > Float
        BigInteger > Integer              Float > Integer                   Float > Text
        Numeric > Text                    Numeric(10, 2) > Text             Numeric(10, 2) > Float
        Text > Integer                    Text > Float                      String(20) > String(5)
        String(20) > Date                 DateTime > Text                   DateTime > Date
        Boolean > Integer                 Text > LargeBinary                LargeBinary > Text
        JSON > Text                       Text > JSON
    """,
}
FLOATS = {"Float > Text", "Numeric > Text", "Text > Float"}
"""Newer SQLite writes 17 digits of a number and loses nothing. The header holds for all: older ones write 15."""
CONVERSIONS = [
    (pair, engine)
    for engine, text in TYPES.items()
    for line in text.strip().splitlines()
    for pair in re.split(r" {2,}", line.strip())
]
MODELS = """
from sqlalchemy import *
from sqlalchemy.dialects import postgresql as pg

metadata = MetaData()
t = Table("t", metadata, Column("id", Integer, primary_key=True), Column("v", {type}{more}))
"""


def _floats_survive(url: str) -> bool:
    if not url.startswith("sqlite"):
        return False
    with closing(sqlite3.connect(":memory:")) as conn:
        return conn.execute("SELECT CAST(CAST(0.1 + 0.2 AS TEXT) AS REAL) = 0.1 + 0.2").fetchone() == (1,)


@pytest.mark.parametrize(("pair", "database_url"), CONVERSIONS, indirect=["database_url"])
def test_headers_of_conversions_are_true(pair: str, database_url: str, databases: Databases, tmp_path: Path) -> None:
    before, after = (MODELS.format(type=type_, more="") for type_ in pair.split(" > "))
    cautious = pair in FLOATS and _floats_survive(database_url)
    judge(generated(tmp_path / "project", database_url, before, after, Flags("")), databases, cautious=cautious)


NO_CAST = """
    Integer > Uuid                    Uuid > Integer                    Date > Integer
    Uuid > LargeBinary                Boolean > pg.BIT(1)               SmallInteger > pg.BIT(8)
    Integer > Enum('a','b',name='letters')                              Enum('a','b',name='letters') > Integer
    pg.JSONB > Integer                JSON > Integer                    pg.DOMAIN('d',Integer) > Boolean
    Integer > ARRAY(Uuid)             ARRAY(Uuid) > Integer             Enum('a','b',name='letters') > Uuid
"""


@pytest.mark.parametrize("pair", re.split(r"\s{2,}", NO_CAST.strip()))
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_types_without_a_cast_between_them_are_converted(pair: str, database_url: str, tmp_path: Path) -> None:
    before, after = (MODELS.format(type=type_, more="") for type_ in pair.split(" > "))
    assert generated(tmp_path / "project", database_url, before, after, Flags("")).header.startswith("postgresql")
