"""Looks for rows that do not meet the demands of statements, one demand after the other, within limits of size and time.

Only queries are sent, and no setting of the session is changed: a query that takes too long is cancelled from outside.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Timer

from dbwarden.core.ddl.statements import key
from dbwarden.core.dialect import Dialect, Size
from dbwarden.core.model import Schema
from dbwarden.core.row_demands import OffendingRows, PlacedDemand
from dbwarden.core.row_limits import RowLimits
from dbwarden.core.types import Ref
from dbwarden.errors import ConnectionLost, DatabaseError, StatementCancelled, Unsupported

from .connection import DatabaseConnection

SAMPLE = 5
"""Rows that are shown of those that do not meet a demand."""


@dataclass(frozen=True, slots=True)
class JudgedDemand:
    """A demand, and the rows that do not meet it, or why they were not looked for."""

    placed: PlacedDemand
    rows: OffendingRows | None = None
    unjudged: str = ""


def judge_demands(
    conn: DatabaseConnection,
    dialect: Dialect,
    demands: Iterable[PlacedDemand],
    database: tuple[Schema, Mapping[Ref, Size]],
    limits: RowLimits,
) -> Iterator[JudgedDemand]:
    """Judge each demand by the rows as they are. ``database`` is the schema and the sizes of tables. Raises
    ``ConnectionLost``."""
    schema, sizes = database
    by_key = {key(table): size for table, size in sizes.items()}
    end = time.monotonic() + limits.total
    for placed in demands:
        left = min(limits.each, end - time.monotonic())
        reason = (
            placed.unjudged or _too_large(placed, by_key, limits) or ("" if left > 0 else _out_of_time(limits.total))
        )
        yield JudgedDemand(placed, unjudged=reason) if reason else _judge(conn, dialect, placed, schema, left)


def _judge(
    conn: DatabaseConnection, dialect: Dialect, placed: PlacedDemand, schema: Schema, seconds: float
) -> JudgedDemand:
    try:
        with _time_limit(conn, seconds):
            return JudgedDemand(placed, dialect.offending_rows(conn, placed.demand, schema, SAMPLE))
    except ConnectionLost:
        raise
    except StatementCancelled:
        return JudgedDemand(placed, unjudged=_out_of_time(seconds))
    except Unsupported as error:
        return JudgedDemand(placed, unjudged=error.reason)
    except DatabaseError as error:
        return JudgedDemand(placed, unjudged=error.message.partition("\n")[0])


def _too_large(placed: PlacedDemand, sizes: Mapping[tuple[str, str], Size], limits: RowLimits) -> str:
    demand = placed.demand
    size = sizes.get(key(demand.table))
    if size is None or limits.rows is None or limits.bytes is None:
        return ""
    if size.rows < limits.rows and size.bytes <= limits.bytes:
        return ""
    return f"{demand.path} has {'' if size.exact else 'about '}{size.rows:,} rows; --preflight looks at them"


def _out_of_time(seconds: float) -> str:
    return f"the queries took longer than {round(seconds, 1):g} s"


@contextmanager
def _time_limit(conn: DatabaseConnection, seconds: float) -> Iterator[None]:
    """Cancel what ``conn`` executes after some seconds."""
    timer = Timer(seconds, conn.cancel)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
