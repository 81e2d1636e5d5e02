"""Finds guards (constraints, unique indexes and NOT NULL, which reject rows) and the guards that succeed them.

If a constraint is replaced by another one, invalid rows must be rejected at all times: the successor is added before the
guard is dropped, in the rollback too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .change import Add, Alter, Change, Drop
from .model import Check, Column, Exclude, ForeignKey, Index, Member, Object, PrimaryKey, Unique
from .types import Ref


class Guard(NamedTuple):
    """The rows that are rejected and the columns that decide: ``refuses`` is ``unique``, ``value`` or ``reference``."""

    refuses: str
    table: Ref
    columns: frozenset[str]

    def succeeds(self, old: Guard) -> bool:
        """Whether this guard replaces ``old``: it rejects the same kind of row and shares a column."""
        return (self.refuses, self.table) == (old.refuses, old.table) and not self.columns.isdisjoint(old.columns)


def guard(item: Object) -> Guard | None:
    """The guard of a constraint or unique index; ``None`` for all other objects."""
    if not isinstance(item, Member):
        return None
    refuses = _refused_by(item)
    return Guard(refuses, item.table, frozenset(item.column_names())) if refuses else None


def _refused_by(item: Member) -> str | None:
    match item:
        case PrimaryKey() | Unique() | Exclude():
            return "unique"
        case Index():
            return "unique" if item.unique else None
        case Check():
            return "value"
        case ForeignKey():
            return "reference"
    return None


def removed_guard(change: Change) -> Guard | None:
    """The guard that a change removes: DROP of a constraint or unique index, DROP NOT NULL."""
    return guard(change.object) if isinstance(change, Drop) else _not_null(change, required=False)


def added_guard(change: Change) -> Guard | None:
    """The guard that a change adds: ADD of a constraint or unique index, SET NOT NULL."""
    return guard(change.object) if isinstance(change, Add) else _not_null(change, required=True)


def _not_null(change: Change, required: bool) -> Guard | None:
    match change:
        case Alter(before=Column() as before, after=Column() as after, on=Ref() as table):
            if before.nullable == required and after.nullable != required:
                return Guard("value", table, frozenset((after.name,)))
    return None


def successions(changes: Sequence[Change]) -> Iterator[tuple[int, int]]:
    """Pairs of numbers of changes: the first removes a guard, the second adds a successor."""
    by_place: dict[tuple[str, Ref], list[tuple[int, Guard]]] = {}
    for at, change in enumerate(changes):
        added = added_guard(change)
        if added is not None:
            by_place.setdefault((added.refuses, added.table), []).append((at, added))
    if not by_place:
        return
    for at, change in enumerate(changes):
        removed = removed_guard(change)
        if removed is not None:
            for other, added in by_place.get((removed.refuses, removed.table), ()):
                if added.succeeds(removed):
                    yield at, other
