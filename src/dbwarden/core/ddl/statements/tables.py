"""Tables and indexes that are created, dropped and renamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from dbwarden.core.types import Ref

from .base import Action, Statement
from .elements import ColumnText, Constraint, Elements

if TYPE_CHECKING:
    from .rows import CopyRows


Key: TypeAlias = tuple[str, str]
"""Schema and name of a table in one letter case."""


def key(table: Ref) -> Key:
    """Key that is equal for all spellings of one table."""
    return (table.schema or "").casefold(), table.name.casefold()


@dataclass(frozen=True)
class CreateTable(Action):
    """CREATE TABLE, with its columns and constraints, or with its query."""

    definition: Callable[[], Elements] = field(default=lambda: ((), ()), compare=False, repr=False)
    """Parses the columns and constraints on demand."""
    if_not_exists: bool = False
    module: str | None = None
    """Module of a virtual table (SQLite)."""
    query: Statement | None = None
    """Query of CREATE TABLE ... AS and SELECT ... INTO."""
    source: Callable[[], CopyRows | None] = field(default=lambda: None, compare=False, repr=False)
    """Determines on demand which rows the query of CREATE TABLE ... AS copies."""
    replaces: bool = False
    """Whether OR REPLACE drops a table of this name first (MariaDB, ClickHouse)."""
    temporary: bool = False
    """Whether only this session sees the table."""
    options: Callable[[], Mapping[str, str]] = field(default=dict, compare=False, repr=False)
    """Parses, on demand, the clauses after the columns (``ENGINE``, ``ORDER BY``), by first words."""
    partition_of: Ref | None = None
    """The table of which it is a partition."""
    foreign: bool = False
    """Whether its rows are on another server (CREATE FOREIGN TABLE)."""

    @property
    def creates(self) -> tuple[Ref, ...]:
        return (self.table,)

    @cached_property
    def _elements(self) -> Elements:
        return self.definition()

    @property
    def columns(self) -> tuple[ColumnText, ...]:
        return self._elements[0]

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        return self._elements[1]

    @property
    def parts(self) -> Iterator[Statement]:
        yield self
        if self.query is not None:
            yield from self.query.parts


@dataclass(frozen=True)
class DropTable(Action):
    """DROP TABLE with one table or several."""

    others: tuple[Ref, ...] = ()
    """The other tables of a list."""
    if_exists: bool = False
    temporary: bool = False
    """Whether the text says TEMPORARY (MySQL)."""
    foreign: bool = False
    """Whether the text says FOREIGN: no rows are dropped."""

    @property
    def tables(self) -> tuple[Ref, ...]:
        return (self.table, *self.others)

    @property
    def drops(self) -> tuple[Ref, ...]:
        return self.tables

    @property
    def actions(self) -> tuple[Action, ...]:
        return tuple(DropTable(table, (), self.if_exists, self.temporary, self.foreign) for table in self.tables)


@dataclass(frozen=True)
class RenameTable(Action):
    """Rename of a table, or its move to another schema."""

    new: Ref
    """New name, or new schema."""

    @property
    def new_name(self) -> Ref | None:
        return self.new


@dataclass(frozen=True)
class RenameTables(Statement):
    """RENAME TABLE with a list of tables (MySQL, ClickHouse)."""

    renames: tuple[RenameTable, ...]

    @property
    def actions(self) -> tuple[Action, ...]:
        return self.renames

    @property
    def renamed(self) -> tuple[tuple[Ref, Ref], ...]:
        """None if two tables exchange their names: what is known of each name stays true of it."""
        return () if self.exchanges else super().renamed

    @property
    def exchanges(self) -> bool:
        """Whether two tables get each other's names (ClickHouse)."""
        return len(self.renames) == 2 and self.renames[0] == RenameTable(self.renames[1].new, self.renames[1].table)


@dataclass(frozen=True)
class CreateIndex(Action):
    """CREATE INDEX."""

    name: str | None = None
    columns: tuple[str, ...] = ()
    """The columns up to the first expression."""
    unique: bool = False
    partial: bool = False
    concurrently: bool = False
    if_not_exists: bool = False
    method: str = ""
    """FULLTEXT or SPATIAL (MySQL)."""
    how: tuple[tuple[str, ...], ...] = ()
    """Clauses on the way it is built, each in upper case: ``("ALGORITHM", "INPLACE")`` (MySQL)."""
    keys: tuple[str, ...] = field(default=(), compare=False)
    """All keys as written, columns and expressions, without their order: ``email``, ``lower(email)``, ``name COLLATE "C"``."""
    where: str = field(default="", compare=False)
    """Predicate of a partial index, as written."""
    nulls_distinct: bool = field(default=True, compare=False)
    """Whether a unique index allows several NULLs (PostgreSQL: not with NULLS NOT DISTINCT)."""
    only: bool = False
    """Whether it is not built on the partitions of the table (PostgreSQL)."""

    @property
    def ref(self) -> Ref | None:
        """The index; ``None`` if the server chooses its name."""
        return Ref("index", self.name, self.table.schema, self.table.name) if self.name else None

    @property
    def creates(self) -> tuple[Ref, ...]:
        return (self.ref,) if self.ref else ()
