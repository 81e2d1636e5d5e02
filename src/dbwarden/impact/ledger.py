"""What a row of migrations leaves behind, as far as their text tells: tables, columns, enumerations, names.

Statements are applied one after the other, so that a table that was rebuilt under another name and renamed back is the
table it was, and a column that was copied into another name is a renamed one. Objects keep where they come from
(``origin``), counted from the last ``mark``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dbwarden.core.sqltext import Lexis, TokenKind

from .cursor import Cursor, string, unquoted

Key = tuple[str | None, str]
"""Schema and name of an object; the default schema is ``None``."""


@dataclass(frozen=True, slots=True)
class Column:
    """``type`` are the words of its type in capitals, empty where no statement told; ``nullable`` likewise."""

    name: str
    type: str = ""
    nullable: bool | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """``complete`` where every column is known. ``filled_from`` is the table whose rows were copied into it."""

    columns: dict[str, Column] = field(default_factory=dict)
    lists: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """Check constraint -> the column and the values that it allows."""
    complete: bool = False
    origin: Key | None = None
    filled_from: Key | None = None

    def with_column(self, column: Column) -> Table:
        return replace(self, columns={**self.columns, column.name: column})

    def without_column(self, name: str) -> Table:
        lists = {key: item for key, item in self.lists.items() if item[0] != name}
        return replace(self, columns={key: one for key, one in self.columns.items() if key != name}, lists=lists)

    def with_list(self, constraint: str, column: str, values: tuple[str, ...]) -> Table:
        return replace(self, lists={**self.lists, constraint: (column, values)})

    def without_list(self, constraint: str) -> Table:
        return replace(self, lists={name: item for name, item in self.lists.items() if name != constraint})

    def allowed(self, column: str) -> tuple[str, ...]:
        """The values that a check allows for the column; empty where any is."""
        return next((values for of, values in self.lists.values() if of == column), ())


@dataclass(slots=True)
class Ledger:
    """The state after the statements so far; ``assumed`` is what they took for granted, in the state of the mark."""

    lexis: Lexis
    default_schema: str | None = None
    tables: dict[Key, Table] = field(default_factory=dict)
    enums: dict[Key, dict[str, str | None]] = field(default_factory=dict)
    """Value -> the value it was."""
    names: dict[str, tuple[str, Key | None]] = field(default_factory=dict)
    """Indexes, named constraints and views: kind and table."""
    assumed: Ledger | None = None

    def mark(self) -> Ledger:
        """The state as it is now; from here on, everything remembers where it was."""
        tables = {
            key: replace(
                table,
                origin=key,
                filled_from=None,
                columns={name: replace(column, origin=name) for name, column in table.columns.items()},
            )
            for key, table in self.tables.items()
        }
        self.tables = tables
        self.enums = {key: {value: value for value in values} for key, values in self.enums.items()}
        enums = {key: dict(values) for key, values in self.enums.items()}
        before = Ledger(self.lexis, self.default_schema, dict(tables), enums, dict(self.names))
        self.assumed = before
        return before

    # -- what statements take for granted

    def key(self, path: Key) -> Key:
        """The path of an object, without the default schema."""
        schema, name = path
        return (None if schema == self.default_schema else schema), name

    def table(self, key: Key) -> Table:
        """The table; one that no statement made was there before."""
        if key not in self.tables:
            known = Table(origin=key)
            self.tables[key] = known
            if self.assumed is not None and key not in self.assumed.tables:
                self.assumed.tables[key] = known
        return self.tables[key]

    def column(self, key: Key, name: str) -> Column:
        """The column; one that no statement made was there before, unless its table was made by one."""
        table = self.table(key)
        if name not in table.columns:
            known = Column(name, origin=name if table.origin is not None else None)
            self.tables[key] = table.with_column(known)
            origin = table.origin
            if self.assumed is not None and origin in self.assumed.tables:
                self.assumed.tables[origin] = self.assumed.tables[origin].with_column(known)
        return self.tables[key].columns[name]

    def put(self, key: Key, column: Column) -> None:
        """A column in its place."""
        self.tables[key] = self.table(key).with_column(column)

    def named(self, name: str, kind: str, table: Key | None = None) -> None:
        """An object with that name was there."""
        if name not in self.names and self.assumed is not None:
            self.assumed.names.setdefault(name, (kind, table))


def value_list(tokens: Cursor) -> tuple[str, tuple[str, ...]] | None:
    """The column and values of ``column IN ('a', 'b')`` or ``column = ANY (ARRAY['a', 'b'])``, casts left out."""
    found = [token for token in tokens.tokens if token.text not in "()"]
    values = tuple(value for value in map(string, found) if value is not None)
    shapes = [token.text.upper() for token in found[1:3]]
    if not values or found[0].kind not in (TokenKind.WORD, TokenKind.IDENTIFIER):
        return None
    if "IN" not in shapes and "ANY" not in (token.text.upper() for token in found):
        return None
    return unquoted(found[0]), values


def strings(tokens: Cursor) -> Iterator[str]:
    """The string literals, in order."""
    for token in tokens.tokens:
        value = string(token)
        if value is not None:
            yield value
