"""Sorts changes by dependency, and folds the constraints of a new table into its CREATE TABLE.

1. The changes get a default order: drops, alters, adds, and within these by kind and name (``_sort_key``).
2. A registry finds the changes that create, drop or alter an object, and those that free a name.
3. Each change gets the changes that must run before it, as edges (``_edges``).
4. A depth-first sort visits the changes in the default order, each after those its edges lead to.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from . import kinds, topology
from .called import called_places, routine_places
from .change import Add, Alter, Change, Drop, Rename
from .guards import successions
from .model import (
    Column,
    Definition,
    Enum,
    ForeignKey,
    Index,
    Member,
    Object,
    Partition,
    PrimaryKey,
    Schema,
    Table,
    column_ref,
)
from .sqltext import fold_case
from .types import Ref

Schemas = tuple[Schema, Schema]
"""The schemas before (after the renames) and after the changes."""


def order(changes: Iterable[Change], schemas: Schemas | None = None, data_moves: bool = False) -> tuple[Change, ...]:
    """The changes in an order in which each can run. Only new columns of a table depend on the given order: they keep it.

    Renames stay first, in the given order, after the namespaces that they move to. Between other changes there are three
    kinds of edges:

    1. Hard: an object is created before a change that uses it and dropped after its users; a name is free before it is
       taken again.
    2. Guard: a guard is dropped after its successor exists (``guards.successions``), if the hard edges allow it.
    3. Soft: a table is created after the tables that it refers to, except in a cycle.

    ``schemas`` give the named types of the columns in constraints. With ``data_moves``, tables and columns are created as
    early and dropped as late as the edges allow.
    """
    changes = tuple(changes)
    renames: list[Change] = [change for change in changes if isinstance(change, Rename)]
    needed = {Ref("namespace", change.new.schema or "") for change in renames if isinstance(change, Rename)}
    first = [change for change in changes if isinstance(change, Add) and change.ref in needed]
    changes = tuple(change for change in changes if change not in first)
    remaining = sorted((change for change in changes if not isinstance(change, Rename)), key=_sort_key)
    if data_moves:
        growing = {change.on for change in remaining if isinstance(change, Add) and change.on is not None}
        remaining.sort(key=lambda change: _moving_rank(change, growing))
    edges = _edges(remaining, schemas)
    # Only soft edges can close a cycle: hard ones follow usage between kinds, and ``_guard_edges`` avoids cycles.
    sequence = topology.depth_first([[*sorted(hard + guards), *sorted(soft)] for hard, guards, soft in edges])
    return (*sorted(first, key=_sort_key), *renames, *(remaining[at] for at in sequence))


def dependencies(changes: Sequence[Change], schemas: Schemas | None = None) -> list[tuple[list[int], list[int]]]:
    """Numbers of the changes that must run before each change of an ordered list: those that it needs, and those that add
    successors of the guard it removes."""
    parts, folded_into = _unfold(changes)
    needed: list[set[int]] = [set() for _ in changes]
    for part, (hard, _, _) in enumerate(_edges(parts, schemas)):
        # An enum can get values whatever uses it; the drops come before it only for the sake of the rollback.
        others = (other for other in hard if not (_grows(parts[part]) and _is_member(parts[other])))
        needed[folded_into[part]].update(folded_into[other] for other in others)
    guards = (guards for _, guards, _ in _edges(changes, schemas))
    return [
        (sorted(other for other in needed[at] if other < at), [other for other in successors if other < at])
        for at, successors in enumerate(guards)
    ]


def _unfold(changes: Sequence[Change]) -> tuple[list[Change], list[int]]:
    """The changes with everything folded into them as changes of their own, and for each the number of its original."""
    parts: list[Change] = []
    folded_into: list[int] = []
    for at, change in enumerate(changes):
        members = change.parts if isinstance(change, Add | Drop) else ()
        parts += [change, *(Add(member) if isinstance(change, Add) else Drop(member) for member in members)]
        folded_into += [at] * (1 + len(members))
    return parts, folded_into


def _grows(change: Change) -> bool:
    if not isinstance(change, Alter) or not isinstance(change.before, Enum) or not isinstance(change.after, Enum):
        return False
    values = iter(change.after.values)
    return all(value in values for value in change.before.values)


def _is_member(change: Change) -> bool:
    return isinstance(change, Drop) and isinstance(change.object, Member)


def _sort_key(change: Change) -> tuple[int, int, tuple[str, str, str, str]]:
    # Without edges between them, drops come first (names and columns become free), then alters, then adds.
    verb = {Drop: 0, Alter: 1, Add: 2}.get(type(change), 1)
    rank = kinds.rank(change.ref.kind)
    ref = change.ref
    if verb == 2 and ref.kind == "column":
        ref = ref._replace(name="")  # new columns of a table keep the order in which the model has them
    return (verb, -rank if verb == 0 else rank, ref.key)


def _moving_rank(change: Change, growing: Collection[Ref | None]) -> int:
    """Rank of a change if data moves: dropped members and definitions, new tables and columns, other changes, dropped
    tables and columns.

    Of the last, columns of tables that also get new ones come first, because one rebuild may do both.
    """
    match change:
        case Add(object=Table() | Column()):
            return 1
        case Drop(object=Member() | Definition()):
            return 0
        case Drop():
            return 3 if change.on in growing else 4
    return 2


class _Registry:
    """Index of changes by the object that they add, drop or alter, and by the name that they free."""

    def __init__(self, changes: Sequence[Change], schemas: Schemas | None) -> None:
        self.changes, self.schemas = changes, schemas
        self.adds: dict[Ref, list[int]] = {}
        self.drops: dict[Ref, list[int]] = {}
        self.alters: dict[Ref, list[int]] = {}
        self.freed: dict[tuple[str | None, ...], list[int]] = {}
        self.added_routines, self.dropped_routines = routine_places(changes, Add), routine_places(changes, Drop)
        for at, change in enumerate(changes):
            match change:
                case Add():
                    for ref in _provided_refs(change.object, change.on):
                        self.adds.setdefault(ref, []).append(at)
                case Drop():
                    for ref in _provided_refs(change.object, change.on):
                        self.drops.setdefault(ref, []).append(at)
                    for name in _taken_names(change.object):
                        self.freed.setdefault(name, []).append(at)
                case Alter():
                    for ref in _altered_refs(change):
                        self.alters.setdefault(ref, []).append(at)
                    if isinstance(change.before, Partition):
                        self.freed.setdefault(_bounds_in(change.before), []).append(at)

    def altered(self, ref: Ref, item: Object) -> Iterator[int]:
        """The alterations of ``ref`` that matter to ``item``."""
        return (at for at in self.alters.get(ref, ()) if _is_affected(self.changes[at], item))

    def types(self, item: Object, side: int) -> Iterator[Ref]:
        """The named types of a constraint's columns: an expression may name their values."""
        table = self.schemas[side].get(item.table) if self.schemas and isinstance(item, Member) else None
        if isinstance(table, Table) and isinstance(item, Member):
            for name in item.column_names():
                column = table.columns.get(name)
                if column is not None and column.type.ref is not None:
                    yield column.type.ref


