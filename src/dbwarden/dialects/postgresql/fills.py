"""Columns that become NOT NULL in a table with rows: made nullable, filled by UPDATE, then SET NOT NULL."""

from __future__ import annotations

from dataclasses import replace

from dbwarden.core.dialect import Prefs, Server
from dbwarden.core.model import Column, Schema
from dbwarden.core.types import Ref
from dbwarden.dialects.base.renderer import fill_placeholder

from . import columns, names, online
from .renderer import render

Schemas = tuple[Schema, Schema]


def add(column: Column, table: Ref, schemas: Schemas, prefs: Prefs) -> tuple[str, ...]:
    """ADD COLUMN, UPDATE, SET NOT NULL."""
    return (*render.add_column(replace(column, nullable=True), table), *_fill(column, table, schemas, prefs))


def alter(
    before: Column, after: Column, table: Ref, schemas: Schemas, context: tuple[Prefs, Server]
) -> tuple[str, ...]:
    """Other changes of the column, UPDATE, SET NOT NULL."""
    prefs, server = context
    changed = columns.alter(before, replace(after, nullable=True), table, schemas, server)
    return (*changed, *_fill(after, table, schemas, prefs))


def _fill(column: Column, table: Ref, schemas: Schemas, prefs: Prefs) -> tuple[str, ...]:
    ref = Ref("column", column.name, table.schema, table.name)
    name, where = names.quote(column.name), names.of(table)
    expression = prefs.fills[ref]
    update = f"UPDATE {where} SET {name} = {expression or '...'} WHERE {name} IS NULL"
    if expression is None:  # one transaction: a file whose marked place nobody filled fails as a whole
        return (f"{fill_placeholder(ref)}\n-- {update};\n{_set(column, table)}",)
    return (update, *(online.set_not_null(column, table, schemas) if prefs.online else (_set(column, table),)))


def _set(column: Column, table: Ref) -> str:
    return f"ALTER TABLE {names.of(table)} ALTER COLUMN {names.quote(column.name)} SET NOT NULL"
