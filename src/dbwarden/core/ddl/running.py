"""A schema that statements change: what tables, columns and indexes exist, as far as files and the database tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from dbwarden.core.model import Column, Enum, Index, PrimaryKey, Schema, Table, Unique
from dbwarden.core.types import Ref

from .statements import (
    Action,
    AddColumn,
    AddConstraint,
    AddEnumValue,
    ChangeType,
    ColumnText,
    Constraint,
    CreateEnum,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropTable,
    Key,
    RenameColumn,
    RenameTable,
    RenameType,
    Statement,
    key,
)


@dataclass(slots=True)
class RunningSchema:
    """Changes with every statement; ``copy`` keeps a moment. What stands under a key is never changed, only replaced, so
    that a copy costs little."""

    columns: dict[Key, Mapping[str, ColumnText]] = field(default_factory=dict)
    indexes: dict[Key, frozenset[tuple[str, ...]]] = field(default_factory=dict)
    """The columns of indexes, primary keys and unique constraints, in their order."""
    enums: dict[Key, tuple[str, ...]] = field(default_factory=dict)

    def copy(self) -> RunningSchema:
        return RunningSchema(dict(self.columns), dict(self.indexes), dict(self.enums))

    def column(self, table: Ref, name: str) -> ColumnText | None:
        """The definition of a column, where it is known."""
        return self.columns.get(key(table), {}).get(name.casefold())

    def indexed(self, table: Ref, columns: Iterable[str]) -> bool:
        """Whether an index begins with these columns, in any order."""
        wanted = {name.casefold() for name in columns}
        return any(set(found[: len(wanted)]) == wanted for found in self.indexes.get(key(table), ()))

    def apply(self, statement: Statement) -> None:
        """Change the schema as the statement does."""
        for action in statement.actions:
            self._apply(key(action.table), action)

    def _apply(self, place: Key, action: Action) -> None:
        match action:
            case CreateTable():
                self._create(place, action)
            case DropTable():
                self.columns.pop(place, None)
                self.indexes.pop(place, None)
            case RenameTable(_, new):
                if place in self.columns:
                    self.columns[key(new)] = self.columns.pop(place)
                if place in self.indexes:
                    self.indexes[key(new)] = self.indexes.pop(place)
            case AddColumn(_, column):
                self._add(place, column)
            case AddConstraint(_, constraint):
                self._index(place, constraint)
            case CreateIndex(columns=columns, partial=False):
                self._indexed(place, columns)
            case CreateEnum(_, values):
                self.enums[place] = values
            case AddEnumValue(_, value):
                self.enums[place] = (*self.enums.get(place, ()), value)
            case RenameType(_, new):
                if place in self.enums:
                    self.enums[key(new)] = self.enums.pop(place)
            case _:
                self._apply_to_column(place, action)

    def _create(self, place: Key, table: CreateTable) -> None:
        if table.if_not_exists and place in self.columns:
            return
        self.columns[place] = {}
        self.indexes[place] = frozenset()
        for column in table.columns:
            self._add(place, column)
        for constraint in table.constraints:
            self._index(place, constraint)

    def _apply_to_column(self, place: Key, action: Action) -> None:
        known = self.columns.get(place, {})
        match action:
            case DropColumn(_, name):
                self.columns[place] = {other: one for other, one in known.items() if other != name.casefold()}
            case RenameColumn(_, old, new):
                names = {old.casefold(): new.casefold()}
                self.columns[place] = {names.get(name, name): column for name, column in known.items()}
            case ChangeType(_, name, type_):
                self.columns[place] = {**known, name.casefold(): ColumnText(name, type_)}

    def _add(self, place: Key, column: ColumnText) -> None:
        self.columns[place] = {**self.columns.get(place, {}), column.name.casefold(): column}
        if column.primary or column.unique:
            self._indexed(place, (column.name,))

    def _index(self, place: Key, constraint: Constraint) -> None:
        if constraint.kind in ("primary key", "unique"):
            self._indexed(place, constraint.columns)

    def _indexed(self, place: Key, columns: Iterable[str]) -> None:
        names = tuple(name.casefold() for name in columns)
        if names:
            self.indexes[place] = self.indexes.get(place, frozenset()) | {names}

    def take(self, schema: Schema) -> None:
        """Take over what a database has: it knows better than files do."""
        for item in schema.objects():
            match item:
                case Table():
                    found = {column.name.casefold(): _text(column, schema) for column in item.columns.values()}
                    self.columns[key(item.ref)] = found
                    self.indexes.setdefault(key(item.ref), frozenset())
                case Enum():
                    self.enums[key(item.ref)] = item.values
                case PrimaryKey() | Unique():
                    self._indexed(key(item.table), item.columns)
                case Index(where=None):
                    self._indexed(key(item.table), _leading(item))


def _leading(index: Index) -> Iterator[str]:
    """The columns before the first expression."""
    for element in index.elements:
        if element.expression is not None or element.column is None:
            return
        yield element.column


def _text(column: Column, schema: Schema) -> ColumnText:
    return ColumnText(
        column.name,
        str(schema.built_in(column.type)),
        not_null=not column.nullable,
        default=str(column.default) if column.default else None,
        generated=column.computed is not None,
    )