def _is_affected(change: Change, item: Object) -> bool:
    """Whether a constraint or index depends on what an alteration changes in its column.

    All depend on type, collation and generation expression, and foreign keys on AUTO_INCREMENT. Only a primary key
    depends on NOT NULL: ``SET NOT NULL`` comes before it, ``DROP NOT NULL`` after it.
    """
    if not isinstance(item, Member) or not isinstance(change, Alter):
        return True
    before, after = change.before, change.after
    if not isinstance(before, Column) or not isinstance(after, Column):
        return True
    if (before.type, before.collation, before.computed) != (after.type, after.collation, after.computed):
        return True
    if isinstance(item, ForeignKey):
        modes = {column.identity.mode if column.identity is not None else "" for column in (before, after)}
        return "" in modes and "auto_increment" in modes
    return isinstance(item, PrimaryKey) and before.nullable != after.nullable


def _taken_names(item: Object) -> Iterator[tuple[str | None, ...]]:
    name = getattr(item, "name", None)
    if name is None:
        return
    if item.kind in kinds.RELATIONS:
        yield (item.ref.schema, name)
    if isinstance(item, PrimaryKey):
        yield (item.table.schema, item.table.name, "", "primary key")  # a table has one, whatever the names
    if isinstance(item, Member) and not isinstance(item, Index):
        yield (item.table.schema, item.table.name, name)
    if isinstance(item, Partition):
        yield _bounds_in(item)


