"""What the header of a generated file says, measured: schemas by the engines' dumps, rows by the engines' own drivers.

Nothing of the scratch that made the header is used. Rows are written before the upgrade, and looked at after upgrade and
rollback; and written after the upgrade, and looked at after rollback and upgrade. What is not what it was must be named,
and what is named must not be what it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from tests.servers.databases import Databases
from tests.servers.fixtures import need
from tests.support.dump import dump
from tests.support.filling import Column, Columns, Server, Style, lost, serve
from tests.support.project import create_all
from tests.support.renamed import Flags

SEEDS = 8
EMPTY = frozenset(("events", "deleted"))
"""Tables that may keep no row: partitioned ones without partitions, and one whose rows say that they are deleted."""


@dataclass
class Change:
    """A generated file and the models on both of its sides."""

    before: sa.MetaData
    after: sa.MetaData
    text: str
    flags: Flags
    build: Callable[[str], object] | None = None
    """Makes the former schema behind a URL, where SQLAlchemy cannot."""

    def section(self, name: str) -> str:
        section = re.search(rf"^-- {name}\n(.*?)(?=^-- rollback\n|\Z)", self.text, re.MULTILINE | re.DOTALL)
        assert section
        return section[1]

    @property
    def header(self) -> str:
        proof = re.search(r"^-- proven: (.*); digest [0-9a-f]{16}$", self.text, re.MULTILINE)
        assert proof, self.text
        return proof[1]

    def announced(self) -> tuple[set[str], set[str]]:
        """What is named as lost by the upgrade, and by the rollback."""
        there = re.search(r", data lost: (.*?)(?:, data lost on rollback: |$)", self.header)
        back = re.search(r", data lost on rollback: (.*)$", self.header)
        return _names(there[1] if there else ""), _names(back[1] if back else "")

    @property
    def zeros(self) -> set[str]:
        """Columns named for a 0 that gets a number, which no row may have: a foreign key leads to it."""
        return set(re.findall(r"(\w+\.\w+) \(0 becomes a number\)", self.header))

    @property
    def possible(self) -> set[str]:
        """Tables and columns named for a TTL, for rows that an engine merges, for a label of an Enum, or for an array that
        becomes its text: it depends on the rows."""
        return set(re.findall(r"([\w.]+) \((?:TTL |of rows with equal |Enum\d+\(|Array\()", self.header))

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
        tables = dict(zip(map(_plain, former), map(_plain, now), strict=True))
        return tables | dict(self._sequences())

    def _sequences(self) -> Iterator[tuple[str, str]]:
        """Counters under both names: those of sequences that the file renames, or whose schema it renames."""
        for old, new in re.findall(r"\bsequence ([\w.]+):(\w+)", self.text):
            yield f"sequence {old}", f"sequence {new}"
        for old, new in re.findall(r"\bschema (\w+):(\w+)", self.text):
            for sequence in self.before._sequences.values():
                if sequence.schema == old:
                    yield f"sequence {old}.{sequence.name}", f"sequence {new}.{sequence.name}"


def _plain(quoted: str) -> str:
    return quoted.replace('"', "")


def _names(text: str) -> set[str]:
    """``users.phone, prices.amount (numeric(10,2) becomes integer) and sequence numbers``, without the reasons."""
    while (shorter := re.sub(r" ?\([^()]*\)", "", text)) != text:
        text = shorter
    return set(filter(None, re.split(r", | and ", text)))


Dumps = tuple[list[str], list[str]]
"""Of the former schema and of the new one."""


def judge(change: Change, engine: str, *, dumps: Dumps | None = None, cautious: bool = False) -> None:
    """Compare what the header says with what happens. It may say more where it is ``cautious``.

    With ``dumps`` the caller has seen that both directions reach these schemas; otherwise that is looked at here.
    """
    with closing(Databases(need(engine))) as databases:
        base = databases.new()
        (change.build or partial(create_all, change.before))(base)
        done = databases.new(base)
        with closing(serve(base)) as server:
            former = server.columns()
        with closing(serve(done)) as server:
            server.run(change.section("upgrade"))
            now = server.columns()
        there, again = _ways(change, databases, (base, done), (former, now), dumps)
    refused = re.search(r", (upgrade|rollback) only without rows: ", change.header)
    if there is None or again is None:
        assert refused, f"no rows were found that this change takes:\n{change.text}"
    else:
        announced = change.announced()
        least = [set() if cautious else names - change.zeros - change.possible for names in announced]
        measured = (there, again)
        exact = all(low <= lost <= high for low, lost, high in zip(least, measured, announced, strict=True))
        abridged = re.search(r" and \d+ more\b", change.header) is not None
        assert not refused and (exact or abridged), f"measured {there}, {again}; announced {announced}\n{change.text}"


def _ways(
    change: Change, databases: Databases, urls: tuple[str, str], columns: tuple[Columns, Columns], dumps: Dumps | None
) -> tuple[set[str] | None, set[str] | None]:
    """What is lost there and back, and what is lost back and there."""
    (base, done), (former, now) = urls, columns
    schemas = dumps or (dump(base), dump(done))
    sections = change.section("upgrade"), change.section("rollback")
    forth, tables = change.columns, change.tables
    back, names = {new: old for old, new in forth.items()}, {new: old for old, new in tables.items()}
    first = Way(databases, base, now, sections, schemas, forth, tables, exact=dumps is not None)
    there = first.lost()
    second = Way(databases, done, former, sections[::-1], schemas[::-1], back, names, exact=first.exact)
    return there, second.lost()


@dataclass
class Way:
    """From one schema to the other and back and there again."""

    databases: Databases
    start: str
    """A database without rows."""
    target: Columns
    """Those of the other schema."""
    sections: tuple[str, str]
    dumps: Dumps
    columns: dict[tuple[str, str], tuple[str, str]]
    tables: dict[str, str]
    exact: bool
    """Whether the schemas were seen to be those of ``dumps``: once is enough, and pg_dump is what takes the time."""

    def lost(self) -> set[str] | None:
        """What rows lose on the way, at most: with values that are not alike, and where it can be with NULL too. None
        where it takes no rows."""
        items = [item for line in (*self.dumps[0], *self.dumps[1]) for item in line.split(" | ")]
        literals = tuple(sorted(set(re.findall(r"'([\w@%. -]+)'", " ".join(items)))))
        checked = frozenset(re.findall(r"\w+", " ".join(item for item in items if "CHECK" in item).lower()))
        others = self._others()
        for seed in range(SEEDS):
            for nulls in (True, False):  # the row with NULL comes on top: what is lost without it is lost with it
                problems = self._round(Style(others, literals, checked, nulls, seed))
                if problems is not None:
                    return problems
        return None

    def _others(self) -> Columns:
        columns: dict[str, dict[str, Column]] = {}
        for (table, column), (to, name) in self.columns.items():
            if to in self.target:  # not a table over others (ClickHouse)
                columns.setdefault(table, {})[column] = self.target[to][name]
        return columns

    def _round(self, style: Style) -> set[str] | None:
        """None where a statement refused the rows."""
        with self.databases.copy(self.start) as url, closing(serve(url)) as server:
            server.fill(style)
            former = server.contents()
            assert all(rows or name in EMPTY for name, rows in former.items()), former
            if not _accepts(server, self.sections[0]):
                return None
            assert self.exact or dump(url) == self.dumps[1]
            left = server.contents()
            if not _accepts(server, self.sections[1]):
                return None
            assert self.exact or dump(url) == self.dumps[0]
            now = server.contents()
            server.run(self.sections[0])
            assert self.exact or dump(url) == self.dumps[1]
            self.exact = True
        gone = {name for name in former if self.tables.get(name, name) not in left}
        return lost(former, now, gone)


def _accepts(server: Server, section: str) -> bool:
    try:
        server.run(section)
    except server.refused:
        return False
    return True
