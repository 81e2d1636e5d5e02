"""Nested columns as the server stores them: ``n Nested(a Int32)`` is ``n.a Array(Int32)``, unless ``flatten_nested`` is 0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dbwarden.core.dialect import Server
from dbwarden.core.model import Column, Table
from dbwarden.core.tokens import readable
from dbwarden.core.types import DataType

from .types import declared_type, type_text
from .words import LEXICAL_RULES, name_of


def flattened(table: Table, server: Server) -> Table:
    """``table`` with a column for each part of its nested ones; itself if it has none."""
    if server.settings.get("flatten_nested") == "0" or not any(_is_nested(column) for column in table.columns.values()):
        return table
    columns = (part for column in table.columns.values() for part in _parts(column))
    return replace(table, columns={column.name: column for column in columns})


def _is_nested(column: Column) -> bool:
    return column.type.name == "Nested" and bool(column.type.args)


def _parts(column: Column) -> Iterator[Column]:
    if not _is_nested(column):
        yield column
        return
    for arg in declared_type(type_text(column.type)).datatype.args:
        name = readable(arg, LEXICAL_RULES)[0]
        datatype = DataType("Array", (arg[name.end :].strip(),))
        yield Column(f"{column.name}.{name_of(name.text)}", datatype, nullable=False, comment=column.comment)
