"""Data that a migration destroys, with the number of rows."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from dbwarden.core.data_move_placeholder import OPENING
from dbwarden.core.data_moves import DataMove
from dbwarden.core.dialect import SchemaDialect
from dbwarden.core.model import Table
from dbwarden.core.plan import Pair
from dbwarden.core.row_effects import lost_parts

from .dropping import CountRows

_LISTED = 3


@dataclass(frozen=True, slots=True)
class DataLoss:
    """A table or column whose data is lost; ``rows`` of the table are counted up to ``dropping.COUNTED``."""

    object: str
    """``table invoices``, ``column users.phone``, ``column prices.amount (numeric(10,2) becomes integer)``."""
    rows: int | None
    keep_flag: str | None = None
    """Flag that keeps the table."""


def data_losses(both: Pair, dialect: SchemaDialect, count: CountRows) -> tuple[DataLoss, ...]:
    """Data that the upgrade destroys; empty tables are left out."""
    numbers: dict[Table, int | None] = {}
    losses = []
    for part in lost_parts(both.current, both.desired, dialect, both.renames):
        table = both.current.get(part.table) if part.table is not None else None
        if not isinstance(table, Table):
            continue
        if table not in numbers:
            numbers[table] = count(table)
        if numbers[table] != 0:
            keep = f"--keep-table {shlex.quote(part.name)}" if part.kind == "table" else None
            losses.append(DataLoss(f"{part.kind} {part.name}", numbers[table], keep))
    return tuple(losses)


def data_to_move(moves: Iterable[DataMove], candidates: Collection[str] = ()) -> tuple[str, ...]:
    """Note on the marked places for moving data, except for possible renames, which are reported anyway."""
    moves = [move for move in moves if not candidates or not set(candidates).issuperset(_dropped_names(move))]
    if not moves:
        return ()
    listed = "; ".join(move.describe() for move in moves[:_LISTED])
    more = f"; and {len(moves) - _LISTED} more" if len(moves) > _LISTED else ""
    return (
        f"Data can move: {listed}{more}. Write the statement at the places marked `{OPENING}`, between what creates and what"
        " drops, in both directions: as the file is, that data is lost.",
    )


def _dropped_names(move: DataMove) -> Iterator[str]:
    ref = move.source.ref
    path = f"{ref.schema}.{ref.name}" if ref.schema else ref.name
    yield from (f"table {path}",) if move.whole else (f"column {path}.{name}" for name in move.gone)
