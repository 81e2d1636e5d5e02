"""Simulates the effect of statements on a schema: the tables, columns and names known from files and the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from dbwarden.core.model import Column, Enum, Index, PrimaryKey, Schema, Table, Unique
from dbwarden.core.types import Ref

from .statements import (
    Action,
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AllowedValues,
    AlterColumn,
    AlterObject,
    ChangeType,
    ColumnText,
    Constraint,
    CreateEnum,
    CreateIndex,
    CreateObject,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropNotNull,
    DropObject,
    DropTable,
    Key,
    RenameColumn,
    RenameConstraint,
    RenameEnumValue,
    RenameTable,
    RenameType,
    SetNotNull,
    Statement,
    key,
)


@dataclass(frozen=True)
class KnownTable:
    """A table under its name as written; ``complete`` if all its columns are known."""

    ref: Ref
    complete: bool = False
    allowed: Mapping[str, AllowedValues] = field(default_factory=dict)
    """Values that constraints allow in a column, by constraint."""

    def values(self, column: str) -> tuple[str, ...]:
        """The only values that a column allows; empty if it allows any."""
        return next((values for of, values in self.allowed.values() if of.casefold() == column.casefold()), ())


@dataclass(slots=True)
class SimulatedSchema:
    """A schema that ``apply`` changes. Values are replaced and never changed in place, so that ``copy`` is cheap."""

    tables: dict[Key, KnownTable] = field(default_factory=dict)
    columns: dict[Key, Mapping[str, ColumnText]] = field(default_factory=dict)
    """Columns by name in lower case."""
    indexes: dict[Key, frozenset[tuple[str, ...]]] = field(default_factory=dict)
    """The columns of each index, primary key and unique constraint, in order."""
    enums: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    names: dict[str, Ref] = field(default_factory=dict)
    """Indexes, named constraints and views, by name in lower case; members of a table with their table."""

    def copy(self) -> SimulatedSchema:
        return SimulatedSchema(
            dict(self.tables), dict(self.columns), dict(self.indexes), dict(self.enums), dict(self.names)
        )

    def column(self, table: Ref, name: str) -> ColumnText | None:
        """The definition of a column, if known."""
        return self.columns.get(key(table), {}).get(name.casefold())

    def indexed(self, table: Ref, columns: Iterable[str]) -> bool:
        """Whether the first columns of an index are these, in any order."""
        wanted = {name.casefold() for name in columns}
        return any(set(index[: len(wanted)]) == wanted for index in self.indexes.get(key(table), ()))

    def assume(self, table: Ref, column: str | None = None) -> None:
        """Add a table, or a column of it, that a statement uses and none defined."""
        place = key(table)
        self.tables.setdefault(place, KnownTable(table))
        columns = self.columns.setdefault(place, {})
        if column is not None and column.casefold() not in columns:
            self.columns[place] = {**columns, column.casefold(): ColumnText(column)}

    # -- statements

    def apply(self, statement: Statement) -> None:
        """Change the schema as the statement would."""
        for action in statement.actions:
            self._apply(key(action.table), action)
        match statement:
            case CreateObject("view" | "materialized_view", Ref() as view):
                self.names[view.name.casefold()] = view._replace(kind="view")
            case DropObject("index" | "view" | "materialized_view", refs):
                for ref in refs:
                    self.names.pop(ref.name.casefold(), None)
            case DropObject("type", refs):
                for ref in refs:
                    self.enums.pop(key(ref), None)
            case AlterObject("index" | "view" | "materialized_view", Ref() as ref, new=Ref() as new):
                self._rename(ref.name, new.name)

    def _apply(self, place: Key, action: Action) -> None:
        match action:
            case CreateTable():
                self._create(place, action)
            case DropTable():
                self._drop(place)
            case RenameTable(_, new):
                self._move(place, new)
            case AddColumn(_, column):
                self._add(place, column)
            case AddConstraint(table, constraint):
                self._constrain(table, constraint)
            case CreateIndex(_, _, columns, partial=partial):
                self.names.update((ref.name.casefold(), ref) for ref in action.creates)
                if not partial:
                    self._indexed(place, columns)
            case DropConstraint(_, name):
                self.names.pop(name.casefold(), None)
                self._keep_lists(place, lambda constraint_name, _: constraint_name != name.casefold())
            case RenameConstraint(_, old, new_name):
                self._rename(old, new_name)
            case CreateEnum() | AddEnumValue() | RenameEnumValue() | RenameType():
                self._apply_to_enum(place, action)
            case _:
                self._apply_to_column(place, action)

    # -- tables

    def _create(self, place: Key, table: CreateTable) -> None:
        if table.if_not_exists and place in self.columns:
            return
        self.tables[place] = KnownTable(table.table, complete=bool(table.columns))
        self.columns[place] = {}
        self.indexes[place] = frozenset()
        for column in table.columns:
            self._add(place, column)
        for constraint in table.constraints:
            self._constrain(table.table, constraint)

    def _drop(self, place: Key) -> None:
        self.tables.pop(place, None)
        self.columns.pop(place, None)
        self.indexes.pop(place, None)
        for name in [name for name, ref in self.names.items() if _is_of(ref, place)]:
            del self.names[name]

    def _move(self, place: Key, new: Ref) -> None:
        if place in self.tables:
            self.tables[key(new)] = replace(self.tables.pop(place), ref=new)
        if place in self.columns:
            self.columns[key(new)] = self.columns.pop(place)
        if place in self.indexes:
            self.indexes[key(new)] = self.indexes.pop(place)
        for name, ref in self.names.items():
            if _is_of(ref, place):
                self.names[name] = ref._replace(schema=new.schema, table=new.name)

    def _constrain(self, table: Ref, constraint: Constraint) -> None:
        place, name = key(table), constraint.name
        if name:
            kind = "index" if constraint.kind == "index" else "constraint"
            self.names[name.casefold()] = Ref(kind, name, table.schema, table.name)
        if constraint.kind in ("primary key", "unique", "index"):
            self._indexed(place, constraint.columns)
        if constraint.kind == "primary key":
            for column in constraint.columns:
                self._redefine(place, column, not_null=True)
        if constraint.allowed is not None:
            self._list(place, name or _check_name(place, constraint.allowed.column), constraint.allowed)

    def _rename(self, name: str, new: str) -> None:
        if name.casefold() in self.names:
            self.names[new.casefold()] = self.names.pop(name.casefold())._replace(name=new)

    def _indexed(self, place: Key, columns: Iterable[str]) -> None:
        names = tuple(name.casefold() for name in columns)
        if names:
            self.indexes[place] = self.indexes.get(place, frozenset()) | {names}

    # -- columns

    def _apply_to_column(self, place: Key, action: Action) -> None:
        columns = self.columns.get(place, {})
        match action:
            case DropColumn(_, name):
                self.columns[place] = {
                    other: definition for other, definition in columns.items() if other != name.casefold()
                }
                self._keep_lists(place, lambda _, of: of != name.casefold())
            case RenameColumn(_, old, new):
                self._rename_column(place, old, new)
            case ChangeType(definition=ColumnText() as column):
                self._add(place, column)
            case ChangeType(_, name, type_):
                column = columns.get(name.casefold()) or ColumnText(name)
                self.columns[place] = {**columns, name.casefold(): replace(column, type=type_)}
            case AlterColumn(_, name, ("SET" | "DROP", "DEFAULT", *_)) if name.casefold() in columns:
                column = replace(columns[name.casefold()], default=action.default)
                self.columns[place] = {**columns, name.casefold(): column}
            case SetNotNull(_, name):
                self._redefine(place, name, not_null=True)
            case DropNotNull(_, name):
                self._redefine(place, name, not_null=False)

    def _rename_column(self, place: Key, old: str, new: str) -> None:
        columns = self.columns.get(place, {})
        self.columns[place] = dict(
            (new.casefold(), replace(column, name=new)) if name == old.casefold() else (name, column)
            for name, column in columns.items()
        )
        table = self.tables.get(place)
        if table is not None and table.allowed:
            lists = {
                name: allowed._replace(column=new) if allowed.column.casefold() == old.casefold() else allowed
                for name, allowed in table.allowed.items()
            }
            self.tables[place] = replace(table, allowed=lists)

    def _redefine(self, place: Key, name: str, *, not_null: bool) -> None:
        columns = self.columns.get(place, {})
        if name.casefold() in columns:
            self.columns[place] = {**columns, name.casefold(): replace(columns[name.casefold()], not_null=not_null)}

    def _add(self, place: Key, column: ColumnText) -> None:
        self.columns[place] = {**self.columns.get(place, {}), column.name.casefold(): column}
        if column.primary or column.unique:
            self._indexed(place, (column.name,))
        if column.allowed:
            self._list(place, _check_name(place, column.name), AllowedValues(column.name, column.allowed))

    # -- values

    def _list(self, place: Key, constraint: str, allowed: AllowedValues) -> None:
        table = self.tables.get(place)
        if table is not None:
            self.tables[place] = replace(table, allowed={**table.allowed, constraint.casefold(): allowed})

    def _keep_lists(self, place: Key, keeps: Callable[[str, str], bool]) -> None:
        """Remove the lists of values for which ``keeps`` is false; its arguments are constraint and column in lower case."""
        table = self.tables.get(place)
        if table is not None and table.allowed:
            lists = {name: allowed for name, allowed in table.allowed.items() if keeps(name, allowed.column.casefold())}
            self.tables[place] = replace(table, allowed=lists)

    def _apply_to_enum(self, place: Key, action: Action) -> None:
        match action:
            case CreateEnum(_, values):
                self.enums[place] = values
            case AddEnumValue(_, value):
                self.enums[place] = (*self.enums.get(place, ()), value)
            case RenameEnumValue(_, value, new):
                self.enums[place] = tuple(
                    new if existing == value else existing for existing in self.enums.get(place, ())
                )
            case RenameType(_, new_type) if place in self.enums:
                self.enums[key(new_type)] = self.enums.pop(place)

    def take(self, schema: Schema) -> None:
        """Add the schema of a database, which overrides definitions from files."""
        for item in schema.objects():
            match item:
                case Table():
                    columns = {column.name.casefold(): _text(column, schema) for column in item.columns.values()}
                    self.tables[key(item.ref)] = KnownTable(item.ref, complete=True)
                    self.columns[key(item.ref)] = columns
                    self.indexes.setdefault(key(item.ref), frozenset())
                case Enum():
                    self.enums[key(item.ref)] = item.values
                case PrimaryKey() | Unique():
                    self._indexed(key(item.table), item.columns)
                case Index(where=None):
                    self._indexed(key(item.table), _leading_columns(item))


def _is_of(ref: Ref, table: Key) -> bool:
    return ref.table is not None and key(ref._replace(name=ref.table)) == table


def _check_name(table: Key, column: str) -> str:
    """The name of a check that has none, as PostgreSQL gives it: where an engine gives another one, only a DROP CONSTRAINT
    of an unnamed check is not followed."""
    return f"{table[1]}_{column}_check"


def _leading_columns(index: Index) -> Iterator[str]:
    """The columns before the first expression."""
    for element in index.elements:
        if element.expression is not None or element.column is None:
            return
        yield element.column


def _text(column: Column, schema: Schema) -> ColumnText:
    return ColumnText(
        column.name,
        str(schema.base_type(column.type)),
        not_null=not column.nullable,
        default=str(column.default) if column.default else None,
        generated=column.computed is not None,
    )
