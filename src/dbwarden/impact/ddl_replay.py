"""A migration replayed on the schema before it: what was there, what is there afterwards, and what became of what.

What no earlier file defined is taken from the migration itself: a statement that drops a column proves that there was one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dbwarden.core.ddl.origins import Origins
from dbwarden.core.ddl.simulated_schema import KnownTable, SimulatedSchema
from dbwarden.core.ddl.statements import (
    Action,
    AddConstraint,
    AlterColumn,
    AlterObject,
    ChangeType,
    CopyRows,
    CreateEnum,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropNotNull,
    DropObject,
    DropTable,
    RenameColumn,
    RenameConstraint,
    RenameEnumValue,
    RenameTable,
    RenameType,
    SetNotNull,
    Statement,
    key,
)
from dbwarden.core.ddl.statements import Key as Place
from dbwarden.core.types import Ref

_ROW_IDS = frozenset(("rowid", "_rowid_", "oid"))


@dataclass(frozen=True)
class TableCopy:
    """A new table that is filled from one that was there before; ``columns`` by their names in the new table."""

    source: Place
    columns: dict[str, str]


@dataclass
class DdlReplay:
    """``before`` is completed with what ``statements`` take for granted, ``after`` is what they leave."""

    before: SimulatedSchema
    statements: Sequence[Statement]
    caseless: frozenset[str] = frozenset()
    after: SimulatedSchema = field(init=False)
    origins: Origins = field(init=False)
    """Origins of the names in ``after``."""
    copies: dict[Place, TableCopy] = field(default_factory=dict)
    """Copied rows, by the new table."""
    enums: dict[Place, Place] = field(default_factory=dict)
    """New names of renamed enumerations."""
    values: dict[Place, dict[str, str]] = field(default_factory=dict)
    """New names of renamed values, by enumeration."""

    _made: set[str] = field(default_factory=set)
    """Names of indexes, constraints and views that the statements so far defined."""

    def __post_init__(self) -> None:
        self.origins = Origins(self.caseless)
        for statement in self.statements:
            for action in statement.actions:
                self._follow(action)
            self._assume_names(statement)
            self.origins.follow(statement)
            if isinstance(statement, CreateTable) and (copy := statement.source()) is not None:
                self._follow(copy)
        self.after = self.before.copy()
        for statement in self.statements:
            self.after.apply(statement)
        for place in self.copies.keys() & self.after.tables.keys():  # CREATE TABLE ... AS tells no types
            for column in self.copies[place].columns:
                self.after.assume(self.after.tables[place].ref, column)

    def table(self, place: Place) -> KnownTable | None:
        """Successor of a table: itself under a new name, or a table filled from it or created under its name."""
        moved = [table for table in self.after.tables.values() if self._former(table.ref) == place]
        if moved:
            return moved[0]
        if place in self.after.tables:
            return self.after.tables[place]
        copies = [new for new, copied in self.copies.items() if copied.source == place and new in self.after.tables]
        return self.after.tables[copies[0]] if len(copies) == 1 else None

    def column_origin(self, table: Ref, name: str) -> str | None:
        """The column that a column of ``after`` was before; ``None`` for one that the migration made."""
        if self.origins.table(table) is not None:
            return self.origins.column(table, name)
        copied = self.copies.get(key(table))
        return copied.columns.get(name.casefold()) if copied else None

    def is_new(self, table: Ref) -> bool:
        """Whether the migration made the table."""
        return self.origins.table(table) is None

    # -- on the way

    def _former(self, table: Ref) -> Place | None:
        former = self.origins.table(table)
        return None if former is None else key(former)

    def _follow(self, action: Action) -> None:
        match action:
            case CreateTable() | DropTable():
                self._assume(action.table if isinstance(action, DropTable) else None)
                self.copies.pop(key(action.table), None)
            case RenameTable(table, new):
                self._assume(table)
                if key(table) in self.copies:
                    self.copies[key(new)] = self.copies.pop(key(table))
            case CopyRows(table, source) if self.is_new(table):
                self._copy(action, source)
            case RenameEnumValue(enum, value, new_value):
                place = self.enum_origin(key(enum))
                known = self.before.enums.get(place, ())
                first = next((old for old, now in self.values.get(place, {}).items() if now == value), value)
                self.before.enums[place] = known if first in known else (*known, first)
                self.values.setdefault(place, {})[first] = new_value
            case RenameType(enum, new_enum):
                place = self.enum_origin(key(enum))
                self.before.enums.setdefault(place, ())
                self.enums[place] = key(new_enum)
            case RenameColumn(table, name, new_name):
                self._assume(table, name)
                if (copied := self.copies.get(key(table))) and name.casefold() in copied.columns:
                    copied.columns[new_name.casefold()] = copied.columns.pop(name.casefold())
            case DropColumn(table, name) | AlterColumn(table, name):
                self._assume(table, name)
            case ChangeType(table, name) | SetNotNull(table, name) | DropNotNull(table, name):
                self._assume(table, name)
            case CreateEnum() | CreateIndex() | CopyRows():
                pass
            case _:
                self._assume(action.table)

    def _copy(self, copy: CopyRows, source: Ref) -> None:
        self._assume(source)
        former = self.origins.table(source)
        if former is None:
            return
        columns: dict[str, str] = {}
        for target, name in copy.targets():
            if name.casefold() not in _ROW_IDS:
                self._assume(source, name)
                if (origin := self.origins.column(source, name)) is not None:
                    columns[target.casefold()] = origin
        self.copies[key(copy.table)] = TableCopy(key(former), columns)

    def _assume(self, table: Ref | None, column: str | None = None) -> None:
        former = self.origins.table(table) if table is not None else None
        if table is not None and former is not None:
            self.before.assume(former, self.origins.column(table, column) if column else None)

    def _assume_names(self, statement: Statement) -> None:
        for action in statement.actions:
            if isinstance(action, DropConstraint | RenameConstraint):
                self._named(Ref("constraint", action.name, action.table.schema, action.table.name))
            elif isinstance(action, AddConstraint) and action.constraint.name:
                self._made.add(action.constraint.name.casefold())
        self._made.update(ref.name.casefold() for ref in statement.creates)
        match statement:
            case DropObject("index", refs):
                for ref in refs:
                    self._named(ref)
            case DropObject("view" | "materialized_view", refs):
                for ref in refs:
                    self._named(ref._replace(kind="view"))
            case AlterObject("index", Ref() as ref, new=Ref()):
                self._named(ref)
            case DropObject("type", refs):
                for ref in refs:
                    self.before.enums.setdefault(self.enum_origin(key(ref)), ())

    def _named(self, ref: Ref) -> None:
        if ref.name.casefold() not in self._made:
            self.before.names.setdefault(ref.name.casefold(), ref)

    def enum_origin(self, place: Place) -> Place:
        """Former name of an enumeration."""
        return next((old for old, new in self.enums.items() if new == place), place)
