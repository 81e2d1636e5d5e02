"""Finds types that models declare for another engine: ``.with_variant(JSON, "sqlite")``, or types that check the dialect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from dbwarden.core.dialect import SchemaDialect
from dbwarden.core.engine import ENGINES
from dbwarden.core.types import DataType, Ref
from dbwarden.errors import Unsupported

from .emit import schema_of


def variant_types(tables: Iterable[sa.Table], dialect: SchemaDialect) -> Mapping[Ref, DataType]:
    """Types of the columns that have one of their own for ``dialect``, an engine other than the models' main one."""
    types: dict[Ref, DataType] = {}
    name = ENGINES[dialect.name].sqlalchemy_dialect
    for table in tables:
        for column in table.columns:
            if _is_declared_for(column.type, name):
                try:
                    datatype, _ = dialect.from_sqlalchemy(column.type)
                except Unsupported:
                    continue
                types[Ref("column", str(column.name), schema_of(table), str(table.name))] = datatype
    return types


def _is_declared_for(type_: Any, name: str) -> bool:
    if name in type_._variant_mapping:
        return True
    return isinstance(type_, TypeDecorator) and type(type_).load_dialect_impl is not TypeDecorator.load_dialect_impl
