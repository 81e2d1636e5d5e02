"""Regrouping of ordered changes, so that changes of one table run in as few statements as the server allows.

Every DDL statement commits, so what must not be seen half done is one statement:

1. Members of a new table move into its CREATE TABLE.
2. Changes that no statement can make alone are joined into one ``Alter``: a key in the place of another, a column with
   AUTO_INCREMENT and its key, a type and the index over it (``_together``).
3. The changes of a table become neighbours as far as dependencies allow, those with the same ALGORITHM first; then
   ``alter_table_merging`` makes one ALTER TABLE of neighbours.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from dbwarden.core.change import Add, Alter, Change, Drop, Rename, after_renames, altered_table
from dbwarden.core.data_moves import creates, destroys
from dbwarden.core.dialect import Prefs, Server
from dbwarden.core.model import Check, Column, ForeignKey, Index, Member, PrimaryKey, Schema, Table, column_ref
from dbwarden.core.order import dependencies, fold
from dbwarden.core.types import Ref
from dbwarden.errors import Irreversible, Unsupported

from . import columns, ddl
from .alter_table_merging import guarantee_of
from .online import Schemas

_ONLINE = Prefs(online=True)


def regroup(changes: Sequence[Change], before: Schema, after: Schema, server: Server) -> tuple[Change, ...]:
    """Regroup ordered changes."""
    schemas = after_renames(before, [change for change in changes if isinstance(change, Rename)]), after
    folded = fold(changes, inline="created", apart=_keys_apart(changes, schemas, server))
    if not any((table := altered_table(change)) is not None and table in schemas[0] for change in folded):
        return folded
    return tuple(_Schedule(folded, schemas, server).changes())


def _keys_apart(changes: Iterable[Change], schemas: Schemas, server: Server) -> frozenset[Ref]:
    """Foreign keys that go before their table does, or come after it: a column changes meanwhile that they would block."""
    keys = frozenset[Ref]()
    for change in changes:
        match change:
            case Alter(before=Column() as old, after=Column() as new, on=Ref() as table):
                keys |= columns.refusing_keys(old, new, table, schemas, server)
    return keys


# -- changes that one statement makes -----------------------------------------------------------------------------


def _together(changes: Sequence[Change], schemas: Schemas) -> Iterator[list[int]]:
    """Numbers of the changes that have to be one statement."""
    by_table: dict[Ref, list[int]] = {}
    for at, change in enumerate(changes):
        table = altered_table(change)
        if table is not None and table in schemas[0] and table in schemas[1]:
            by_table.setdefault(table, []).append(at)
    for table, places in by_table.items():
        groups = [*_same_names(changes, places)]
        numbered = [at for at in places if _is_numbered(changes[at], table, schemas)]
        if len(numbered) > 1:
            groups.append(numbered)
        yield from _connected(_with_types(groups, changes, places))


def _same_names(changes: Sequence[Change], places: Iterable[int]) -> Iterator[list[int]]:
    """Pairs of a dropped key, index or check and the added one of the same name."""
    dropped = {
        changes[at].ref: at
        for at in places
        if isinstance(changes[at], Drop) and isinstance(changes[at].object, PrimaryKey | Index | Check)  # type: ignore[union-attr]
    }
    for at in places:
        change = changes[at]
        if isinstance(change, Add) and change.ref in dropped:
            yield [dropped[change.ref], at]


def _is_numbered(change: Change, table: Ref, schemas: Schemas) -> bool:
    """Whether a change adds, drops or alters a column with AUTO_INCREMENT, or a key that starts with one."""
    items = [getattr(change, name, None) for name in ("object", "before", "after")]
    numbered = {
        name
        for schema in schemas
        for name, column in schema.table(table).columns.items()
        if column.identity is not None
    }
    if any(isinstance(item, Column) for item in items):
        changed = {isinstance(item, Column) and item.identity is not None for item in items if item is not None}
        return True in changed and (not isinstance(change, Alter) or False in changed)
    return any(
        isinstance(item, PrimaryKey | Index) and item.column_names()[:1] and item.column_names()[0] in numbered
        for item in items
    ) or any(isinstance(item, PrimaryKey) for item in items)


def _with_types(groups: list[list[int]], changes: Sequence[Change], places: Sequence[int]) -> list[list[int]]:
    """The groups, each index of them together with the columns whose type changes under it."""
    for group in groups:
        indexed = {
            name
            for at in group
            for item in (getattr(changes[at], "object", None),)
            if isinstance(item, Index)
            for name in item.column_names()
        }
        for at in places:
            match changes[at]:
                case Alter(before=Column() as old, after=Column() as new) if (
                    new.name in indexed and old.type != new.type
                ):
                    group.append(at)
    return groups


def _connected(groups: Iterable[list[int]]) -> Iterator[list[int]]:
    """The groups, those with a common member joined."""
    joined: list[set[int]] = []
    for group in groups:
        touching = [other for other in joined if not other.isdisjoint(group)]
        joined = [other for other in joined if other.isdisjoint(group)]
        joined.append(set(group).union(*touching))
    return (sorted(group) for group in joined)


def _joined(group: Sequence[Change], schemas: Schemas) -> Change:
    """One change with the effect of all in a group."""
    if len(group) == 1:
        return group[0]
    if len(group) == 2:
        match group:
            case [Drop(object=Member() as old), Add(object=Member() as new)] if old.ref == new.ref:
                return Alter(old, new)
    table_ref = next(ref for change in group if (ref := altered_table(change)) is not None)
    before = after = schemas[0].table(table_ref)
    dropped: list[Member] = []
    added: list[Member] = []
    for change in group:
        match change:
            case Drop(object=Column() as column):
                after = after.without_column(column.name)
            case Add(object=Column() as column):
                after = after.with_column(column)
            case Alter(before=Column() as old_column, after=Column() as new_column):
                before = before.with_column(old_column)
                after = after.with_column(new_column)
            case Drop(object=Member() as member):
                dropped.append(member)
            case Add(object=Member() as member):
                added.append(member)
    return Alter(before, after, dropped=tuple(dropped), added=tuple(added))


# -- the order ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Schedule:
    """Changes of the same table as neighbours, each after those that it needs."""

    original: Sequence[Change]
    schemas: Schemas
    server: Server
    groups: list[list[int]] = field(default_factory=list)
    needs: list[set[int]] = field(default_factory=list)

    def changes(self) -> Iterator[Change]:
        needed = self._edges()
        together = _connected([*_together(self.original, self.schemas), *self._exchange_indexes(needed)])
        if not self._arrange(list(together), needed) and not self._arrange([], needed):
            # Edges that lead back close no cycle: a change that waits for itself would be missing from the file.
            self._arrange([], [{other for other in others if other < at} for at, others in enumerate(needed)])
        joined = [_joined([self.original[at] for at in group], self.schemas) for group in self.groups]
        return (joined[at] for at in self._sequence(joined))

    def _arrange(self, together: list[list[int]], edges: Sequence[set[int]]) -> bool:
        """Set groups and what each needs; false if they would have to wait for one another."""
        in_group = {at: group for group in together for at in group}
        firsts = [at for at in range(len(self.original)) if at not in in_group or at == in_group[at][0]]
        self.groups = [in_group.get(at, [at]) for at in firsts]
        number = {at: group for group, members in enumerate(self.groups) for at in members}
        self.needs = [set() for _ in self.groups]
        for at, needed in enumerate(edges):
            self.needs[number[at]] |= {number[other] for other in needed} - {number[at]}
        return self._is_acyclic()

    def _edges(self) -> list[set[int]]:
        """The changes that each change needs before it."""
        needed = [{*hard, *guards} for hard, guards in dependencies(self.original, self.schemas)]
        made: list[int] = []
        moving = _moving_columns(self.original)
        for at, change in enumerate(self.original):
            if isinstance(change, Rename):
                made.append(at)
            elif creates(change):
                needed[at].update(other for other in made if isinstance(self.original[other], Rename))
                made.append(at)
            elif destroys(change):
                needed[at].update(made)  # rows may have to move first
            elif isinstance(change, Alter) and change.ref in moving:  # NOT NULL, after the place for these rows
                needed[at].update(made)
                made.append(at)
            else:
                needed[at].update(other for other in made if isinstance(self.original[other], Rename))
        for at, other in _index_before_key(self.original):
            needed[at].add(other)
        return needed

    def _exchange_indexes(self, needed: list[set[int]]) -> list[list[int]]:
        """Let each dropped index that a foreign key needs wait for its successor; a successor that waits for the drop
        itself is one statement with it and with what is between them, whose numbers are returned."""
        together: list[list[int]] = []
        for dropped, added in _successors(self.original, self.schemas):
            for at in _reached(added, needed):
                change = self.original[at]
                if isinstance(change, Alter) and isinstance(change.after, Table):
                    needed[at].discard(dropped)  # the options of a table change whatever its indexes
            between = _between(added, dropped, needed)
            if not between:
                needed[dropped].add(added)
            elif _is_one_statement(self.original[at] for at in between):
                together.append(sorted(between))
        return together

    def _is_acyclic(self) -> bool:
        return len(list(self._sequence(None))) == len(self.groups)

    def _sequence(self, joined: Sequence[Change] | None) -> Iterator[int]:
        """Numbers of the groups in the order in which they run; with ``joined``, those of one table together."""
        tables = [altered_table(change) for change in joined] if joined else [None] * len(self.groups)
        costs = [self._costs(change) for change in joined] if joined else [("", "")] * len(self.groups)
        missing = [len(needed) for needed in self.needs]
        users: list[list[int]] = [[] for _ in self.groups]
        for at, needed in enumerate(self.needs):
            for other in needed:
                users[other].append(at)
        ready = [at for at, count in enumerate(missing) if not count]
        of_table: dict[Ref | None, list[int]] = {}
        for at in ready:
            of_table.setdefault(tables[at], []).append(at)
        done: set[int] = set()
        table: Ref | None = None
        cost = ("", "")
        while ready:
            near = of_table.get(table) if table is not None else None
            if near:
                group = _alike(near, costs, cost)
            else:
                group = heappop(ready)
                if group in done:
                    continue
            of_table[tables[group]].remove(group)
            table, cost = tables[group], costs[group]
            done.add(group)
            yield group
            for user in users[group]:
                missing[user] -= 1
                if not missing[user]:
                    heappush(ready, user)
                    insort(of_table.setdefault(tables[user], []), user)

    def _costs(self, change: Change) -> tuple[str, str]:
        """ALGORITHM and LOCK of a change and of its inverse, as their statements say them."""
        if altered_table(change) is None:
            return "", ""
        return self._cost(change, self.schemas), self._cost(change.inverse(), self.schemas[::-1])

    def _cost(self, change: Change, schemas: Schemas) -> str:
        try:
            statements = ddl.ddl(change, *schemas, _ONLINE, self.server)
        except (Unsupported, Irreversible):
            return ""
        return guarantee_of(statements[-1]) if statements else ""


def _between(at: int, other: int, needed: Sequence[set[int]]) -> set[int]:
    """The changes on the ways from ``at`` to one that it waits for, with both; empty if it does not wait."""
    before = _reached(at, needed)
    if other not in before:
        return set()
    users: list[set[int]] = [set() for _ in needed]
    for user in before:
        for each in needed[user]:
            users[each].add(user)
    return before & _reached(other, users)


def _reached(at: int, edges: Sequence[set[int]]) -> set[int]:
    """The numbers to which edges lead from one, with it."""
    reached, waiting = {at}, [at]
    while waiting:
        fresh = edges[waiting.pop()] - reached
        reached |= fresh
        waiting += fresh
    return reached


def _is_one_statement(changes: Iterable[Change]) -> bool:
    """Whether ``_joined`` can make one change of these: columns and members of one table that come, go, or are altered."""
    tables = set()
    for change in changes:
        if not isinstance(change, Add | Drop) and not (isinstance(change, Alter) and isinstance(change.after, Column)):
            return False
        tables.add(altered_table(change))
    return len(tables) == 1 and None not in tables


def _alike(near: Sequence[int], costs: Sequence[tuple[str, str]], cost: tuple[str, str]) -> int:
    """The first change that says the same ALGORITHM in both directions, else in this one, else the first."""
    alike = [at for at in near if costs[at][0] == cost[0]]
    return next((at for at in alike if costs[at] == cost), (alike or near)[0])


def _moving_columns(changes: Iterable[Change]) -> frozenset[Ref]:
    """Columns that are added or dropped: an ``Alter`` of one of them is a NOT NULL that waits for the rows to move."""
    return frozenset(
        column_ref(change.on, change.object.name)
        for change in changes
        if isinstance(change, Add | Drop) and isinstance(change.object, Column) and change.on is not None
    )


def _index_before_key(changes: Sequence[Change]) -> Iterator[tuple[int, int]]:
    """Pairs of a change and one that it needs: a foreign key is added after its index, and dropped before it."""
    keys: dict[tuple[type[Change], Ref], list[tuple[int, ForeignKey]]] = {}
    for at, change in enumerate(changes):
        if isinstance(change, Add | Drop) and isinstance(change.object, ForeignKey):
            keys.setdefault((type(change), change.object.table), []).append((at, change.object))
    for at, change in enumerate(changes):
        index = change.object if isinstance(change, Add | Drop) else None
        if not isinstance(index, Index | PrimaryKey):
            continue
        for other, key in keys.get((type(change), index.table), ()):
            if any(_served(index, [key])):
                yield (other, at) if isinstance(change, Add) else (at, other)


def _successors(changes: Sequence[Change], schemas: Schemas) -> Iterator[tuple[int, int]]:
    """Pairs of a dropped index that a foreign key needs, and the added one that serves it from then on."""
    gone = {change.ref for change in changes if isinstance(change, Drop)}  # keys that are away meanwhile need no index
    keys = [
        item
        for item in schemas[1].objects()
        if isinstance(item, ForeignKey) and schemas[0].get(item.ref) == item and item.ref not in gone
    ]
    if not keys:
        return
    added: dict[Ref, list[tuple[int, Index | PrimaryKey]]] = {}
    for at, change in enumerate(changes):
        if isinstance(change, Add) and isinstance(change.object, Index | PrimaryKey):
            added.setdefault(change.object.table, []).append((at, change.object))
    for dropped, change in enumerate(changes):
        old = change.object if isinstance(change, Drop) else None
        if not isinstance(old, Index | PrimaryKey) or old.table not in added:
            continue
        served = list(_served(old, keys))
        for at, new in added[old.table]:
            if new.ref != old.ref and any(columns in served for columns in _served(new, keys)):
                yield dropped, at


def _served(index: Index | PrimaryKey, keys: Iterable[ForeignKey]) -> Iterator[tuple[str, ...]]:
    """Columns of the foreign keys, on either side, with which an index begins."""
    names = tuple(index.columns if isinstance(index, PrimaryKey) else (one.column or "" for one in index.elements))
    for key in keys:
        for table, own in ((key.table, key.columns), (key.ref_table, key.ref_columns)):
            if table == index.table and names[: len(own)] == own:
                yield own
