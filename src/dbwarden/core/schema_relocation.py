"""Relocation of a schema's objects into another schema, with all references to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from . import kinds
from .model import (
    Attribute,
    Column,
    CompositeType,
    Definition,
    Domain,
    ForeignKey,
    Member,
    Namespace,
    Object,
    Partition,
    Schema,
    Table,
)
from .text_renames import with_new_name
from .types import Expression, Ref


def relocate(schema: Schema, old: str, new: str | None) -> Schema:
    """Replace the namespace ``old`` by ``new`` everywhere. ``None`` is the default namespace, which is not an object."""
    if not any(_mentions(ref, item, old) for ref, item in schema.items()):
        return schema
    items = (_relocate(item, old, new) for ref, item in schema.items())
    return Schema(item for item in items if new is not None or item.ref != Ref("namespace", old))


def with_namespace_renamed(item: Object, old: Ref, new: Ref) -> Object:
    """The object after ALTER SCHEMA ... RENAME: all that is in the schema, and all that names it."""
    rewrite = partial(_renamed_in, old=old, new=new)
    moved = _relocate(item, old.name, new.name)
    match moved:
        case Definition():
            sql, dependents = (
                moved.sql,
                tuple(with_new_name(text, old, new, moved.sql.names) for text in moved.dependents),
            )
            place = f" on schema {old.name}"
            name = moved.name
            if kinds.of(item.kind).is_right and moved.on is None and name.endswith(place):
                return replace(
                    moved,
                    name=f"{name.removesuffix(place)} on schema {new.name}",
                    columns=(("", new.name),),
                    sql=Expression(rewrite(sql).text, sql.key, sql.names),
                )
            return replace(moved, sql=rewrite(sql), dependents=dependents) if sql.names.bound else moved
        case Member():
            return moved.with_expressions(rewrite)
        case Table():
            columns = {name: _with_expressions(column, rewrite, old, new) for name, column in moved.columns.items()}
            return replace(moved, columns=columns)
    return moved


def _renamed_in(expression: Expression, old: Ref, new: Ref) -> Expression:
    """An expression that names the schema, also in a string before a dot: ``nextval('old.seq')``."""
    texts = [
        with_new_name(text, old, new, expression.names).replace(f"'{old.name}.", f"'{new.name}.")
        for text in (expression.text, expression.key)
    ]
    return Expression(texts[0], texts[1], expression.names)


def _with_expressions(column: Column, rewrite: Callable[[Expression], Expression], old: Ref, new: Ref) -> Column:
    if column.type.ref is None and column.type.name.startswith(f"{old.name}."):
        name = column.type.name.replace(old.name, new.name, 1)
        column = replace(column, type=replace(column.type, name=name))
    if column.default is not None:
        column = replace(column, default=rewrite(column.default))
    if column.computed is not None:
        column = replace(column, computed=replace(column.computed, expression=rewrite(column.computed.expression)))
    return column


def _mentions(ref: Ref, item: Object, old: str) -> bool:
    if ref.schema == old or ref == Ref("namespace", old):
        return True
    if isinstance(item, Table):
        used = (column.type.ref for column in item.columns.values())
        placed = (place for partition in item.partitions for place in (partition.schema, partition.of.schema))
        return any(ref is not None and ref.schema == old for ref in used) or old in placed
    return isinstance(item, ForeignKey) and item.ref_table.schema == old


def _relocate_ref(ref: Ref, old: str, new: str | None) -> Ref:
    return ref._replace(schema=new) if ref.schema == old else ref


def _relocate(item: Any, old: str, new: str | None) -> Object:
    if isinstance(item, Namespace):
        return replace(item, name=new) if item.name == old and new is not None else item
    if isinstance(item, Table):
        columns = {name: _moved_column(column, old, new) for name, column in item.columns.items()}
        partitions = tuple(_moved_partition(partition, old, new) for partition in item.partitions)
        return replace(item, schema=new if item.schema == old else item.schema, columns=columns, partitions=partitions)
    values: dict[str, Any] = {}
    if getattr(item, "schema", None) == old:
        values["schema"] = new
    for name in ("table", "ref_table", "on", "owned_by"):
        ref = getattr(item, name, None)
        if isinstance(ref, Ref) and ref.schema == old:
            values[name] = _relocate_ref(ref, old, new)
    if isinstance(item, CompositeType):
        values["attributes"] = tuple(_moved_attribute(part, old, new) for part in item.attributes)
    if isinstance(item, Domain) and item.type.ref is not None:
        values["type"] = replace(item.type, ref=_relocate_ref(item.type.ref, old, new))
    if getattr(item, "needs", None):
        values["needs"] = frozenset(_relocate_ref(ref, old, new) for ref in item.needs)
        if new is not None:
            former, namespace = Ref("namespace", old), Ref("namespace", new)
            values["needs"] = frozenset(namespace if ref == former else ref for ref in values["needs"])
    moved: Object = replace(item, **values) if values else item
    return moved


def _moved_attribute(part: Attribute, old: str, new: str | None) -> Attribute:
    if part.type.ref is None:
        return part
    return replace(part, type=replace(part.type, ref=_relocate_ref(part.type.ref, old, new)))


def _moved_partition(partition: Partition, old: str, new: str | None) -> Partition:
    schema = new if partition.schema == old else partition.schema
    return replace(partition, schema=schema, of=_relocate_ref(partition.of, old, new))


def _moved_column(column: Column, old: str, new: str | None) -> Column:
    if column.type.ref is None and not column.needs:
        return column
    type_ = replace(column.type, ref=_relocate_ref(column.type.ref, old, new)) if column.type.ref else column.type
    return replace(column, type=type_, needs=frozenset(_relocate_ref(ref, old, new) for ref in column.needs))
