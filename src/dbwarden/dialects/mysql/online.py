"""The cheapest ALGORITHM and LOCK that the server guarantees for each clause of ALTER TABLE.

A statement that says them is refused at once where the server cannot keep them, instead of copying the table silently.
Measured on MySQL 9.7 and MariaDB 10.11 and 11.8; for MySQL 8.0 the manual, "Online DDL Operations".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from dbwarden.core.dialect import Server
from dbwarden.core.model import ForeignKey, Index, PrimaryKey, Schema, Table
from dbwarden.core.types import Ref

from .key_lengths import keys_of

Schemas = tuple[Schema, Schema]


class Work(Enum):
    """What the server has to do for a clause."""

    CATALOGUE = "changes the catalogue"
    """A default, a comment of a column, values appended to an enum, a dropped check, a renamed column."""
    DEFINITION = "changes the definition of an index or table"
    """A renamed index, a comment of the table, a hidden index, a dropped foreign key."""
    COLUMN = "adds or drops a column"
    VIRTUAL = "adds or drops a virtual column"
    VIRTUAL_BEFORE = "drops a virtual column before another one"
    WIDEN = "allows longer values"
    COLLATE = "changes a collation without an index"
    INDEX = "builds or drops an index"
    FUNCTIONAL = "drops an index on an expression"
    FUNCTIONAL_INDEX = "builds an index on an expression"
    SPECIAL_INDEX = "builds a fulltext or spatial index"
    NUMBER = "numbers the rows"
    REBUILD = "rebuilds the table"
    WIDEN_LENGTH = "allows longer values, whose length needs another byte"
    COPY = "copies the table"
    UNKNOWN = "depends on the server"
    """Whatever the server needs; the statement leaves the choice to it."""


@dataclass(frozen=True, slots=True)
class AlterClause:
    """A clause of ALTER TABLE, and what it costs."""

    text: str
    work: Work = Work.UNKNOWN


INSTANT = "ALGORITHM=INSTANT"
INSTANT_APART = "ALGORITHM=INSTANT, LOCK=DEFAULT"
"""The same in other words, so that these are not joined with other clauses: the server refuses the combination."""
INSTANT_VIRTUAL = "LOCK=DEFAULT, ALGORITHM=INSTANT"
"""The same for virtual columns, which MariaDB does not add or drop together with others (error 1846)."""
_APART = (INSTANT_APART, INSTANT_VIRTUAL)
_NOCOPY = "ALGORITHM=NOCOPY, LOCK=NONE"
_ONLINE = "ALGORITHM=INPLACE, LOCK=NONE"
ONLINE_APART = "LOCK=NONE, ALGORITHM=INPLACE"
"""In other words where MySQL refuses the combination with the building of an index (error 1846)."""
_SHARED = "ALGORITHM=INPLACE, LOCK=SHARED"
_SHARED_APART = "LOCK=SHARED, ALGORITHM=INPLACE"
_COPY_ONLINE = "ALGORITHM=COPY, LOCK=NONE"
_COPY = "ALGORITHM=COPY, LOCK=SHARED"
_FROM_CHEAP_TO_DEAR = (INSTANT, *_APART, _NOCOPY, _ONLINE, ONLINE_APART, _SHARED, _SHARED_APART, _COPY_ONLINE, _COPY)

_MYSQL = {
    Work.CATALOGUE: INSTANT,
    Work.DEFINITION: _ONLINE,
    Work.COLUMN: INSTANT,
    Work.VIRTUAL: INSTANT_APART,
    Work.VIRTUAL_BEFORE: ONLINE_APART,
    Work.WIDEN: _ONLINE,
    Work.COLLATE: ONLINE_APART,
    Work.INDEX: _ONLINE,
    Work.FUNCTIONAL: ONLINE_APART,
    Work.FUNCTIONAL_INDEX: _SHARED_APART,
    Work.SPECIAL_INDEX: _SHARED,
    Work.NUMBER: _SHARED,
    Work.REBUILD: _ONLINE,
    Work.COPY: _COPY,
}
_MARIADB = {
    Work.CATALOGUE: INSTANT,
    Work.DEFINITION: INSTANT,
    Work.COLUMN: INSTANT,
    Work.VIRTUAL: INSTANT_VIRTUAL,
    Work.VIRTUAL_BEFORE: INSTANT_VIRTUAL,
    Work.WIDEN: INSTANT,
    Work.COLLATE: INSTANT,
    Work.INDEX: _NOCOPY,
    Work.FUNCTIONAL: _NOCOPY,
    Work.FUNCTIONAL_INDEX: _SHARED,
    Work.SPECIAL_INDEX: _SHARED,
    Work.NUMBER: _SHARED,
    Work.REBUILD: _ONLINE,
    Work.COPY: _COPY,
}
INSTANT_COLUMNS = (8, 0, 29)
"""Version of MySQL from which columns are added at any place, and dropped, without a rebuild."""
_COPY_WITHOUT_LOCK = (11, 2)
"""Version of MariaDB from which ALGORITHM=COPY lets writers go on, if ``_Traits.locking_copy`` does not hold."""

_FUNCTIONAL = frozenset((Work.FUNCTIONAL, Work.FUNCTIONAL_INDEX))


def guarantee(clauses: Sequence[AlterClause], table: Ref, schemas: Schemas, server: Server) -> str:
    """``ALGORITHM=..., LOCK=...`` for one ALTER TABLE with these clauses; empty if the server had better choose."""
    before = schemas[0].get(table)
    if not isinstance(before, Table):
        return ""  # a new table has no rows
    engine = before.options.get("engine")
    if engine is not None and engine.lower() != "innodb":
        return ""
    traits = _traits(before, schemas, server)
    algorithms = [traits.algorithm(clause.work) for clause in clauses]
    if any(algorithm in _APART for algorithm in algorithms) and len(set(algorithms)) > 1:
        return ""
    if any(algorithm is None for algorithm in algorithms):
        return ""
    works = {clause.work for clause in clauses}
    if Work.VIRTUAL_BEFORE in works and len(works) > 1:
        return ""
    if not traits.mariadb and works >= {Work.COLLATE, Work.INDEX}:
        return ""  # refused in place (error 1846) if the new index covers that column
    if not traits.mariadb and traits.fulltext and works >= {Work.WIDEN, Work.INDEX}:
        return _SHARED  # the FULLTEXT index over the column is built anew
    if works >= _FUNCTIONAL or (works & _FUNCTIONAL and traits.partitioned):
        return _COPY  # virtual columns go and come: refused in place (error 1846)
    if works & _FUNCTIONAL and len(works) > 1 and not works <= {Work.FUNCTIONAL_INDEX, Work.INDEX}:
        return ""
    hashed = [bool(keys_of(table, schema).hashed) for schema in schemas] if traits.mariadb else []
    if any(hashed):  # the server makes the hidden column anew with each change, which only a copy can
        return traits.algorithm(Work.COPY) or "" if hashed[1] else ""
    return max((text for text in algorithms if text is not None), key=_FROM_CHEAP_TO_DEAR.index, default="")


def _traits(before: Table, schemas: Schemas, server: Server) -> _Traits:
    """The traits of a table that exists, with what an earlier statement may have added."""
    traits, after = _Traits.of(before, schemas[0], server), schemas[1].get(before.ref)
    locking = _numbers_rows(before, after) or any(_changes_rows_by_key(before.ref, schema) for schema in schemas)
    added = isinstance(after, Table) and bool(_computed(after))
    searched = any(isinstance(item, Index) and item.method == "fulltext" for item in schemas[1].members(before.ref))
    parted = isinstance(after, Table) and "partition_by" in dict(after.options)
    compressed = isinstance(after, Table) and _compressed(after)
    return replace(
        traits,
        locking_copy=traits.locking_copy or locking,
        compressed=traits.compressed or compressed,
        generated=traits.generated or added,
        partitioned=traits.partitioned or parted,
        fulltext_added=searched and not traits.fulltext,
    )


@dataclass(frozen=True, slots=True)
class _Traits:
    """Properties of a table that decide how the server changes it."""

    mariadb: bool
    version: tuple[int, ...]
    fulltext: bool
    spatial: bool
    compressed: bool
    indexed_virtual: bool
    """Whether an index covers a virtual column."""
    generated: bool
    functional: bool
    partitioned: bool
    keyless: bool
    """Whether there is no primary key, so that a unique index may be what orders the rows."""
    locking_copy: bool = False
    """Whether MariaDB refuses LOCK=NONE with ALGORITHM=COPY: rows would change without being logged (1846)."""
    fulltext_added: bool = False
    """Whether the first FULLTEXT index comes, or comes back. It may stand before the other changes. MySQL leaves the hidden column
    of one that was dropped, beside which it refuses ALGORITHM=INSTANT (1846) and of which its catalogue says nothing."""

    @classmethod
    def of(cls, table: Table, schema: Schema, server: Server) -> _Traits:
        indexes = [item for item in schema.members(table.ref) if isinstance(item, Index)]
        computed = _computed(table)
        virtual = {name for name in computed if not _stored(table, name)}
        return cls(
            mariadb=server.flavour == "mariadb",
            version=server.version,
            fulltext=any(index.method == "fulltext" for index in indexes),
            spatial=any(index.method == "spatial" for index in indexes),
            compressed=_compressed(table),
            indexed_virtual=any(not virtual.isdisjoint(_columns(index)) for index in indexes),
            generated=bool(computed),
            functional=any(element.expression is not None for index in indexes for element in index.elements),
            partitioned="partition_by" in dict(table.options),
            keyless=not any(isinstance(item, PrimaryKey) for item in schema.members(table.ref)),
        )

    def algorithm(self, work: Work) -> str | None:
        """The guarantee for a clause; ``None`` if it depends on more than is known here."""
        work = self._work(work)
        if work is Work.UNKNOWN:
            return None
        if work is Work.REBUILD:
            return self._rebuild()
        if work is Work.COLUMN and self.mariadb and self.generated:
            return INSTANT_APART
        if work is Work.WIDEN and self.fulltext and not self.mariadb:
            return ONLINE_APART  # the FULLTEXT index over the column would be built anew
        guarantee = (_MARIADB if self.mariadb else _MYSQL)[work]
        if guarantee == _COPY and self.mariadb and self.version >= _COPY_WITHOUT_LOCK and not self.locking_copy:
            return _COPY_ONLINE
        return guarantee

    def _work(self, work: Work) -> Work:
        old = not self.mariadb and bool(self.version) and self.version < INSTANT_COLUMNS
        if work is Work.COLUMN and (self.fulltext or self.compressed or old):
            return Work.UNKNOWN if self.mariadb and (self.indexed_virtual or self.generated) else Work.REBUILD
        if self.fulltext_added and (work is Work.COLUMN or (work is Work.REBUILD and not self.mariadb)):
            return Work.UNKNOWN
        if work is Work.COLUMN and self.mariadb and (self.indexed_virtual or (self.generated and self.partitioned)):
            return Work.UNKNOWN
        if work in (Work.VIRTUAL, Work.VIRTUAL_BEFORE) and (
            self.functional or self.indexed_virtual or (self.mariadb and self.partitioned)
        ):
            return Work.UNKNOWN
        if work in (Work.REBUILD, Work.INDEX) and self.keyless:
            return Work.UNKNOWN
        if work in (Work.REBUILD, Work.NUMBER) and self.mariadb and self.generated:
            return Work.UNKNOWN
        return work

    def _rebuild(self) -> str:
        if self.fulltext or self.fulltext_added:
            return _SHARED if self.mariadb else _COPY
        return _SHARED if self.spatial else _ONLINE


def _changes_rows_by_key(ref: Ref, schema: Schema) -> bool:
    """Whether a foreign key changes or deletes rows of the table when the referenced row changes."""
    return any(
        isinstance(item, ForeignKey) and not {item.on_update, item.on_delete} <= {None, "restrict"}
        for item in schema.members(ref)
    )


def _numbers_rows(before: Table, after: object) -> bool:
    """Whether a column becomes AUTO_INCREMENT."""
    numbered = {name for name, column in before.columns.items() if column.identity is not None}
    return isinstance(after, Table) and any(
        column.identity is not None and name not in numbered for name, column in after.columns.items()
    )


def _compressed(table: Table) -> bool:
    """Whether its rows are compressed, so that no column comes or goes without a rebuild."""
    return (table.options.get("row_format") or "").lower() == "compressed" or table.options.get(
        "key_block_size"
    ) is not None


def _computed(table: Table) -> set[str]:
    return {name for name, column in table.columns.items() if column.computed is not None}


def _stored(table: Table, name: str) -> bool:
    computed = table.columns[name].computed
    return computed is not None and bool(computed.stored)


def _columns(index: Index) -> Iterable[str]:
    return (element.column for element in index.elements if element.column is not None)
