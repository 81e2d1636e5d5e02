"""The order of changes: dependency edges, sorted once; and the folding of a table's members into its CREATE."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from . import kinds, topology
from .change import Add, Alter, Change, Drop, Rename
from .guards import successions
from .model import Column, Definition, Enum, ForeignKey, Index, Member, Object, PrimaryKey, Schema, Table
from .types import Ref

Schemas = tuple[Schema, Schema]
"""The schemas before (after the renames) and after the changes."""


def order(changes: Iterable[Change], schemas: Schemas | None = None, data_moves: bool = False) -> tuple[Change, ...]:
    """The changes in an order in which each can run: deterministic, whatever the order they came in (but that new columns
    of one table stay in the order given).

    Hard edges: what is used exists before its user is added or altered, and goes after its user is dropped or altered; a
    name is free before it is taken again. Where those allow it, a guard goes after its successor is there
    (``guards.successions``). Soft edge: a table comes after the tables it refers to, except in a cycle.
    Renames stay in front, in their own order, behind the schemas that they lead to. ``schemas`` tell of which named types
    the columns of constraints are. With ``data_moves``, tables and columns come before all else and go after all else.
    """
    changes = tuple(changes)
    renames: list[Change] = [change for change in changes if isinstance(change, Rename)]
    needed = {Ref("namespace", change.new.schema or "") for change in renames if isinstance(change, Rename)}
    first = [change for change in changes if isinstance(change, Add) and change.ref in needed]
    changes = tuple(change for change in changes if change not in first)
    rest = sorted((change for change in changes if not isinstance(change, Rename)), key=_sort_key)
    if data_moves:
        growing = {change.on for change in rest if isinstance(change, Add) and change.on is not None}
        rest.sort(key=lambda change: _moving_rank(change, growing))
    edges = _edges(rest, schemas)
    # Only soft edges can close a cycle: hard ones follow "is used by" between kinds, and ``_guard_edges`` looks first.
    sequence = topology.depth_first([[*sorted(hard + guards), *sorted(soft)] for hard, guards, soft in edges])
    return (*sorted(first, key=_sort_key), *renames, *(rest[at] for at in sequence))


def dependencies(changes: Sequence[Change], schemas: Schemas | None = None) -> list[tuple[list[int], list[int]]]:
    """Per change of an ordered list: the numbers of the changes that it needs, and of those that bring the successors of
    the guard it takes away."""
    parts, folded_into = _unfolded(changes)
    needed: list[set[int]] = [set() for _ in changes]
    for part, (hard, _, _) in enumerate(_edges(parts, schemas)):
        # An enum that only gets values takes them whatever stands on it: the drops are before it for the way back.
        others = (other for other in hard if not (_grows(parts[part]) and _is_member(parts[other])))
        needed[folded_into[part]].update(folded_into[other] for other in others)
    guards = (guards for _, guards, _ in _edges(changes, schemas))
    return [
        (sorted(other for other in needed[at] if other < at), [other for other in successors if other < at])
        for at, successors in enumerate(guards)
    ]


def _unfolded(changes: Sequence[Change]) -> tuple[list[Change], list[int]]:
    """The changes and, each by itself, what is folded into them; and the number of the change that does each."""
    parts: list[Change] = []
    folded_into: list[int] = []
    for at, change in enumerate(changes):
        members = change.parts if isinstance(change, Add | Drop) else ()
        parts += [change, *(Add(one) if isinstance(change, Add) else Drop(one) for one in members)]
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
    """Rank of a change where data moves: obstacles, new tables and columns, other changes, then the old places of data.

    Of these, columns of tables that also get some come first, since one rebuild may do both.
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
    """Index of changes by the ref that they create, remove or alter, and by the name that they free."""

    def __init__(self, changes: Sequence[Change], schemas: Schemas | None) -> None:
        self.changes, self.schemas = changes, schemas
        self.adds: dict[Ref, list[int]] = {}
        self.drops: dict[Ref, list[int]] = {}
        self.alters: dict[Ref, list[int]] = {}
        self.freed: dict[tuple[str | None, ...], list[int]] = {}
        for at, change in enumerate(changes):
            match change:
                case Add():
                    for ref in _provided(change.object, change.on):
                        self.adds.setdefault(ref, []).append(at)
                case Drop():
                    for ref in _provided(change.object, change.on):
                        self.drops.setdefault(ref, []).append(at)
                    for name in _taken_names(change.object):
                        self.freed.setdefault(name, []).append(at)
                case Alter():
                    self.alters.setdefault(change.ref, []).append(at)

    def altered(self, ref: Ref, item: Object) -> Iterator[int]:
        """The alterations of ``ref`` that matter to ``item``."""
        return (at for at in self.alters.get(ref, ()) if _concerns(self.changes[at], item))

    def types(self, item: Object, side: int) -> Iterator[Ref]:
        """The named types of a constraint's columns: an expression may name their values."""
        table = self.schemas[side].get(item.table) if self.schemas and isinstance(item, Member) else None
        if isinstance(table, Table) and isinstance(item, Member):
            for name in item.column_names():
                column = table.columns.get(name)
                if column is not None and column.type.ref is not None:
                    yield column.type.ref


