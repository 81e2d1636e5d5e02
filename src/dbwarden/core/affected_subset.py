"""Restricts two schemas to what a trial of a migration needs: to try out a new column, a thousand tables need not be built.

1. The changed objects are included, with their members and the types, sequences and namespaces that they use.
2. So are tables on the other side of their foreign keys, and the tables with columns of a changed type.
3. Views and triggers on changed objects follow, transitively, then the functions that expressions call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from . import kinds
from .called_names import called_names, texts_in
from .change import Add, Alter, Change, Drop, Rename
from .model import Definition, ForeignKey, Object, Schema, Sequence
from .plan import Pair
from .types import Ref


def affected_subset(both: Pair, changes: Iterable[Change]) -> Pair:
    """``both`` restricted to what ``changes`` touch and its dependencies; unowned objects that these need are in both schemas.

    Foreign keys from tables that are only referred to lead out of the subset and are left out.
    """
    subset = _Subset(_with_left_alone(both))
    for change in changes:
        for ref in (*_refs(change), *_renamed_schema(change, subset.both)):
            subset.touch(ref)
    subset.complete()
    return Pair(subset.of(subset.both.current), subset.of(subset.both.desired), (), both.renames, filled=both.filled)


def _with_left_alone(both: Pair) -> Pair:
    left_alone = dict(both.left_alone.items())
    return Pair(
        Schema(left_alone | dict(both.current.items())),
        Schema(left_alone | dict(both.desired.items())),
        (),
        both.renames,
    )


def _refs(change: Change) -> Iterator[Ref]:
    match change:
        case Rename():
            yield from (change.old, change.new)
        case Add() | Drop():
            yield change.on or change.ref
            yield from (part.ref for part in change.parts)
        case Alter():
            yield change.on or change.ref
            yield from (part.ref for part in (*change.dropped, *change.added))


def _renamed_schema(change: Change, both: Pair) -> Iterator[Ref]:
    """What is in a schema that gets another name."""
    if not isinstance(change, Rename) or change.old.kind != "namespace":
        return
    for side, schema in ((both.current, change.old), (both.desired, change.new)):
        yield from (ref for ref in side if ref.schema == schema.name and ref.table is None)


@dataclass
class _Subset:
    """The affected objects, as they are collected."""

    both: Pair
    touched: set[Ref] = field(default_factory=set)
    included: set[Ref] = field(default_factory=set)
    definitions: set[Ref] = field(default_factory=set)

    @property
    def sides(self) -> tuple[Schema, Schema]:
        return self.both.current, self.both.desired

    def touch(self, ref: Ref) -> None:
        self.touched.add(ref.owner)
        if any(isinstance(side.get(ref), Definition) for side in self.sides):
            self.define(ref)

    def define(self, ref: Ref) -> None:
        """Include a view, trigger or function with what it depends on."""
        if ref not in self.definitions:
            self.definitions.add(ref)
            for side in self.sides:
                item = side.get(ref)
                if item is not None:
                    self.need(item)

    def need(self, item: Object) -> None:
        if isinstance(item, Sequence) and item.owned_by is not None:
            self.include(item.owned_by.owner)
        for ref in item.uses():
            self.include(ref.owner)
            if any(isinstance(side.get(ref), Definition) for side in self.sides):
                self.define(ref)

    def include(self, ref: Ref) -> None:
        """Include an object with its types, sequences and namespace, without what its foreign keys refer to."""
        if ref in self.included:
            return
        self.included.add(ref)
        for side in self.sides:
            item = side.get(ref)
            if item is not None and not isinstance(item, Definition):
                self.need(item)

    def complete(self) -> None:
        for ref in self.touched:
            self.include(ref)
            for side in self.sides:
                for key in side.referrers(ref):
                    self.include(key.table)
                for member in side.members(ref):
                    if not isinstance(member, Definition):
                        self.need(member)
        self._users_of_types()
        while self._dependents():
            pass
        while self._include_called_functions():
            pass
        self._counters()

    def _users_of_types(self) -> None:
        """Include the tables with a column of a type that changes."""
        types = {ref for ref in self.touched if ref.kind != "table" and not kinds.of(ref.kind).of_database}
        if types:
            for side in self.sides:
                for table in side.tables():
                    if table.uses() & types:
                        self.include(table.ref)

    def _dependents(self) -> bool:
        """Include views and triggers that depend on what changes, or on such views; false if there are no more."""
        before = len(self.definitions)
        ground = self.touched | self.definitions
        for item in self.both.current.objects():
            if isinstance(item, Definition) and item.ref not in self.definitions:
                uses = item.uses()
                if not ground.isdisjoint((*uses, *(ref.owner for ref in uses))):
                    self.define(item.ref)
        return len(self.definitions) > before

    def _include_called_functions(self) -> bool:
        """Include the functions that expressions of the subset call; false if there are no more."""
        routines: dict[str, list[Ref]] = {}
        for ref in self.both.current:
            if ref.kind == "function" and ref not in self.definitions:
                routines.setdefault(ref.name.partition("(")[0].lower(), []).append(ref)
        if not routines:
            return False
        names = {
            name
            for side in self.sides
            for ref, item in side.items()
            if self._has(ref, item)
            for name in called_names(item)
        }
        called = [ref for name, refs in routines.items() if name in names for ref in refs]
        for ref in called:
            self.define(ref)
        return bool(called)

    def _counters(self) -> None:
        """Include sequences that a column owns or that a default names, even if no migration created them."""
        sequences = [item for side in self.sides for item in side.objects() if isinstance(item, Sequence)]
        if not sequences:
            return
        texts = " ".join(
            text
            for side in self.sides
            for ref, item in side.items()
            if self._has(ref, item)
            for text in texts_in(item)
            if "'" in text
        )
        for sequence in sequences:
            owner = sequence.owned_by
            is_owned = owner is not None and owner.owner in self.included
            if is_owned or re.search(rf"\W{re.escape(sequence.name)}\W", texts):
                self.include(sequence.ref)

    def of(self, schema: Schema) -> Schema:
        return Schema({ref: item for ref, item in schema.items() if self._has(ref, item)})

    def _has(self, ref: Ref, item: Object) -> bool:
        if isinstance(item, Definition):
            return ref in self.definitions
        if isinstance(item, ForeignKey):
            return item.table in self.included and item.ref_table in self.included
        return item.kind == "extension" or ref.owner in self.included
