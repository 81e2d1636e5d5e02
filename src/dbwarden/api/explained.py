"""Forecasts of a file's statements and locks, as reports have them."""

from __future__ import annotations

from dataclasses import dataclass

from dbwarden.checks.forecast import Duration as Duration
from dbwarden.checks.forecast import StatementForecast, TableForecast, forecast, held_locks
from dbwarden.checks.rule import Context


@dataclass(frozen=True, slots=True)
class ExplainedStatement:
    """One statement of the upgrade.

    ``blocks`` says who waits meanwhile: nothing, ddl, writers, everybody, unknown. ``work`` is session (a setting), none (the
    catalogue only), reads, builds_index, changes_rows, copies, rewrites or unknown. ``duration`` is an estimated range in
    seconds, ``None`` without the sizes of the tables.
    """

    number: int
    line: int
    sql: str
    action: str
    tables: tuple[TableForecast, ...]
    """Existing tables that it works on, and those whose rows it copies."""
    lock: str
    blocks: str
    work: str
    duration: Duration | None
    transactional: bool
    deletes_data: bool


@dataclass(frozen=True, slots=True)
class ExplainedLock:
    """A table on which others wait from statement ``first`` to the end of statement ``last``."""

    table: str
    lock: str
    blocks: str
    first: int
    last: int
    duration: Duration | None


def forecast_of(context: Context) -> tuple[tuple[ExplainedStatement, ...], tuple[ExplainedLock, ...]]:
    """The statements of a file's upgrade, and the locks that make others wait."""
    statements = forecast(context)
    locks = tuple(
        ExplainedLock(lock.table, lock.lock, lock.blocks.name.lower(), lock.first, lock.last, lock.duration)
        for lock in held_locks(context, statements)
    )
    return tuple(_statement(number, item) for number, item in enumerate(statements, 1)), locks


def _statement(number: int, item: StatementForecast) -> ExplainedStatement:
    return ExplainedStatement(
        number,
        item.line,
        item.sql,
        item.action,
        item.tables,
        item.lock,
        item.blocks.name.lower(),
        item.work.name.lower(),
        item.duration,
        item.transactional,
        item.deletes_data,
    )
