"""Forecast of what the statements of a file do to existing tables: locks, work and its duration at the tables' size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from dbwarden.core.ddl.statements import (
    AddColumn,
    AddConstraint,
    ChangeType,
    CreateIndex,
    DropTable,
    Key,
    Set,
    SetNotNull,
    key,
)
from dbwarden.core.dialect import Size
from dbwarden.core.statement import Blocks, Effect
from dbwarden.core.types import Ref

from .rule import AnalyzedStatement, Clause, Context
from .rules.check_before_not_null import unproven_not_null

_MB = 1024 * 1024
_ROW_BYTES = 100
"""Assumed size of a row where the engine reports no sizes."""


class RowWork(IntEnum):
    """Work of a statement on the rows of existing tables, the least first."""

    SESSION = 0
    """It sets something of the session."""
    NONE = 1
    """It changes the catalogue only."""
    READS = 2
    BUILDS_INDEX = 3
    CHANGES_ROWS = 4
    COPIES = 5
    """It copies rows into another table."""
    REWRITES = 6
    UNKNOWN = 7


_RATES = {
    RowWork.READS: (100, 2000),
    RowWork.BUILDS_INDEX: (20, 300),
    RowWork.CHANGES_ROWS: (5, 100),
    RowWork.COPIES: (10, 200),
    RowWork.REWRITES: (10, 200),
}
"""MB per second, slow and fast: network disks of small machines, and local NVMe disks with the table in memory."""


@dataclass(frozen=True, slots=True)
class Duration:
    """Estimated range in seconds."""

    low: float = 0.0
    high: float = 0.0

    def plus(self, other: Duration) -> Duration:
        """The duration of both, one after the other."""
        return Duration(self.low + other.low, self.high + other.high)


@dataclass(frozen=True, slots=True)
class TableForecast:
    """An existing table that a statement works on. ``rows`` and ``bytes`` are ``None`` if the database was not read."""

    table: str
    rows: int | None
    bytes: int | None
    text: str
    """Name with the size in words."""


@dataclass(frozen=True, slots=True)
class StatementForecast:
    """What one statement locks, how much work it is, and for how long."""

    sql: str
    line: int
    action: str
    known: bool
    tables: tuple[TableForecast, ...]
    lock: str
    blocks: Blocks
    work: RowWork
    duration: Duration | None
    """``None`` if the sizes are unknown, or the work is."""
    transactional: bool
    deletes_data: bool


@dataclass(frozen=True, slots=True)
class LockForecast:
    """A table that is locked from one statement until the end of its transaction, or of the statement without one.

    ``first`` and ``last`` are numbers of statements, from 1.
    """

    table: str
    lock: str
    blocks: Blocks
    first: int
    last: int
    duration: Duration | None


def forecast(context: Context) -> tuple[StatementForecast, ...]:
    """Forecast of each statement of the upgrade, in order."""
    proven, origins = _columns_without_null(context), context.origins()
    copied = {succession.origin for succession in context.successions}
    statements = []
    for analyzed in context.upgrade:
        tables = [table for part in analyzed.statement.parts if isinstance(part, DropTable) for table in part.tables]
        replaced = bool(tables) and all(origins.table(table) in copied for table in tables)
        statements.append(_of_statement(context, analyzed, proven, replaced))
        origins.follow(analyzed.statement)
    return tuple(statements)


def held_locks(context: Context, statements: Sequence[StatementForecast]) -> tuple[LockForecast, ...]:
    """Locks that make others wait, by the first statement that takes them; a stronger one replaces a weaker one."""
    locks: list[LockForecast] = []
    for first, last in _transactions(context, statements):
        locked: dict[Key, LockForecast] = {}
        for number in range(first, last + 1):
            statement = statements[number - 1]
            if statement.blocks < Blocks.WRITERS:
                continue
            duration = _sum(item.duration for item in statements[number - 1 : last])
            for table in context.upgrade[number - 1].existing[:1]:
                place = key(table)
                if place not in locked or locked[place].blocks < statement.blocks:
                    name = statement.tables[0].table
                    locked[place] = LockForecast(name, statement.lock, statement.blocks, number, last, duration)
        locks += locked.values()
    return tuple(locks)


def _transactions(context: Context, statements: Sequence[StatementForecast]) -> Iterator[tuple[int, int]]:
    """First and last statement of each transaction; a statement that commits by itself is one of its own."""
    first = 1
    for number, statement in enumerate(statements, 1):
        if not context.transaction or not statement.transactional:
            if first < number:
                yield first, number - 1
            yield number, number
            first = number + 1
    if first <= len(statements):
        yield first, len(statements)


def _of_statement(
    context: Context, analyzed: AnalyzedStatement, proven: frozenset[tuple[Key, str]], replaced: bool
) -> StatementForecast:
    """Forecast of a statement; ``replaced`` says that it drops tables whose rows the file has copied."""
    facts = analyzed.facts
    work = max((_work(context, analyzed, clause, proven) for clause in analyzed.clauses), default=RowWork.NONE)
    tables = tuple(dict.fromkeys((*analyzed.existing, *analyzed.sources)))
    sizes = [context.size(table) for table in tables]
    return StatementForecast(
        analyzed.sql,
        analyzed.line,
        facts.action,
        facts.known,
        tuple(_table(context, table, size) for table, size in zip(tables, sizes, strict=True)),
        facts.lock if analyzed.existing else "",
        facts.blocks if analyzed.existing or not facts.known else Blocks.NOTHING,
        work,
        _duration(work, sizes),
        facts.transactional,
        Effect.DELETES_DATA in facts.effects and not replaced,
    )


def _table(context: Context, table: Ref, size: Size | None) -> TableForecast:
    name = f"{table.schema}.{table.name}" if table.schema else table.name
    rows, volume = (None, None) if size is None else (size.rows, size.bytes)
    return TableForecast(name, rows, volume, context.table_with_size(table))


# -- work ---------------------------------------------------------------------------------------------------------


def _work(context: Context, analyzed: AnalyzedStatement, clause: Clause, proven: frozenset[tuple[Key, str]]) -> RowWork:
    if not clause.facts.known:
        return RowWork.UNKNOWN
    if isinstance(analyzed.statement, Set):
        return RowWork.SESSION
    if analyzed.sources:
        return RowWork.COPIES
    if not analyzed.existing:
        return RowWork.NONE
    effects, action = clause.facts.effects, next(iter(clause.actions), None)
    if Effect.REWRITES in effects and not (
        isinstance(action, ChangeType)
        and not clause.facts.copied_for
        and context.is_free(analyzed, action, action.table)
    ):
        return RowWork.REWRITES
    if Effect.WRITES_ROWS in effects:
        return RowWork.CHANGES_ROWS
    if Effect.SCANS not in effects:
        return RowWork.NONE
    if isinstance(action, SetNotNull) and (key(action.table), action.column) in proven:
        return RowWork.NONE
    if isinstance(action, CreateIndex):
        return RowWork.NONE if action.only else RowWork.BUILDS_INDEX
    if isinstance(action, AddConstraint) and action.constraint.kind in ("primary key", "unique", "exclude", "index"):
        return RowWork.NONE if action.constraint.using_index else RowWork.BUILDS_INDEX
    return RowWork.REWRITES if isinstance(action, AddColumn) and clause.facts.copied_for else RowWork.READS


def _columns_without_null(context: Context) -> frozenset[tuple[Key, str]]:
    """Columns for which SET NOT NULL reads nothing, because a valid check forbids NULL already."""
    if not context.dialect.features.not_valid:
        return frozenset()
    unproven = {(key(action.table), action.column) for _, action in unproven_not_null(context)}
    columns = {
        (key(action.table), action.column)
        for _, clause in context.clauses()
        for action in clause.actions
        if isinstance(action, SetNotNull)
    }
    return frozenset(columns - unproven)


# -- duration -----------------------------------------------------------------------------------------------------


def _duration(work: RowWork, sizes: Sequence[Size | None]) -> Duration | None:
    if work <= RowWork.NONE:
        return Duration()
    if work is RowWork.UNKNOWN or any(size is None for size in sizes):
        return None
    slow, fast = _RATES[work]
    volume = sum(size.bytes or size.rows * _ROW_BYTES for size in sizes if size is not None) / _MB
    return Duration(volume / fast, volume / slow)


def _sum(durations: Iterable[Duration | None]) -> Duration | None:
    total = Duration()
    for duration in durations:
        if duration is None:
            return None
        total = total.plus(duration)
    return total
