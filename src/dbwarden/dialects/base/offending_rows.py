"""Queries for the rows that do not meet a demand: NOT NULL, UNIQUE, PRIMARY KEY, CHECK, FOREIGN KEY, a new type.

A vendor says which values a new type does not take (``RowQueries.misfit``), and overrides where its engine differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dbwarden.core.dialect import Connection
from dbwarden.core.model import Column, PrimaryKey, Schema, Table
from dbwarden.core.row_demands import DemandKind, OffendingRows, RowDemand
from dbwarden.core.sqltext import fold_case
from dbwarden.core.types import DataType, Ref
from dbwarden.errors import Unsupported

from .renderer import Renderer

_COPIES = "dbwarden_copies"
_PARENT = "dbwarden_parent"
_SHOWN_COLUMNS = 4
"""Columns of a row that has no key, if the demand names none."""


@dataclass(frozen=True)
class Selection:
    """Rows as SQL: the columns to show, FROM, WHERE and ORDER BY."""

    columns: tuple[str, ...]
    source: str
    condition: str
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowQueries:
    """Queries for one engine."""

    render: Renderer

    def offending_rows(self, conn: Connection, demand: RowDemand, schema: Schema, limit: int) -> OffendingRows | None:
        """Rows that do not meet ``demand`` (``Dialect.offending_rows``)."""
        if demand.kind is DemandKind.TYPE:
            return self._of_type(conn, demand, schema, limit)
        selection = self.selection(demand, schema)
        return self.run(conn, selection, limit)

    def run(self, conn: Connection, selection: Selection, limit: int, query: str = "") -> OffendingRows | None:
        """The selected rows; ``query`` is what a person would type, if that is something else."""
        columns = self.render.names(selection.columns)
        order = f" ORDER BY {self.render.names(selection.order)}" if selection.order else ""
        rows = f"FROM {selection.source} WHERE {selection.condition}"
        sample = conn.query(f"SELECT {columns} {rows}{order} LIMIT {limit + 1}")
        if not sample:
            return None
        count = len(sample) if len(sample) <= limit else int(conn.query(f"SELECT count(*) {rows}")[0][0])
        shown = query or f"SELECT {columns} {rows}{order}"
        return OffendingRows(count, selection.columns, tuple(map(tuple, sample[:limit])), f"{shown};")

    def selection(self, demand: RowDemand, schema: Schema) -> Selection:
        """The rows that do not meet a demand other than a new type."""
        quote, table = self.render.quote, self.render.of(demand.table)
        shown = self.shown_columns(demand, schema)
        key = self.key_columns(demand.table, schema)
        match demand.kind:
            case DemandKind.NOT_NULL:
                return Selection(shown, table, f"{quote(demand.columns[0])} IS NULL", key)
            case DemandKind.CHECK:
                return Selection(shown, table, f"NOT ({demand.expression})", key)
            case DemandKind.FOREIGN_KEY:
                return Selection(shown, table, self._without_parent(demand), key)
            case _:
                return self._repeated(demand, shown)

    # -- keys ---------------------------------------------------------------------------------------------------------

    def key(self, text: str) -> str:
        """A key of an index as an expression that is equal for equal keys."""
        return text

    def rejects_null(self, demand: RowDemand) -> bool:
        """Whether NULL in a key does not meet the demand."""
        return demand.kind is DemandKind.PRIMARY_KEY

    def _repeated(self, demand: RowDemand, shown: tuple[str, ...]) -> Selection:
        """Rows whose key another row has too, and for a primary key those without a value in it."""
        keys = [self.key(text) for text in demand.keys] or [self.render.quote(name) for name in demand.columns]
        conditions = [f"({demand.where})"] if demand.where else []
        rejects = self.rejects_null(demand)
        if demand.nulls_distinct and not rejects:
            conditions += [f"{key} IS NOT NULL" for key in keys]
        inner = f"SELECT {self.render.names(shown)}, count(*) OVER (PARTITION BY {', '.join(keys)}) AS {_COPIES}"
        inner += f" FROM {self.render.of(demand.table)}"
        if conditions:
            inner += f" WHERE {' AND '.join(conditions)}"
        outer = f"{_COPIES} > 1"
        if rejects:
            outer += "".join(f" OR {self.render.quote(name)} IS NULL" for name in demand.columns)
        return Selection(shown, f"({inner}) AS counted", outer, demand.columns or shown)

    def _without_parent(self, demand: RowDemand) -> str:
        assert demand.references is not None
        quote, child = self.render.quote, self.render.quote(demand.table.name)
        own = [f"{child}.{quote(name)}" for name in demand.columns]
        pairs = zip(own, demand.ref_columns, strict=True)
        same = " AND ".join(f"{_PARENT}.{quote(theirs)} = {ours}" for ours, theirs in pairs)
        parent = f"SELECT 1 FROM {self.render.of(demand.references)} AS {_PARENT} WHERE {same}"
        complete = " AND ".join(f"{name} IS NOT NULL" for name in own)
        missing = f"{complete} AND NOT EXISTS ({parent})"
        if not demand.full_match or len(own) == 1:
            return missing
        partial = " OR ".join(f"{name} IS NULL" for name in own)
        some = " OR ".join(f"{name} IS NOT NULL" for name in own)
        return f"({missing}) OR (({partial}) AND ({some}))"

    # -- types --------------------------------------------------------------------------------------------------------

    def _of_type(self, conn: Connection, demand: RowDemand, schema: Schema, limit: int) -> OffendingRows | None:
        column = self.column(demand, schema)
        condition = self.misfit(demand, column, schema)
        if condition is None:
            return None
        key = self.key_columns(demand.table, schema)
        selection = Selection(self.shown_columns(demand, schema), self.render.of(demand.table), condition, key)
        return self.run(conn, selection, limit)

    def misfit(self, demand: RowDemand, column: Column, schema: Schema) -> str | None:
        """Condition for values that the new type does not take; ``None`` if it takes all. Raises ``Unsupported``."""
        raise self.unjudged(f"which values {demand.type} does not take is not known")

    def unjudged(self, reason: str) -> Unsupported:
        """The error for a demand that cannot be judged row by row."""
        return Unsupported(feature="a look at the rows", dialect=self.render.product, reason=reason)

    # -- columns ------------------------------------------------------------------------------------------------------

    def column(self, demand: RowDemand, schema: Schema) -> Column:
        """The column whose type changes. Raises ``Unsupported`` if the database does not have it."""
        table, name = _table(demand.table, schema), fold_case(demand.columns[0])
        for column in table.columns.values() if table is not None else ():
            if fold_case(column.name) == name:
                return column
        raise self.unjudged(f"the database has no column {demand.columns[0]}")

    def key_columns(self, table: Ref, schema: Schema) -> tuple[str, ...]:
        """Columns of a table's primary key."""
        known = _table(table, schema)
        members = schema.members(known.ref) if known is not None else ()
        return next((item.columns for item in members if isinstance(item, PrimaryKey)), ())

    def shown_columns(self, demand: RowDemand, schema: Schema) -> tuple[str, ...]:
        """Columns that show a row: its key, then those of the demand."""
        shown = dict.fromkeys(_spelled((*self.key_columns(demand.table, schema), *demand.columns)))
        table = _table(demand.table, schema)
        return tuple(shown) or tuple(table.columns if table is not None else ())[:_SHOWN_COLUMNS]


def _spelled(names: Sequence[str]) -> Iterator[str]:
    """Names without those that differ only in their case."""
    seen: dict[str, str] = {}
    for name in names:
        yield seen.setdefault(fold_case(name), name)


def _table(ref: Ref, schema: Schema) -> Table | None:
    item: Any = schema.get(ref)
    if item is None:
        wanted = (ref.schema, fold_case(ref.name))
        item = next((table for table in schema.tables() if (table.schema, fold_case(table.name)) == wanted), None)
    return item if isinstance(item, Table) else None


def whole_bounds(size: int, *, unsigned: bool = False) -> tuple[int, int]:
    """The smallest and largest whole number of ``size`` bytes."""
    bits = 8 * size
    return (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def decimal_bound(new: DataType) -> tuple[int, str]:
    """Digits after the point of ``decimal(p, s)``, and its largest number."""
    precision = int(new.args[0])
    scale = int(new.args[1]) if len(new.args) > 1 else 0
    digits = "9" * (precision - scale) or "0"
    return scale, f"{digits}.{'9' * scale}" if scale else digits
