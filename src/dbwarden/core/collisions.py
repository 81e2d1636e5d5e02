"""Finds names that the models use and that belong to another object in the database, such as a view or an index."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from . import kinds
from .change import Add, Alter, Change, Drop, Rename
from .dialect import Features
from .model import Definition, Object, Schema
from .sqltext import fold_case
from .types import Ref


def mapped_views(current: Schema, desired: Schema, features: Features) -> Mapping[Ref, Ref]:
    """Tables of the models that are views or virtual tables in the database, each with that object."""
    key = _Key(features.caseless_names)
    views = {key(ref._replace(kind="table")): ref for ref in current if ref.kind in kinds.READABLE}
    matching = {table.ref: views.get(key(table.ref)) for table in desired.tables()} if views else {}
    return {table: view for table, view in matching.items() if view is not None}


def mapped_partitions(current: Schema, desired: Schema) -> Mapping[Ref, Ref]:
    """Tables of the models that are partitions in the database, each with its partitioned table (reflected models)."""
    parents = {
        partition.ref._replace(kind="table"): table.ref for table in current.tables() for partition in table.partitions
    }
    return {table.ref: parents[table.ref] for table in desired.tables() if table.ref in parents}


def without_tables(schema: Schema, tables: Collection[Ref]) -> Schema:
    """``schema`` without these tables and their members."""
    if not tables:
        return schema
    members = (member.ref for table in tables for member in schema.members(table))
    return schema.without(*tables, *members)


@dataclass(frozen=True, slots=True)
class _Key:
    """Key that is equal for names which the engine does not distinguish."""

    caseless: Collection[str]

    def __call__(self, ref: Ref) -> tuple[str | None, str]:
        return (ref.schema, fold_case(ref.name) if ref.kind in self.caseless else ref.name)


@dataclass(frozen=True, slots=True)
class Collision:
    """A new object whose name another kind of object has."""

    new: Ref
    existing: Ref

    def __str__(self) -> str:
        return f"{self.new} cannot be created: {self.existing} has that name"


def collisions(current: Schema, changes: Iterable[Change], features: Features) -> tuple[Collision, ...]:
    """Names that ``changes`` give to new objects and that something else in the database already has."""
    changes = tuple(changes)
    key = _Key(features.caseless_names)
    freed = {ref for change in changes for ref in _freed_refs(change)}
    created = {item.ref: item for change in changes for item in _created_objects(change) if item.ref not in current}
    renamed = (change.new for change in changes if isinstance(change, Rename))
    wanted = [ref for ref, item in created.items() if not getattr(item, "implicit", False)]
    clashes: list[Collision] = []
    for sharing in features.shared_names:
        existing = {key(ref): ref for ref in current if ref.kind in sharing and ref not in freed}
        for ref in (*wanted, *renamed):
            other = existing.get(key(ref)) if ref.kind in sharing else None
            if other is not None and (other.kind, other.table) != (ref.kind, ref.table):
                clashes.append(Collision(ref, other))
    return tuple(dict.fromkeys(clashes))


def _freed_refs(change: Change) -> Iterator[Ref]:
    match change:
        case Drop(object=item, parts=parts):
            yield item.ref if change.on is None else change.ref
            yield from (part.ref for part in parts)
        case Alter(dropped=dropped):
            yield from (part.ref for part in dropped)
        case Rename(old=old):
            yield old


def _created_objects(change: Change) -> Iterator[Object]:
    match change:
        case Add(object=item, parts=parts) if change.on is None:
            yield item
            yield from parts
        case Add(parts=parts):
            yield from parts
        case Alter(added=added):
            yield from added


def objects_depending_on(schema: Schema, names: Collection[str], caseless: Collection[str]) -> tuple[Ref, ...]:
    """The text-defined objects (views, triggers, functions) of ``schema`` that have one of these names."""
    folded = {fold_case(name) for name in names}
    return tuple(
        ref
        for ref, item in schema.items()
        if isinstance(item, Definition)
        if ref.name.partition("(")[0] in names or (ref.kind in caseless and fold_case(ref.name) in folded)
    )
