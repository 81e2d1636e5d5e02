"""The map of all objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from dbwarden.core.types import DataType, Ref

from .base import Object
from .members import ForeignKey
from .standalone import Domain, Sequence
from .table import Partition, Table


class Schema:
    """An immutable map from ``Ref`` to object. The order of objects is not compared."""

    def __init__(self, objects: Mapping[Ref, Object] | Iterable[Object] = ()) -> None:
        if isinstance(objects, Mapping):
            self._objects: dict[Ref, Object] = dict(objects)
        else:
            self._objects = {item.ref: item for item in objects}

    def get(self, ref: Ref) -> Object | None:
        return self._objects.get(ref)

    def table(self, ref: Ref) -> Table:
        """The table. Raises ``KeyError`` if there is none."""
        table = self._objects[ref]
        assert isinstance(table, Table)
        return table

    def base_type(self, datatype: DataType) -> DataType:
        """The base type of a domain; any other type unchanged."""
        definition = self.get(datatype.ref) if datatype.ref is not None else None
        while isinstance(definition, Domain):
            datatype = replace(definition.type, array=definition.type.array or datatype.array)
            definition = self.get(datatype.ref) if datatype.ref is not None else None
        return datatype

    def __contains__(self, ref: Ref) -> bool:
        return ref in self._objects

    def __iter__(self) -> Iterator[Ref]:
        return iter(self._objects)

    def __len__(self) -> int:
        return len(self._objects)

    def objects(self) -> Iterable[Object]:
        """All objects, in insertion order."""
        return self._objects.values()

    def items(self) -> Iterable[tuple[Ref, Object]]:
        """All pairs of identity and object."""
        return self._objects.items()

    def tables(self) -> list[Table]:
        """All tables, sorted by schema and name."""
        tables = [item for item in self._objects.values() if isinstance(item, Table)]
        return sorted(tables, key=lambda table: (table.schema or "", table.name))

    @cached_property
    def _members(self) -> dict[tuple[str | None, str], list[Object]]:
        members: dict[tuple[str | None, str], list[Object]] = {}
        for ref, item in self._objects.items():
            if ref.table is not None:
                members.setdefault((ref.schema, ref.table), []).append(item)
        return members

    def members(self, table: Ref) -> tuple[Object, ...]:
        """The constraints, indexes, triggers and policies of a table, in insertion order."""
        return tuple(self._members.get((table.schema, table.name), ()))

    @cached_property
    def _referrers(self) -> dict[Ref, list[ForeignKey]]:
        referrers: dict[Ref, list[ForeignKey]] = {}
        for item in self._objects.values():
            if isinstance(item, ForeignKey):
                referrers.setdefault(item.ref_table, []).append(item)
        return referrers

    def referrers(self, table: Ref) -> tuple[ForeignKey, ...]:
        """The foreign keys that refer to a table."""
        return tuple(self._referrers.get(table, ()))

    @cached_property
    def partitions(self) -> Mapping[Ref, Partition]:
        """The partitions of all tables."""
        return {item.ref: item for table in self.tables() for item in table.partitions}

    @cached_property
    def _owned_sequences(self) -> dict[tuple[str | None, str | None], list[Sequence]]:
        sequences: dict[tuple[str | None, str | None], list[Sequence]] = {}
        for item in self._objects.values():
            if isinstance(item, Sequence) and item.owned_by is not None:
                sequences.setdefault((item.owned_by.schema, item.owned_by.table), []).append(item)
        return sequences

    def owned_sequences(self, table: Ref, column: str | None = None) -> tuple[Sequence, ...]:
        """The sequences that one or all columns of a table own, without those of serial columns."""
        sequences = self._owned_sequences.get((table.schema, table.name), ())
        return tuple(item for item in sequences if item.owned_by is not None and column in (None, item.owned_by.name))

    def put(self, *items: Object) -> Schema:
        """A copy with these objects, which replace those of the same identity."""
        return Schema({**self._objects, **{item.ref: item for item in items}})

    def without(self, *refs: Ref) -> Schema:
        """A copy without these objects."""
        removed = set(refs)
        return Schema({ref: item for ref, item in self._objects.items() if ref not in removed})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and self._objects == other._objects

    def __hash__(self) -> int:
        return hash(frozenset(self._objects))

    def __repr__(self) -> str:
        return f"Schema({list(self._objects.values())!r})"
