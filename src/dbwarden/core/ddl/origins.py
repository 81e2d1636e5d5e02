"""Tracks the origins of tables and columns: they existed before the file, perhaps under another name, or it creates them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from dbwarden.core.spelling import fold_ref
from dbwarden.core.sqltext import fold_case
from dbwarden.core.types import Ref

from .statements import (
    Action,
    AddColumn,
    AlterObject,
    CopyRows,
    CreateObject,
    CreateTable,
    DropColumn,
    DropObject,
    DropTable,
    RenameColumn,
    RenameTable,
    Statement,
)


class Origins:
    """Origins of names at one point of a file: ``follow`` moves past the next statement.

    An object of ``CREATE ... IF NOT EXISTS`` counts as existing before the file.
    """

    def __init__(self, caseless: Collection[str] = ()) -> None:
        self._caseless = caseless
        self._tables: dict[Ref, Ref | None] = {}
        """Tables whose origin is not the table of the same name; ``None`` for those that the file created or dropped."""
        self._schemas: dict[str, str | None] = {}
        self._columns: dict[Ref, dict[str, str | None]] = {}
        """Columns whose origin is not the column of the same name, by table."""

    def copy(self) -> Origins:
        """A copy, which does not follow later statements."""
        copied = Origins(self._caseless)
        copied._tables, copied._schemas = dict(self._tables), dict(self._schemas)
        copied._columns = {place: dict(names) for place, names in self._columns.items()}
        return copied

    def table(self, table: Ref) -> Ref | None:
        """The table under its name before the file; ``None`` if the file created it."""
        place = self._place(table)
        if place in self._tables:
            return self._tables[place]
        if (table.schema or "") in self._schemas:
            schema = self._schemas[table.schema or ""]
            return None if schema is None else table._replace(schema=schema or None)
        return table

    def column(self, table: Ref, name: str) -> str | None:
        """The name of the column before the file; ``None`` if the file added it."""
        if self.table(table) is None:
            return None
        return self._columns.get(self._place(table), {}).get(self._name(name), name)

    def schema(self, name: str) -> str | None:
        """The name of the schema before the file; ``None`` if the file created it."""
        return self._schemas.get(name, name)

    def tables_moved_into(self, schema: str) -> Iterator[Ref]:
        """The tables that existed before the file and were moved into a schema, under their names before the file."""
        for place, origin in self._tables.items():
            if origin is not None and place.schema == schema:
                yield origin

    def follow(self, statement: Statement) -> None:
        """Update the origins with the effects of the next statement.

        The order of the clauses of an ALTER TABLE does not matter: after it, a column of that name is not the one from before.
        Names may be swapped, and renamed to themselves.
        """
        self._rename_columns(statement.actions)
        for action in statement.actions:
            if not isinstance(action, DropColumn | RenameColumn):
                self._apply(action)
        match statement:
            case CreateObject("namespace", Ref() as schema, repeatable=False):
                self._schemas[schema.name] = None
            case DropObject("namespace", schemas):
                for schema in schemas:
                    self._schemas[schema.name] = None
                    self._forget_tables(schema.name)
            case AlterObject("namespace", Ref() as schema, new=Ref() as new):
                self._rename_schema(schema.name, new.name)

    def _apply(self, action: Action) -> None:
        place = self._place(action.table)
        match action:
            case CreateTable(if_not_exists=False):
                self._tables[place] = None
                self._columns.pop(place, None)
            case DropTable():
                self._tables[place] = None
                self._columns.pop(place, None)
            case RenameTable(table, new):
                origin, columns = self.table(table), self._columns.pop(place, {})
                self._tables[place] = None
                self._tables[self._place(new)], self._columns[self._place(new)] = origin, columns
            case AddColumn(_, column, if_not_exists=False):
                self._columns.setdefault(place, {})[self._name(column.name)] = None

    def _rename_columns(self, actions: Sequence[Action]) -> None:
        """Apply what names columns as they are before the statement: they go first, then the others get their new names."""
        renames = [action for action in actions if isinstance(action, RenameColumn)]
        origins = [self.column(rename.table, rename.old) for rename in renames]
        gone = [(action.table, action.column) for action in actions if isinstance(action, DropColumn)]
        for table, column in (*gone, *((rename.table, rename.old) for rename in renames)):
            self._columns.setdefault(self._place(table), {})[self._name(column)] = None
        for rename, origin in zip(renames, origins, strict=True):
            self._columns[self._place(rename.table)][self._name(rename.new)] = origin

    def _rename_schema(self, old: str, new: str) -> None:
        for place in [place for place in self._tables if place.schema == old]:
            self._tables[place._replace(schema=new)] = self._tables.pop(place)
        for place in [place for place in self._columns if place.schema == old]:
            self._columns[place._replace(schema=new)] = self._columns.pop(place)
        self._schemas[new], self._schemas[old] = self.schema(old), None

    def _forget_tables(self, schema: str) -> None:
        for place in self._tables:
            if place.schema == schema:
                self._tables[place] = None

    def _place(self, table: Ref) -> Ref:
        return fold_ref(table, self._caseless)

    def _name(self, column: str) -> str:
        return fold_case(column) if "column" in self._caseless else column


@dataclass(frozen=True)
class Succession:
    """A table that the file replaces: all rows are copied into a new one, which then takes its name."""

    origin: Ref
    """The replaced table under its name before the file."""
    copy: CopyRows
    at: int
    """Index of the copying statement in the file."""
    table: CreateTable


def successions(statements: Sequence[Statement], caseless: Collection[str]) -> list[Succession]:
    """The tables that a file replaces by a copy, as SQLite needs it: dropping them loses no rows."""
    origins = Origins(caseless)
    created: dict[Ref, CreateTable] = {}
    copies: dict[Ref, list[Succession]] = {}
    renamed: list[Succession] = []
    """The copies that took the name of their source; the source may have had another one before the file."""
    for at, statement in enumerate(statements):
        for action in statement.actions:
            place = fold_ref(action.table, caseless)
            match action:
                case CreateTable():
                    created[place] = action
                case CopyRows(_, source, whole=True) if place in created and (origin := origins.table(source)):
                    copies.setdefault(place, []).append(Succession(origin, action, at, created[place]))
                case RenameTable(_, new):
                    if place in created:
                        created[fold_ref(new, caseless)] = created.pop(place)
                    if place in copies:
                        copies[fold_ref(new, caseless)] = copies.pop(place)
                        renamed += (
                            succession
                            for succession in copies[fold_ref(new, caseless)]
                            if _fills(succession, new, caseless)
                        )
                case DropTable():
                    created.pop(place, None)
                    copies.pop(place, None)
        origins.follow(statement)
    return [
        succession
        for place, filled in copies.items()
        for succession in filled
        if succession in renamed or fold_ref(succession.origin, caseless) == place
    ]


def _fills(succession: Succession, name: Ref, caseless: Collection[str]) -> bool:
    """Whether the copied table was called ``name`` at the time of the copy."""
    return fold_ref(succession.copy.source, caseless) == fold_ref(name, caseless)