def _bounds_in(partition: Partition) -> tuple[str | None, ...]:
    """The bounds in a partitioned table as a name: no row may belong to two partitions."""
    return (partition.of.schema, partition.of.name, "", "bounds")


def _provided_refs(item: Object, on: Ref | None) -> tuple[Ref, ...]:
    if isinstance(item, Column) and on is not None:
        return tuple({column_ref(on, item.name), _mention(on, item.name)})
    return item.provides()


def _altered_refs(change: Alter) -> set[Ref]:
    if isinstance(change.after, Column) and change.on is not None:
        return {change.ref, _mention(change.on, change.after.name)}
    return {change.ref}


def _used_refs(item: Object, on: Ref | None) -> frozenset[Ref]:
    if on is None:
        return item.uses()
    computed = item.computed if isinstance(item, Column) else None
    # Which words are columns only a dialect knows; others are no changes' columns.
    mentioned = re.findall(r"\w+", computed.expression.text) if computed is not None else ()
    own = _mention(on, item.name) if isinstance(item, Column) else None
    return item.uses() | {on} | {_mention(on, word) for word in mentioned} - {own}


def _mention(table: Ref, column: str) -> Ref:
    """A column as an expression may spell it, in any letter case."""
    return Ref("mention", fold_case(column), table.schema, table.name)


def _edges(changes: Sequence[Change], schemas: Schemas | None = None) -> list[tuple[list[int], list[int], list[int]]]:
    """The hard, guard and soft edges of each change (see ``order``), as numbers of the changes to run before it."""
    registry = _Registry(changes, schemas)
    hard: list[list[int]] = [[] for _ in changes]
    soft: list[list[int]] = [[] for _ in changes]
    referred = _referred_tables(changes)
    for at, change in enumerate(changes):
        match change:
            case Add():
                _needs(hard[at], registry, _used_refs(change.object, change.on), change.object)
                hard[at] += called_places(change.object, registry.added_routines)
                for ref in registry.types(change.object, 1):
                    hard[at] += registry.alters.get(ref, ())
                for name in _taken_names(change.object):
                    hard[at] += registry.freed.get(name, ())
                hard[at] += registry.drops.get(change.ref, ())
                if isinstance(change.object, Table):
                    for table in referred.get(change.ref, ()):
                        soft[at] += registry.adds.get(table, ())
            case Alter():
                _needs(hard[at], registry, _used_refs(change.after, change.on), change.after)
                hard[at] += called_places(change.after, registry.added_routines)
                for routine in called_places(change.before, registry.dropped_routines):
                    hard[routine].append(at)
                hard[at] += registry.adds.get(change.ref, ())  # a new column that becomes NOT NULL after it is filled
                if isinstance(change.after, Partition):
                    freed = registry.freed.get(_bounds_in(change.after), ())
                    hard[at] += (other for other in freed if isinstance(changes[other], Drop))
                # An object used both before and after is altered first: a new default may need a new enum value.
                no_longer_used = _used_refs(change.before, change.on) - _used_refs(change.after, change.on)
                _frees(hard, at, registry, no_longer_used, change.before)
            case Drop():
                _frees(hard, at, registry, _used_refs(change.object, change.on), change.object)
                for routine in called_places(change.object, registry.dropped_routines):
                    hard[routine].append(at)
                hard[at] += registry.alters.get(change.ref, ()) if isinstance(change.object, Column) else ()
                for ref in registry.types(change.object, 0):
                    for other in registry.alters.get(ref, ()):
                        hard[other].append(at)
                if isinstance(change.object, Table):
                    for table in referred.get(change.ref, ()):
                        for other in registry.drops.get(table, ()):
                            soft[other].append(at)
    return list(zip(hard, _guard_edges(changes, hard), soft, strict=True))


