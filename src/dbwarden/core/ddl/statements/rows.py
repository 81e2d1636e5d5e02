"""Statements on rows, and statements around other statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from dbwarden.core.types import Ref

from .base import Action, Statement


class SelectItem(NamedTuple):
    """An item of a SELECT list: the column and its ``label``; ``column`` is empty for an expression."""

    column: str
    label: str
    converted: bool = False
    """Whether ``coalesce`` or ``CAST`` may change the column's value."""


@dataclass(frozen=True)
class CopyRows(Action):
    """``INSERT INTO table (columns) SELECT ... FROM source``."""

    source: Ref
    columns: tuple[str, ...] = ()
    whole: bool = True
    """Whether all rows are copied: no WHERE, JOIN, LIMIT, OR IGNORE, ..."""
    passed: tuple[SelectItem, ...] = ()
    """Items of the SELECT list, in order."""

    def targets(self) -> Iterator[tuple[str, str]]:
        """Pairs of a target column and the source column whose values it gets."""
        for at, (column, label, _) in enumerate(self.passed):
            if column:
                yield (self.columns[at] if at < len(self.columns) else label), column


@dataclass(frozen=True)
class Insert(Statement):
    """INSERT, REPLACE; ``source`` is the first table of its SELECT."""

    table: Ref
    columns: tuple[str, ...] = ()
    source: Ref | None = None
    whole: bool = False
    """Whether all rows of ``source`` are inserted."""
    passed: tuple[SelectItem, ...] = ()
    """Items of the SELECT list."""
    others: tuple[Statement, ...] = ()
    """The data-modifying statements inside."""

    @property
    def actions(self) -> tuple[Action, ...]:
        if self.source is None:
            return ()
        return (CopyRows(self.table, self.source, self.columns, self.whole, self.passed),)

    @property
    def parts(self) -> Iterator[Statement]:
        yield self
        for statement in self.others:
            yield from statement.parts


@dataclass(frozen=True)
class Update(Statement):
    """UPDATE."""

    table: Ref
    where: bool = False
    """Whether a condition restricts the rows: ``WHERE true`` does not."""
    columns: tuple[str, ...] = ()
    """Columns that are set."""


@dataclass(frozen=True)
class Delete(Statement):
    """DELETE."""

    table: Ref
    where: bool = False


@dataclass(frozen=True)
class Merge(Statement):
    """MERGE; ``where`` is false if one of its branches applies to all rows."""

    table: Ref
    deletes: bool = False
    where: bool = True


@dataclass(frozen=True)
class Truncate(Statement):
    """TRUNCATE of one table or several."""

    tables: tuple[Ref, ...]


@dataclass(frozen=True)
class Copy(Statement):
    """COPY; ``place`` is STDIN, STDOUT, FILE or PROGRAM."""

    table: Ref | None
    into: bool
    place: str
    query: Statement | None = None

    @property
    def parts(self) -> Iterator[Statement]:
        yield self
        if self.query is not None:
            yield from self.query.parts


@dataclass(frozen=True)
class Select(Statement):
    """SELECT, VALUES, TABLE."""


@dataclass(frozen=True)
class With(Statement):
    """WITH: the statements in parentheses and, last, the main one."""

    statements: tuple[Statement, ...]

    @property
    def parts(self) -> Iterator[Statement]:
        for statement in self.statements:
            yield from statement.parts


@dataclass(frozen=True)
class Explain(Statement):
    """EXPLAIN, which runs the statement with ``analyze``."""

    statement: Statement
    analyze: bool = False

    @property
    def parts(self) -> Iterator[Statement]:
        if self.analyze:
            yield from self.statement.parts
        else:
            yield self


@dataclass(frozen=True)
class Prepare(Statement):
    """PREPARE and DECLARE: the statement runs later."""

    statement: Statement

    @property
    def parts(self) -> Iterator[Statement]:
        yield from self.statement.parts