def _concerns(change: Change, item: Object) -> bool:
    """Whether a constraint or index notices what is altered in its column: not a default, comment or numbering, and only
    a primary key (``SET NOT NULL`` comes before it, ``DROP NOT NULL`` behind it) whether the column is required."""
    if not isinstance(item, Member) or not isinstance(change, Alter):
        return True
    before, after = change.before, change.after
    if not isinstance(before, Column) or not isinstance(after, Column):
        return True
    if (before.type, before.collation, before.computed) != (after.type, after.collation, after.computed):
        return True
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


def _provided(item: Object, on: Ref | None) -> tuple[Ref, ...]:
    if isinstance(item, Column) and on is not None:
        return (Ref("column", item.name, on.schema, on.name),)
    return item.provides()


def _used(item: Object, on: Ref | None) -> frozenset[Ref]:
    return item.uses() | {on} if on is not None else item.uses()


def _edges(changes: Sequence[Change], schemas: Schemas | None = None) -> list[tuple[list[int], list[int], list[int]]]:
    """Per change: the changes that must run before it (hard), those that bring a successor of the guard it takes away and
    can run before it, and those that had better (soft)."""
    known = _Registry(changes, schemas)
    hard: list[list[int]] = [[] for _ in changes]
    soft: list[list[int]] = [[] for _ in changes]
    referred = _referred(changes)
    for at, change in enumerate(changes):
        match change:
            case Add():
                _needs(hard[at], known, _used(change.object, change.on), change.object)
                for ref in known.types(change.object, 1):
                    hard[at] += known.alters.get(ref, ())
                for name in _taken_names(change.object):
                    hard[at] += known.freed.get(name, ())
                hard[at] += known.drops.get(change.ref, ())
                if isinstance(change.object, Table):
                    for table in referred.get(change.ref, ()):
                        soft[at] += known.adds.get(table, ())
            case Alter():
                _needs(hard[at], known, _used(change.after, change.on), change.after)
                hard[at] += known.adds.get(change.ref, ())  # a column that is new and becomes NOT NULL behind its data
                # What it uses before and after, an enum that gets a value, is changed first: the new default needs it.
                gone = _used(change.before, change.on) - _used(change.after, change.on)
                _frees(hard, at, known, gone, change.before)
            case Drop():
                _frees(hard, at, known, _used(change.object, change.on), change.object)
                hard[at] += known.alters.get(change.ref, ()) if isinstance(change.object, Column) else ()
                for ref in known.types(change.object, 0):
                    for other in known.alters.get(ref, ()):
                        hard[other].append(at)
                if isinstance(change.object, Table):
                    for table in referred.get(change.ref, ()):
                        for other in known.drops.get(table, ()):
                            soft[other].append(at)
    return list(zip(hard, _guard_edges(changes, hard), soft, strict=True))


