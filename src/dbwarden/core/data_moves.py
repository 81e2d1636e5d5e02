"""Detects migrations that may have to copy data: columns are dropped while others are created that can take their values.

Models do not say how rows move if a table is split or merged. The migration then has three parts, in both directions:

1. everything that creates tables or columns,
2. a placeholder for the copying statement, which only the author knows (``data_move_placeholder``),
3. everything that drops tables or columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .change import Add, Alter, Change, Drop
from .model import Column, ForeignKey, Schema, Table, column_ref
from .sqltext import fold_case
from .types import Ref

if TYPE_CHECKING:
    from .dialect import SchemaDialect

Schemas = tuple[Schema, Schema]
"""The schemas before (after the renames) and after the changes."""
_COMMON_NAME = 8
"""Limit of new tables that share a column name: a more common name (``created_at``) does not tell where data belongs."""


@dataclass(frozen=True, slots=True)
class DataMove:
    """Columns that a migration drops, and new columns that can take their values."""

    source: Table
    gone: tuple[str, ...]
    target: Table
    new: tuple[str, ...]
    whole: bool
    """Whether ``source`` itself is dropped."""
    fresh: bool
    """Whether ``target`` itself is created."""

    def describe(self) -> str:
        """``customers (street, city) -> addresses``."""
        return f"{self.describe_source()} -> {self.describe_target()}"

    def describe_source(self) -> str:
        """The dropped table or columns in words: ``people``, ``customers (street, city)``."""
        return _describe_part(self.source, self.gone, self.whole)

    def describe_target(self) -> str:
        """The new table or columns in words: ``addresses``, ``customers (address)``."""
        return _describe_part(self.target, self.new, self.fresh)


def _describe_part(table: Table, columns: tuple[str, ...], whole: bool) -> str:
    path = ".".join(part for part in (table.schema, table.name) if part)
    return path if whole else f"{path} ({', '.join(columns)})"


# -- which data -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Columns:
    """The columns of one table that are created, or dropped."""

    table: Table
    names: list[str]
    whole: bool = False


def data_moves(changes: Iterable[Change], schemas: Schemas, dialect: SchemaDialect) -> tuple[DataMove, ...]:
    """Plausible data moves among ``changes``, sorted by source table.

    Data can move within a table and between tables that a foreign key connects. Between other tables, at least half of
    the columns of one side must have a namesake on the other. If a dropped column has a namesake among these, no other
    column takes its data.
    """
    sources, targets = _ends(changes, schemas, dialect)
    if not sources or not targets:
        return ()
    connected, keys = _connected(schemas), _key_columns(schemas)
    by_name: dict[str, list[Ref]] = {}
    for ref, columns in targets.items():
        for name in columns.names:
            by_name.setdefault(fold_case(name), []).append(ref)
    moves = []
    for ref, source in sorted(sources.items(), key=lambda item: item[0].key):
        namesakes = [by_name.get(fold_case(name), []) for name in source.names]
        near = {
            ref,
            *connected.get(ref, ()),
            *(namesake for refs in namesakes if len(refs) <= _COMMON_NAME for namesake in refs),
        }
        with_namesake = {
            fold_case(name) for name, refs in zip(source.names, namesakes, strict=True) if near & set(refs)
        }
        for other in sorted(near & targets.keys(), key=lambda target: target.key):
            related = other == ref or other in connected.get(ref, ())
            pairs = [
                (old, new)
                for old, new in _pairs(source, targets[other], keys if related else None)
                if fold_case(old.name) == fold_case(new.name) or fold_case(old.name) not in with_namesake
            ]
            if other != ref:
                pairs = [pair for pair in pairs if _converts(*pair, schemas, dialect)]
            move = _move(source, targets[other], pairs, related)
            if move is not None:
                moves.append(move)
    return tuple(moves)


def _ends(
    changes: Iterable[Change], schemas: Schemas, dialect: SchemaDialect
) -> tuple[dict[Ref, _Columns], dict[Ref, _Columns]]:
    sources: dict[Ref, _Columns] = {}
    targets: dict[Ref, _Columns] = {}
    before, after = schemas
    for change in changes:
        match change:
            case Add(object=Table() as table):
                targets[table.ref] = _Columns(table, _data_columns(table, table.columns, after, dialect), True)
            case Drop(object=Table() as table):
                sources[table.ref] = _Columns(table, _data_columns(table, table.columns, before, dialect), True)
            case Add(object=Column() as column, on=Ref() as on):
                end = targets.setdefault(on, _Columns(after.table(on), []))
                end.names += _data_columns(end.table, [column.name], after, dialect)
            case Drop(object=Column() as column, on=Ref() as on):
                end = sources.setdefault(on, _Columns(before.table(on), []))
                end.names += _data_columns(end.table, [column.name], before, dialect)
    return _with_data(sources), _with_data(targets)


def _with_data(ends: dict[Ref, _Columns]) -> dict[Ref, _Columns]:
    return {ref: end for ref, end in ends.items() if end.names}


def _data_columns(table: Table, columns: Iterable[str], schema: Schema, dialect: SchemaDialect) -> list[str]:
    """The columns with data of their own: neither computed nor numbered by the engine."""
    numbered = dialect.autoincrement_column(table.ref, schema)
    return [
        name
        for name in columns
        if name != numbered and table.columns[name].computed is None and table.columns[name].identity is None
    ]


def _connected(schemas: Schemas) -> dict[Ref, set[Ref]]:
    neighbours: dict[Ref, set[Ref]] = {}
    for schema in schemas:
        for item in schema.objects():
            if isinstance(item, ForeignKey) and item.table != item.ref_table:
                neighbours.setdefault(item.table, set()).add(item.ref_table)
                neighbours.setdefault(item.ref_table, set()).add(item.table)
    return neighbours


def _pairs(source: _Columns, target: _Columns, keys: frozenset[Ref] | None) -> Iterator[tuple[Column, Column]]:
    """Pairs of a dropped column and a new one that may take its data: namesakes, and in related tables all others.

    ``keys`` are the columns of foreign keys, which are paired only with one another; ``None`` for unrelated tables.
    """
    old, new = source.table, target.table
    for gone in source.names:
        for name in target.names:
            both_keys = keys is not None and (column_ref(old.ref, gone) in keys) == (column_ref(new.ref, name) in keys)
            if fold_case(gone) == fold_case(name) or both_keys:
                yield old.columns[gone], new.columns[name]


def _move(source: _Columns, target: _Columns, pairs: Sequence[tuple[Column, Column]], related: bool) -> DataMove | None:
    gone, new = source.names, target.names
    alike = {fold_case(old.name) for old, other in pairs if fold_case(old.name) == fold_case(other.name)}
    if not pairs or (not related and 2 * len(alike) < min(len(gone), len(new))):
        return None
    giving, taking = {old.name for old, _ in pairs}, {other.name for _, other in pairs}
    gone = [name for name in gone if source.whole or name in giving]
    new = [name for name in new if target.whole or name in taking]
    return DataMove(source.table, tuple(gone), target.table, tuple(new), source.whole, target.whole)


def _key_columns(schemas: Schemas) -> frozenset[Ref]:
    """The columns of all foreign keys."""
    return frozenset(
        column_ref(item.table, name)
        for schema in schemas
        for item in schema.objects()
        if isinstance(item, ForeignKey)
        for name in item.columns
    )


def _converts(old: Column, new: Column, schemas: Schemas, dialect: SchemaDialect) -> bool:
    """Whether values of one type fit into the other, in at least one direction."""
    before, after = schemas[0].base_type(old.type), schemas[1].base_type(new.type)
    return before == after or not (
        dialect.type_change(before, after).is_lossy and dialect.type_change(after, before).is_lossy
    )


# -- the changes ----------------------------------------------------------------------------------------------------


def creates(change: Change) -> bool:
    """Whether the change creates a table or column, perhaps by rebuilding the table."""
    match change:
        case Add(object=Table() | Column()):
            return True
        case Alter(before=Table() as before, after=Table() as after):
            return not after.columns.keys() <= before.columns.keys()
    return False


def destroys(change: Change) -> bool:
    """Whether the change drops a table or column."""
    return creates(change.inverse())


def possible_moves(ordered: Sequence[Change], moves: Iterable[DataMove]) -> tuple[DataMove, ...]:
    """The moves whose target is created before their source is dropped.

    The other order is forced if, say, the new table takes the name of the dropped one.
    """
    created: dict[Ref, int] = {}
    destroyed: dict[Ref, int] = {}
    for at, change in enumerate(ordered):
        on = getattr(change, "on", None) or change.ref
        if creates(change):
            created[on] = at
        elif destroys(change):
            destroyed.setdefault(on, at)
    return tuple(move for move in moves if created[move.target.ref] < destroyed[move.source.ref])


def split_not_null(changes: Sequence[Change], moves: Iterable[DataMove], fills: Iterable[Ref]) -> tuple[Change, ...]:
    """Split NOT NULL off the changes that create a column which must be filled first.

    These are the new columns among ``fills``, those that take data, and, on rollback, those whose data was moved away.
    """
    filled, refilled = frozenset((*fills, *required(moves))), frozenset(required(map(inverse, moves)))
    split: list[Change] = []
    for change in changes:
        match change:
            case Add(object=Column(nullable=False) as column, on=Ref() as on) if change.ref in filled:
                split += (Add(replace(column, nullable=True), on), Alter(replace(column, nullable=True), column, on))
            case Drop(object=Column(nullable=False) as column, on=Ref() as on) if change.ref in refilled:
                split += (Alter(column, replace(column, nullable=True), on), Drop(replace(column, nullable=True), on))
            case _:
                split.append(change)
    return tuple(split)


def required(moves: Iterable[DataMove]) -> Iterator[Ref]:
    """New NOT NULL columns without a default that take data in existing tables."""
    for move in moves:
        for name in () if move.fresh else move.new:
            column = move.target.columns[name]
            if not column.nullable and column.default is None:
                yield column_ref(move.target.ref, name)


def inverse(move: DataMove) -> DataMove:
    """The same move in the other direction, for the rollback."""
    return DataMove(move.target, move.new, move.source, move.gone, move.fresh, move.whole)
