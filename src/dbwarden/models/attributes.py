"""Reads the attribute names of columns: if only the column's name changed, the same attribute is evidence of a rename."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, registry
from sqlalchemy.orm.exc import UnmappedClassError

from dbwarden.core.types import Ref

from .emit import schema_of


def attributes(tables: Iterable[sa.Table], registries: Iterable[registry] = ()) -> Mapping[Ref, str]:
    """Attribute names of columns that differ from the column's name: mapped attributes, otherwise ``Column.key``.

    Does not configure mappers.
    """
    wanted = list(tables)
    names = {_ref(column): str(column.key) for table in wanted for column in table.columns}
    columns = set(names)
    mappers = (mapper for mapper_registry in registries for mapper in _mappers(mapper_registry))
    for mapper in sorted(mappers, key=lambda mapper: (mapper.class_.__module__, mapper.class_.__qualname__)):
        names.update((ref, name) for ref, name in _mapped(mapper) if ref in columns)
    return {ref: name for ref, name in names.items() if name != ref.name}


def _mappers(mapper_registry: registry) -> Iterable[Mapper[Any]]:
    try:
        return mapper_registry.mappers
    except UnmappedClassError:  # a class that is mapped when the application runs (DeferredReflection)
        return ()


def _mapped(mapper: Mapper[Any]) -> Iterable[tuple[Ref, str]]:
    for name, column in mapper.columns.items():
        if isinstance(column.table, sa.Table):
            yield _ref(column), str(name)


def _ref(column: sa.Column[Any]) -> Ref:
    table = column.table
    return Ref("column", str(column.name), schema_of(table), str(table.name))
