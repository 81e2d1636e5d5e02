"""A migration replayed on the schema before it: what was there, what is there afterwards, and what became of what.

What no earlier file defined is taken from the migration itself: a statement that drops a column proves that there was one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbwarden.core.ddl import statements as ddl
from dbwarden.core.ddl.origins import Origins
from dbwarden.core.ddl.simulated_schema import KnownTable, SimulatedSchema
from dbwarden.core.ddl.statements import Key as Place
from dbwarden.core.ddl.statements import Statement, key
from dbwarden.core.types import Ref

_ROW_IDS = frozenset(("rowid", "_rowid_", "oid"))


class DdlReplay:
    """``before`` is completed with what the statements take for granted, ``after`` is what they leave."""

    def __init__(self, before: SimulatedSchema, statements: Sequence[Statement], caseless: frozenset[str]) -> None:
        self.before, self.origins = before, Origins(caseless)
        self.renamed_enums: dict[Place, Place] = {}
        self.renamed_values: dict[Place, dict[str, str]] = {}
        self._copies: dict[Place, tuple[Place, dict[str, str]]] = {}
        """New tables that are filled from one that was there before: that one, and its columns by their new names."""
        self._created: set[str] = set()
        """Names of indexes, constraints and views that the statements so far defined."""
        for statement in statements:
            self._follow(statement)
        self.after = before.copy()
        for statement in statements:
            self.after.apply(statement)
        for place in self._copies.keys() & self.after.tables.keys():  # CREATE TABLE ... AS tells no types
            for column in self._copies[place][1]:
                self.after.assume(self.after.tables[place].ref, column)

    # -- what became of what

    def table(self, place: Place) -> KnownTable | None:
        """Successor of a table: itself under a new name, or a table created under its name or filled from it."""
        for table in self.after.tables.values():
            origin = self.origins.table(table.ref)
            if origin is not None and key(origin) == place:
                return table
        if place in self.after.tables:
            return self.after.tables[place]
        copies = [new for new, (source, _) in self._copies.items() if source == place and new in self.after.tables]
        return self.after.tables[copies[0]] if len(copies) == 1 else None

    def column(self, table: Ref, name: str) -> ddl.ColumnText | None:
        """Successor of a column in the successor of its table: the one that was it, or a new one of its name."""
        columns = self.after.columns.get(key(table), {})
        for column in columns.values():
            if (origin := self._column_origin(table, column.name)) and origin.casefold() == name.casefold():
                return column
        same = columns.get(name.casefold())
        return same if same is not None and self._column_origin(table, same.name) is None else None

    def _column_origin(self, table: Ref, name: str) -> str | None:
        if not self.is_new(table):
            return self.origins.column(table, name)
        _, columns = self._copies.get(key(table), ((), {}))
        return columns.get(name.casefold())

    def is_new(self, table: Ref) -> bool:
        """Whether the migration made the table."""
        return self.origins.table(table) is None

    # -- on the way

    def _follow(self, statement: Statement) -> None:
        for action in statement.actions:
            self._act(action)
            if isinstance(action, ddl.AddConstraint) and action.constraint.name:
                self._created.add(action.constraint.name.casefold())
        self._created.update(ref.name.casefold() for ref in statement.creates)
        for ref in _names_used(statement):
            if ref.name.casefold() not in self._created:
                self.before.names.setdefault(ref.name.casefold(), ref)
        if isinstance(statement, ddl.DropObject) and statement.kind == "type":
            for ref in statement.refs:
                self.before.enums.setdefault(self._enum_origin(ref), ())
        self.origins.follow(statement)
        if isinstance(statement, ddl.CreateTable) and (copy := statement.source()) is not None:
            self._copy(copy)

    def _act(self, action: ddl.Action) -> None:
        match action:
            case ddl.CreateTable() | ddl.CreateIndex() | ddl.CreateEnum() | ddl.AddEnumValue():
                pass
            case ddl.CopyRows():
                self._copy(action)
            case ddl.RenameEnumValue(enum, value, new_value):
                self._rename_value(self._enum_origin(enum), value, new_value)
            case ddl.RenameType(enum, new_enum):
                origin = self._enum_origin(enum)
                self.before.enums.setdefault(origin, ())
                self.renamed_enums[origin] = key(new_enum)
            case ddl.DropColumn(table, name) | ddl.AlterColumn(table, name) | ddl.RenameColumn(table, name):
                self._assume(table, name)
            case ddl.ChangeType(table, name) | ddl.SetNotNull(table, name) | ddl.DropNotNull(table, name):
                self._assume(table, name)
            case _:
                self._assume(action.table)
        if key(action.table) in self._copies:
            self._move_copy(key(action.table), action)

    def _move_copy(self, place: Place, action: ddl.Action) -> None:
        match action:
            case ddl.CreateTable() | ddl.DropTable():
                del self._copies[place]
            case ddl.RenameTable(_, new):
                self._copies[key(new)] = self._copies.pop(place)
            case ddl.RenameColumn(_, old, new_name):
                _, columns = self._copies[place]
                if old.casefold() in columns:
                    columns[new_name.casefold()] = columns.pop(old.casefold())

    def _copy(self, copy: ddl.CopyRows) -> None:
        if not self.is_new(copy.table):
            return
        self._assume(copy.source)
        former = self.origins.table(copy.source)
        if former is None:
            return
        columns: dict[str, str] = {}
        for target, name in copy.targets():
            if name.casefold() not in _ROW_IDS:
                self._assume(copy.source, name)
                if (origin := self.origins.column(copy.source, name)) is not None:
                    columns[target.casefold()] = origin
        self._copies[key(copy.table)] = key(former), columns

    def _rename_value(self, enum: Place, value: str, new: str) -> None:
        renamed = self.renamed_values.setdefault(enum, {})
        original = next((old for old, now in renamed.items() if now == value), value)
        self.before.enums[enum] = tuple(dict.fromkeys((*self.before.enums.get(enum, ()), original)))
        renamed[original] = new

    def _assume(self, table: Ref, column: str | None = None) -> None:
        """Enter what a statement takes for granted in the schema before, under the names that it had there."""
        former = self.origins.table(table)
        if former is not None:
            self.before.assume(former, self.origins.column(table, column) if column else None)

    def _enum_origin(self, enum: Ref) -> Place:
        return next((old for old, new in self.renamed_enums.items() if new == key(enum)), key(enum))


def _names_used(statement: Statement) -> Iterator[Ref]:
    """The indexes, constraints and views that a statement takes away under their names."""
    for action in statement.actions:
        if isinstance(action, ddl.DropConstraint | ddl.RenameConstraint):
            yield Ref("constraint", action.name, action.table.schema, action.table.name)
    match statement:
        case ddl.DropObject("index", refs):
            yield from refs
        case ddl.DropObject("view" | "materialized_view", refs):
            yield from (ref._replace(kind="view") for ref in refs)
        case ddl.AlterObject("index", Ref() as ref, new=Ref()):
            yield ref