def _needs(before: list[int], known: _Registry, uses: Iterable[Ref], item: Object) -> None:
    for ref in sorted(uses, key=lambda ref: ref.key):
        before += known.adds.get(ref, ())
        before += known.altered(ref, item)


def _frees(hard: list[list[int]], at: int, known: _Registry, uses: Iterable[Ref], item: Object) -> None:
    for ref in sorted(uses, key=lambda ref: ref.key):
        for other in (*known.drops.get(ref, ()), *known.altered(ref, item)):
            if other != at:
                hard[other].append(at)


def _guard_edges(changes: Sequence[Change], hard: Sequence[Sequence[int]]) -> list[list[int]]:
    """Per change that takes a guard away: the successors that do not themselves have to wait for it."""
    edges: list[list[int]] = [[] for _ in changes]
    for old, new in successions(changes):
        if not _waits(new, old, hard, edges):
            edges[old].append(new)
    return edges


def _waits(at: int, other: int, *edges: Sequence[Sequence[int]]) -> bool:
    """Whether ``at`` can run only after ``other``, directly or by way of others."""
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


def _referred(changes: Sequence[Change]) -> dict[Ref, list[Ref]]:
    """Table -> tables that its added or dropped foreign keys point at."""
    referred: dict[Ref, list[Ref]] = {}
    for change in changes:
        if isinstance(change, Add | Drop) and isinstance(change.object, ForeignKey):
            key = change.object
            if key.ref_table != key.table:
                referred.setdefault(key.table, []).append(key.ref_table)
    return referred


# -- folding ------------------------------------------------------------------------------------------------------


def fold(changes: Sequence[Change], inline: str = "created") -> tuple[Change, ...]:
    """Ordered changes with the constraints and indexes of a new table folded into its ``Add.parts``, and those of a table
    that goes into its ``Drop.parts``.

    ``inline``: which foreign keys may be folded: those to tables that exist by then (``created``), or ``all``.
    """
    created = _fold_adds(tuple(changes), inline)
    mirrored = tuple(change.inverse() for change in reversed(created))
    return tuple(change.inverse() for change in reversed(_fold_adds(mirrored, inline)))


def _fold_adds(changes: tuple[Change, ...], inline: str) -> tuple[Change, ...]:
    place = {change.ref: at for at, change in enumerate(changes) if isinstance(change, Add)}
    parts: dict[Ref, list[Member]] = {}
    folded: set[int] = set()
    for at, change in enumerate(changes):
        if isinstance(change, Add) and isinstance(change.object, Member) and change.object.table in place:
            member = change.object
            if _foldable(member, place, inline):
                parts.setdefault(member.table, []).append(member)
                folded.add(at)
    return tuple(
        replace(change, parts=(*change.parts, *sorted(parts[change.ref], key=part_key)))
        if isinstance(change, Add) and change.ref in parts
        else change
        for at, change in enumerate(changes)
        if at not in folded
    )


def _foldable(member: Member, place: dict[Ref, int], inline: str) -> bool:
    here = place[member.table]
    if inline == "all" and isinstance(member, ForeignKey):
        return True
    return all(place.get(ref, -1) <= here for ref in member.uses() if ref != member.table and ref.kind != "key") and (
        not isinstance(member, ForeignKey) or place.get(member.ref_table, -1) <= here
    )


def part_key(member: Member) -> tuple[tuple[bool, int], tuple[str, ...], str]:
    """Sorts the members of one table as CREATE TABLE lists them, whatever the order in which a schema holds them."""
    return (
        kinds.rank_in_table(member.kind),
        () if member.name else member.column_names(),
        member.name or member.label(),
    )
