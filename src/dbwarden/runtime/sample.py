"""Sample rows for a scratch database: up to a limit per table, with the rows that they refer to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dbwarden.core import topology
from dbwarden.core.dialect import Connection, Dialect, Transfer
from dbwarden.core.model import ForeignKey, Schema, Table
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """Result of copying: number of rows by table, and notes on the rows that were refused."""

    rows: Mapping[Ref, int]
    notes: tuple[str, ...]


def fill(source: Connection, target: Connection, dialect: Dialect, schema: Schema, limit: int) -> Sample:
    """Copy up to ``limit`` rows of every table of ``schema``, referenced tables first. ``source`` is only read.

    Rows that refer to rows not copied are left out, as are rows that ``target`` refuses.
    """
    filling = _Filling(source, target, dialect, schema, limit)
    for table in filter(dialect.holds_rows, _parents_first(schema)):
        filling.table(table)
    return Sample(filling.counts, tuple(filling.notes))


def contents(conn: Connection, dialect: Dialect, schema: Schema) -> dict[str, Counter[Any]]:
    """Count the values of every column; keys are like ``users.email``."""
    counts: dict[str, Counter[Any]] = {}
    for table in filter(dialect.holds_rows, schema.tables()):
        transfer = dialect.transfer(table)
        rows = conn.query(transfer.select)
        for at, column in enumerate(transfer.columns):
            counts[f"{_path(table.ref)}.{column}"] = Counter(row[at] for row in rows)
    return counts


def _path(ref: Ref) -> str:
    return f"{ref.schema}.{ref.name}" if ref.schema else ref.name


def _parents_first(schema: Schema) -> Sequence[Table]:
    """Order tables after those that they refer to; a circle is broken by name."""
    tables = schema.tables()
    numbers = {table.ref: at for at, table in enumerate(tables)}
    needs = [
        [numbers[key.ref_table] for key in _keys(schema, table.ref) if key.ref_table in numbers] for table in tables
    ]
    return [tables[at] for at in topology.depth_first(needs)]


def _keys(schema: Schema, table: Ref) -> list[ForeignKey]:
    return [member for member in schema.members(table) if isinstance(member, ForeignKey)]


@dataclass
class _Filling:
    """The filling of a scratch database with rows, and what it copied so far."""

    source: Connection
    target: Connection
    dialect: Dialect
    schema: Schema
    limit: int
    counts: dict[Ref, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    taken: dict[Ref, tuple[tuple[str, ...], list[Row]]] = field(default_factory=dict)

    def table(self, table: Table) -> None:
        transfer = self.dialect.transfer(table)
        if not transfer.columns:
            return
        keys = _keys(self.schema, table.ref)
        rows = list(self._complete(table, transfer, keys, self._read(transfer, keys, table)))
        refused = self._write(transfer, rows)
        self.counts[table.ref] = len(rows) - refused
        if refused:
            self.notes.append(f"{refused} of {len(rows)} sample rows of {_path(table.ref)} were refused by the scratch")

    def _read(self, transfer: Transfer, keys: Sequence[ForeignKey], table: Table) -> Sequence[Row]:
        """Read rows: ten times the limit if some may refer to rows that were not copied."""
        others = [key for key in keys if key.ref_table != table.ref]
        wanted = self.limit * (10 if others else 1)
        return self.source.query(f"{transfer.select} LIMIT {wanted}")

    def _complete(
        self, table: Table, transfer: Transfer, keys: Sequence[ForeignKey], rows: Sequence[Row]
    ) -> Iterator[Row]:
        """Yield the rows whose references are complete. For references within the table, referenced rows come first."""
        outward = [key for key in keys if key.ref_table != table.ref]
        inward = [key for key in keys if key.ref_table == table.ref]
        known = {key: self._known_keys(key) for key in outward}
        waiting = [row for row in rows if all(_is_resolvable(row, transfer, key, known[key]) for key in outward)]
        taken: list[Row] = []
        self.taken[table.ref] = (transfer.columns, taken)
        while waiting and len(taken) < self.limit:
            here = {key: self._known_keys(key) for key in inward}
            ready = [
                row for row in waiting if all(_is_resolvable(row, transfer, key, here[key], own=True) for key in inward)
            ]
            if not ready:
                return
            for row in ready[: self.limit - len(taken)]:
                taken.append(row)
                yield row
            waiting = [row for row in waiting if row not in ready] if inward else []

    def _known_keys(self, key: ForeignKey) -> frozenset[Row]:
        columns, rows = self.taken.get(key.ref_table, ((), []))
        if not set(key.ref_columns) <= set(columns):
            return frozenset()
        places = [columns.index(name) for name in key.ref_columns]
        return frozenset(tuple(row[at] for at in places) for row in rows)

    def _write(self, transfer: Transfer, rows: Sequence[Row]) -> int:
        """Write the rows, all in one transaction or else one by one; return how many were refused."""
        params = [{f"c{at}": value for at, value in enumerate(row)} for row in rows]
        refused = 0
        transactions = self.dialect.features.row_counts  # an engine has both or neither
        if not (transactions and self._all(transfer, params)):
            refused = sum(not self._one(transfer, values) for values in params)
        if rows:
            for sql in transfer.finish:
                self.target.query(sql)
        return refused

    def _all(self, transfer: Transfer, params: Sequence[Mapping[str, Any]]) -> bool:
        try:
            with self.target.transaction():
                for values in params:
                    self.target.execute(transfer.insert, values)
        except DatabaseError:
            return False
        return True

    def _one(self, transfer: Transfer, values: Mapping[str, Any]) -> bool:
        try:
            self.target.execute(transfer.insert, values)
        except DatabaseError:
            return False
        return True


def _is_resolvable(row: Row, transfer: Transfer, key: ForeignKey, known: frozenset[Row], own: bool = False) -> bool:
    """Whether a reference is NULL or refers to a copied row; with ``own`` (a key within the table), also to its own row."""
    if not set(key.columns) <= set(transfer.columns):
        return True
    value = tuple(row[transfer.columns.index(name)] for name in key.columns)
    if None in value or value in known:
        return True
    return own and value == tuple(row[transfer.columns.index(name)] for name in key.ref_columns)
