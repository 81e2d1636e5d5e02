"""Relocation of a schema's objects into another schema, with all references to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dbwarden.core.model import (
    Attribute,
    Column,
    CompositeType,
    Domain,
    ForeignKey,
    Namespace,
    Object,
    Partition,
    Schema,
    Table,
)
from dbwarden.core.types import Ref


def relocate(schema: Schema, old: str, new: str | None) -> Schema:
    """Replace the namespace ``old`` by ``new`` everywhere. ``None`` is the default namespace, which is not an object."""
    if not any(_mentions(ref, item, old) for ref, item in schema.items()):
        return schema
    items = (_relocate(item, old, new) for ref, item in schema.items())
    return Schema(item for item in items if new is not None or item.ref != Ref("namespace", old))


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
