"""Proof with example rows: whether type conversions preserve values, in two sessions with different settings.

Example rows run through upgrade, rollback and upgrade. A column is reported if its values differ after the rollback, or
between the first and second upgrade, and no rule of the types expects that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dbwarden.core.dialect import Dialect
from dbwarden.core.examples import column_examples, row_values
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Column, Enum, Schema, Table
from dbwarden.core.plan import Pair
from dbwarden.core.record import Record
from dbwarden.core.row_effects import lost_data
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError, MigrationFailed
from dbwarden.runtime import sample
from dbwarden.runtime.scratch_database import ScratchDatabase

Contents = Mapping[str, Counter[Any]]


@dataclass(frozen=True, slots=True)
class RowReport:
    """Outcome of the example rows. Columns have their former names: ``users.phone``."""

    compared: bool
    """Whether there were rows, and they passed in both directions."""
    converted: frozenset[str] = frozenset()
    """Columns whose type changes."""
    altered: frozenset[str] = frozenset()
    """Columns whose values changed, or differ between the sessions, although no rule of the types says that they lose data."""


NOT_COMPARED = RowReport(False)


def compare_rows(scratch: ScratchDatabase, part: Pair, file: MigrationFile, record: Record) -> RowReport:
    """Roll the migration back, write example rows, and run upgrade, rollback and upgrade in two different sessions.

    The scratch database has the schema after the migration; ``record`` is the event of its last upgrade. Without a type
    change nothing is done.
    """
    local = {table.ref for table in part.current.tables() if scratch.dialect.holds_rows(table)}
    conversions = {ref: columns for ref, columns in _conversions(part) if columns and ref in local}
    if not conversions:
        return NOT_COMPARED
    converted = frozenset(f"{_path(ref)}.{name}" for ref, columns in conversions.items() for name in columns)
    scratch.rollback(file, record)
    if not sum(_write(scratch, part, ref, columns) for ref, columns in conversions.items()):
        return RowReport(False, converted)
    try:
        return RowReport(True, converted, _altered(scratch, part, file) - _losses(scratch.dialect, part))
    except MigrationFailed:  # the statements refuse the example rows
        return RowReport(False, converted)


def _altered(scratch: ScratchDatabase, part: Pair, file: MigrationFile) -> frozenset[str]:
    first, second = scratch.dialect.session_variations
    before = _contents(scratch, part.current)
    with scratch.session(first):
        record = scratch.upgrade(file)
    there = _contents(scratch, part.desired)
    with scratch.session(second):
        scratch.rollback(file, record)
    back = _contents(scratch, part.current)
    with scratch.session(second):
        scratch.upgrade(file)
    again = _contents(scratch, part.desired)
    former = {new: old for old, new in _names(part)}
    return frozenset(
        (*_differences(before, back), *(former[name] for name in _differences(there, again) if name in former))
    )


def _losses(dialect: Dialect, part: Pair) -> set[str]:
    """Columns that lose data in either direction by the rules of types, by their former names."""
    former = {new: old for old, new in _names(part)}
    inverse = [rename.inverse() for rename in reversed(part.renames)]
    there = lost_data(part.current, part.desired, dialect, part.renames)
    back = lost_data(part.desired, part.current, dialect, inverse)
    names = (name.partition(" ")[0] for name in (*there, *back))
    return {former.get(name, name) for name in names}


def _differences(before: Contents, after: Contents) -> Iterator[str]:
    return (name for name, values in before.items() if after.get(name) != values)


def _contents(scratch: ScratchDatabase, schema: Schema) -> Contents:
    return sample.contents(scratch.conn, scratch.dialect, schema)


# -- conversions --------------------------------------------------------------------------------------------------


def _pairs(part: Pair) -> Iterator[tuple[Table, Table]]:
    """Each table that stays, before and after; columns of the latter by their former names."""
    for old, moved in zip(part.current.objects(), part.renamed().objects(), strict=True):
        new = part.desired.get(moved.ref)
        if isinstance(old, Table) and isinstance(moved, Table) and isinstance(new, Table):
            names = zip(old.columns, moved.columns, strict=True)
            columns = {former: new.columns[name] for former, name in names if name in new.columns}
            yield old, Table(new.name, columns, new.schema)


def _names(part: Pair) -> Iterator[tuple[str, str]]:
    for old, new in _pairs(part):
        for name, column in new.columns.items():
            yield f"{_path(old.ref)}.{name}", f"{_path(new.ref)}.{column.name}"


def _conversions(part: Pair) -> Iterator[tuple[Ref, dict[str, Column]]]:
    for old, new in _pairs(part):
        yield (
            old.ref,
            {name: column for name, column in new.columns.items() if _is_converted(old.columns[name], column, part)},
        )


def _is_converted(before: Column, after: Column, part: Pair) -> bool:
    if before.computed is not None or after.computed is not None:
        return False
    old, new = part.current.base_type(before.type), part.desired.base_type(after.type)
    labels = [schema.get(type_.ref) for schema, type_ in ((part.current, old), (part.desired, new)) if type_.ref]
    return old != new or (all(isinstance(enum, Enum) for enum in labels) and len(set(labels)) > 1)


def _write(scratch: ScratchDatabase, part: Pair, ref: Ref, after: dict[str, Column]) -> int:
    """Insert example rows into a table; returns how many it accepted."""
    table = part.current.get(ref)
    assert isinstance(table, Table)
    transfer = scratch.dialect.transfer(table)
    columns = {name: table.columns[name] for name in transfer.columns}
    examples = {
        name: column_examples((columns[name], part.current), (column, part.desired), scratch.dialect.types)
        for name, column in after.items()
    }
    taken = 0
    for number in range(max(map(len, examples.values()), default=0)):
        example_values = {name: values[number % len(values)] for name, values in examples.items() if values}
        row = row_values(columns, part.current, example_values, number + 1, scratch.dialect.types)
        taken += _insert(scratch, transfer.insert, {f"c{at}": row[name] for at, name in enumerate(transfer.columns)})
    return taken


def _insert(scratch: ScratchDatabase, sql: str, values: Mapping[str, str | None]) -> bool:
    try:
        scratch.conn.execute(sql, values)
    except DatabaseError:  # the row violates a constraint
        return False
    return True


def _path(ref: Ref) -> str:
    return f"{ref.schema}.{ref.name}" if ref.schema else ref.name
