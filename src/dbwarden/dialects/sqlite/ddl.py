"""One change -> SQL statements."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from dbwarden.core.change import Add, Alter, Change, Drop, Rename
from dbwarden.core.model import Column, Definition, Index, Schema, Table
from dbwarden.core.types import Ref, fold_case
from dbwarden.errors import Unsupported

from . import definitions, rebuild
from .clauses import column_definition, create_index, create_indexes, create_table
from .words import quote


def ddl(change: Change, before: Schema, after: Schema, fills: Mapping[Ref, str | None]) -> tuple[str, ...]:
    """The statements of one change as ``regroup`` leaves them; ``Unsupported`` for what SQLite has no statement for."""
    match change:
        case Add(Table() as table, parts=parts):
            return (create_table(table, parts), *create_indexes(parts))
        case Drop(Table() as table):
            return (f"DROP TABLE {quote(table.name)}",)
        case Add(Column() as column, on=Ref() as table, parts=parts):
            return (f"ALTER TABLE {quote(table.name)} ADD COLUMN {column_definition(column, parts)}",)
        case Drop(Column(name=name), on=Ref() as table):
            return (f"ALTER TABLE {quote(table.name)} DROP COLUMN {quote(name)}",)
        case Alter(Table() as old, Table() as new, dropped=dropped, added=added):
            return rebuild.statements(old, new, dropped, added, fills)
        case Add(Index() as index):
            return (create_index(index),)
        case Drop(Index() as index):
            return (f"DROP INDEX {quote(index.name or index.label())}",)
        case Add(Definition(kind="shadow_table")) | Drop(Definition(kind="shadow_table")):
            return ()  # it comes and goes with its virtual table
        case Add(Definition() as definition):
            return (definitions.create(definition),)
        case Drop(Definition() as definition):
            return (definitions.drop(definition),)
        case Rename():
            return _rename(change, after)
    raise Unsupported(what=change.describe(), dialect="SQLite", reason="no statement of SQLite does this")


def _rename(change: Rename, after: Schema) -> tuple[str, ...]:
    old, new = change.old, change.new
    if old.kind == "table" and fold_case(old.name) == fold_case(new.name):
        # SQLite refuses a table the name that it has already; by way of another one it takes the new spelling.
        interim = f"{new.name}_respelled"
        return tuple(f"ALTER TABLE {quote(a)} RENAME TO {quote(b)}" for a, b in pairwise((old.name, interim, new.name)))
    if old.kind == "table":
        return (f"ALTER TABLE {quote(old.name)} RENAME TO {quote(new.name)}",)
    if old.kind == "column":
        return (f"ALTER TABLE {quote(old.table or '')} RENAME COLUMN {quote(old.name)} TO {quote(new.name)}",)
    index = after.get(new)
    if isinstance(index, Index):
        return (f"DROP INDEX {quote(old.name)}", create_index(index))
    raise Unsupported(what=change.describe(), dialect="SQLite", reason=f"a {old.kind} cannot be renamed in place")
