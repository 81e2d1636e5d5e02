"""Renames that the statements of a file make, for comparing the schemas before and after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from .change import Rename
from .ddl.origins import Origins
from .ddl.statements import RenameEnumValue, Statement
from .model import Enum, Schema, Table, column_ref
from .types import Ref


def written_renames(
    statements: Iterable[Statement], schemas: tuple[Schema, Schema], caseless: Collection[str], default: str | None
) -> tuple[Rename, ...]:
    """The renames of tables, columns and enum values between the schemas before and after the statements.

    ``default`` is the schema that a statement may name or leave out. Names that are swapped are not renames here.
    """
    before, after = schemas
    origins = Origins(caseless)
    values: list[Rename] = []
    for statement in statements:
        origins.follow(statement)
        if isinstance(statement, RenameEnumValue):
            values += _value_rename(statement, before, default)
    tables = dict(_renamed_tables(origins, before, after, default))
    moved = [Rename(old, new) for new, old in tables.items()]
    columns = [
        rename
        for table in after.tables()
        for rename in _renamed_columns(origins, before.get(tables.get(table.ref, table.ref)), table, default)
    ]
    return (*moved, *columns, *values)


def _spellings(ref: Ref, default: str | None) -> tuple[Ref, ...]:
    return (ref, ref._replace(schema=default)) if ref.schema is None and default else (ref,)


def _renamed_tables(origins: Origins, before: Schema, after: Schema, default: str | None) -> Iterator[tuple[Ref, Ref]]:
    for table in after.tables():
        for place in _spellings(table.ref, default):
            origin = origins.table(place)
            if origin is None or origin == place:
                continue
            origin = origin._replace(schema=None) if origin.schema == default else origin
            if origin in before and origin not in after and table.ref not in before:
                yield table.ref, origin


def _renamed_columns(origins: Origins, former: object, table: Table, default: str | None) -> Iterator[Rename]:
    if not isinstance(former, Table):
        return
    for name in table.columns:
        for place in _spellings(table.ref, default):
            old = origins.column(place, name)
            column = next((one for one in former.columns if old is not None and one.lower() == old.lower()), None)
            if column and column != name and column not in table.columns and name not in former.columns:
                yield Rename(column_ref(table.ref, column), column_ref(table.ref, name))


def _value_rename(statement: RenameEnumValue, before: Schema, default: str | None) -> Iterator[Rename]:
    schema = None if statement.table.schema == default else statement.table.schema
    for item in before.objects():
        if isinstance(item, Enum) and (item.name, item.schema) == (statement.table.name, schema):
            yield Rename(
                Ref("enum_value", statement.value, schema, item.name),
                Ref("enum_value", statement.new, schema, item.name),
            )