def _needs(before: list[int], registry: _Registry, uses: Iterable[Ref], item: Object) -> None:
    for ref in sorted(uses, key=lambda ref: ref.key):
        before += registry.adds.get(ref, ())
        before += registry.altered(ref, item)


def _frees(hard: list[list[int]], at: int, registry: _Registry, uses: Iterable[Ref], item: Object) -> None:
    for ref in sorted(uses, key=lambda ref: ref.key):
        for other in (*registry.drops.get(ref, ()), *registry.altered(ref, item)):
            if other != at:
                hard[other].append(at)


def _guard_edges(changes: Sequence[Change], hard: Sequence[Sequence[int]]) -> list[list[int]]:
    """For each change that removes a guard: the changes that add successors and need not wait for the removal."""
    edges: list[list[int]] = [[] for _ in changes]
    for old, new in successions(changes):
        if not _waits(new, old, hard, edges):
            edges[old].append(new)
    return edges


def _waits(at: int, other: int, *edges: Sequence[Sequence[int]]) -> bool:
    """Whether ``at`` can run only after ``other``, directly or transitively."""
    seen, waiting = {at}, [at]
    while waiting:
        current = waiting.pop()
        if current == other:
            return True
        for each in edges:
            for needed in each[current]:
                if needed not in seen:
                    seen.add(needed)
                    waiting.append(needed)
    return False


def _referred_tables(changes: Sequence[Change]) -> dict[Ref, list[Ref]]:
    """The other tables that the added or dropped foreign keys of each table refer to."""
    referred: dict[Ref, list[Ref]] = {}
    for change in changes:
        if isinstance(change, Add | Drop) and isinstance(change.object, ForeignKey):
            key = change.object
            if key.ref_table != key.table:
                referred.setdefault(key.table, []).append(key.ref_table)
    return referred


# -- folding ------------------------------------------------------------------------------------------------------


def fold(changes: Sequence[Change], inline: str = "created", apart: Collection[Ref] = ()) -> tuple[Change, ...]:
    """Ordered changes with the constraints and indexes of a new table folded into its ``Add.parts``, and those of a
    dropped table into its ``Drop.parts``.

    ``inline``: the foreign keys to fold: those to tables that already exist (``created``), or ``all``; none of ``apart``.
    """
    created = _fold_adds(tuple(changes), inline, apart)
    mirrored = tuple(change.inverse() for change in reversed(created))
    return tuple(change.inverse() for change in reversed(_fold_adds(mirrored, inline, apart)))


def _fold_adds(changes: tuple[Change, ...], inline: str, apart: Collection[Ref]) -> tuple[Change, ...]:
    place = {change.ref: at for at, change in enumerate(changes) if isinstance(change, Add)}
    routines = routine_places(changes, Add)
    parts: dict[Ref, list[Member]] = {}
    folded: set[int] = set()
    for at, change in enumerate(changes):
        if isinstance(change, Add) and isinstance(change.object, Member) and change.object.table in place:
            member = change.object
            early = all(called < place[member.table] for called in called_places(member, routines))
            if member.ref not in apart and early and _can_fold(member, place, inline):
                parts.setdefault(member.table, []).append(member)
                folded.add(at)
    return tuple(
        replace(change, parts=(*change.parts, *sorted(parts[change.ref], key=part_key)))
        if isinstance(change, Add) and change.ref in parts
        else change
        for at, change in enumerate(changes)
        if at not in folded
    )


def _can_fold(member: Member, place: dict[Ref, int], inline: str) -> bool:
    table_place = place[member.table]
    if inline == "all" and isinstance(member, ForeignKey):
        return True
    return all(
        place.get(ref, -1) <= table_place for ref in member.uses() if ref != member.table and ref.kind != "key"
    ) and (not isinstance(member, ForeignKey) or place.get(member.ref_table, -1) <= table_place)


def part_key(member: Member) -> tuple[tuple[bool, int], tuple[str, ...], str]:
    """Sort key of a table's members: the order in which CREATE TABLE lists them."""
    return (
        kinds.rank_in_table(member.kind),
        () if member.name else member.column_names(),
        member.name or member.label(),
    )
