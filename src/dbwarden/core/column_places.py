"""Places of columns in their tables, for engines whose ADD COLUMN takes one (``Features.column_places``).

A schema compares equal whatever the order of its columns, and no change moves one. But a column that comes back gets its former
place, so that a rollback restores the table exactly, and a new one the place that the models give it. Both stand behind the
nearest of the columns before them that are there at that moment: then all of them are in order at the end, whichever comes
first. For that, the changes are followed in the order in which they run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .change import Add, Alter, Change, Drop
from .model import Column, Schema, Table, column_ref
from .types import Ref


@dataclass(frozen=True, slots=True)
class ColumnPlace:
    """Place of a column that is not the last one of its table."""

    after: str | None
    """The column before it, under the name that it has at that moment; ``None`` for the first place."""
    following: tuple[Column, ...]
    """The columns behind it."""


Places = Mapping[Ref, ColumnPlace]
"""Places of added, altered and dropped columns, while they are there. A column that is missing comes last."""
IsCostly = Callable[[Column, Sequence[Column]], bool]
"""Whether a new column before others costs much more than at the end (``SchemaDialect.is_costly_place``)."""


def column_places(changes: Sequence[Change], ends: tuple[Schema, Schema], is_costly: IsCostly) -> tuple[Places, Places]:
    """The places of columns in an upgrade and in its rollback. ``changes`` are in the order in which they run, ``ends`` the
    schema after the renames and the desired one."""
    before, after = ends
    tables = {
        table.ref: _OrderedColumns(table.ref, [*table.columns.values()])
        for ref in dict.fromkeys(_table_of(change) for change in changes)
        if isinstance(table := before.get(ref), Table) and isinstance(after.get(ref), Table)
    }
    upgrade = _follow(changes, tables, after, is_costly)
    return upgrade, _follow([change.inverse() for change in reversed(changes)], tables, before, None)


def _table_of(change: Change) -> Ref:
    return change.ref.owner if change.ref.kind == "column" else change.ref


def _follow(
    changes: Iterable[Change], tables: Mapping[Ref, _OrderedColumns], target: Schema, is_costly: IsCostly | None
) -> Places:
    """The places of columns while ``changes`` turn ``tables`` into those of ``target``."""
    places: dict[Ref, ColumnPlace] = {}
    for change in changes:
        columns = tables.get(_table_of(change))
        if columns is None:
            continue
        wanted = target.table(columns.table)
        match change:
            case Drop(object=Column() as column):
                places |= columns.alter([column])
                columns.remove([column.name])
            case Add(object=Column() as column):
                places |= columns.add([column], wanted, is_costly)
            case Alter(before=Column(), after=Column() as column):
                places |= columns.alter([column])
            case Alter(before=Table() as first, after=Table() as last) if change.rebuild:
                old, new = first.columns, last.columns
                gone = [column for name, column in old.items() if name not in new]
                places |= columns.alter(gone)
                columns.remove([column.name for column in gone])
                places |= columns.alter([column for name, column in new.items() if old.get(name, column) != column])
                places |= columns.add([column for name, column in new.items() if name not in old], wanted, is_costly)
    return places


def in_order(columns: Iterable[Column], table: Table) -> list[Column]:
    """Columns in the order that they have in ``table``."""
    rank = {name: at for at, name in enumerate(table.columns)}
    return sorted(columns, key=lambda column: rank.get(column.name, len(rank)))


@dataclass(slots=True)
class _OrderedColumns:
    """The columns of a table at one moment, in their order."""

    table: Ref
    columns: list[Column]
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.names = tuple(column.name for column in self.columns)

    def remove(self, names: Iterable[str]) -> None:
        gone = set(names)
        self.columns = [column for column in self.columns if column.name not in gone]
        self.__post_init__()

    def alter(self, columns: Iterable[Column]) -> dict[Ref, ColumnPlace]:
        """Replace columns by those of the same names, and return the places of all but the last column."""
        altered = [(self.names.index(column.name), column) for column in columns if column.name in self.names]
        places = {column_ref(self.table, column.name): self._place(at, 1) for at, column in altered}
        for at, column in altered:
            self.columns[at] = column
        return {ref: place for ref, place in places.items() if place.following}

    def add(self, columns: Iterable[Column], target: Table, is_costly: IsCostly | None) -> dict[Ref, ColumnPlace]:
        """Add columns in the order of ``target``, and return the places of those that do not come last."""
        order, places = list(target.columns), dict[Ref, ColumnPlace]()
        for column in in_order(columns, target):
            present = set(self.names)
            earlier = order[: order.index(column.name)]
            previous = next((name for name in reversed(earlier) if name in present), None)
            at = self.names.index(previous) + 1 if previous is not None else 0
            following = self.columns[at:]
            if following and is_costly is not None and is_costly(column, following):
                at, following = len(self.columns), []
            if following:
                places[column_ref(self.table, column.name)] = self._place(at, 0)
            self.columns.insert(at, column)
            self.__post_init__()
        return places

    def _place(self, at: int, length: int) -> ColumnPlace:
        """The place before the column at ``at``, or of that column itself (``length`` 1)."""
        return ColumnPlace(self.names[at - 1] if at else None, tuple(self.columns[at + length :]))
