"""Changes in PostgreSQL's granularity: members inside CREATE TABLE, views out of the way of a type swap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbwarden.core.change import Add, Alter, Change, Drop
from dbwarden.core.model import Column, Definition, Domain, Enum, Schema, column_ref
from dbwarden.core.order import fold
from dbwarden.core.types import Ref

from . import columns, enums


def regroup(changes: Sequence[Change], before: Schema, after: Schema) -> tuple[Change, ...]:
    """Ordered changes with the members of a new table in its ``parts``, and the views that stand on a swapped type
    dropped before it and added again behind it."""
    folded = _expressions_apart(fold(changes, inline="created"))
    if not any(_swap(change) for change in folded):
        return folded
    handled = {change.ref for change in folded}
    found: list[Change] = []
    for change in folded:
        views = list(_standing_on(change, before, after, handled)) if _swap(change) else []
        handled |= {view.ref for view in views}
        found += [Drop(view) for view in reversed(views)]
        found.append(change)
        found += [Add(view) for view in views]
    return tuple(found)


def _expressions_apart(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """A column that stops being generated goes before, one that becomes generated goes behind the other alterations of its
    table: what an expression reads cannot change its type."""
    stops = [change for change in changes if _generated(change) == (True, False)]
    starts = [change for change in changes if _generated(change) == (False, True)]
    if not stops and not starts:
        return changes
    found = list(changes)
    for change in reversed(stops):
        _move(found, change, min(_alterations(found, change)))
    for change in starts:
        _move(found, change, max(_alterations(found, change)))
    return tuple(found)


def _move(found: list[Change], change: Change, to: int) -> None:
    """Put a change where another one stands: what comes before and behind the alterations of its table stays there."""
    found.remove(change)
    found.insert(to, change)


def _generated(change: Change) -> tuple[bool, bool] | None:
    if isinstance(change, Alter) and isinstance(change.before, Column) and isinstance(change.after, Column):
        return change.before.computed is not None, change.after.computed is not None
    return None


def _alterations(changes: list[Change], of: Change) -> list[int]:
    on = of.on if isinstance(of, Alter) else None
    return [at for at, change in enumerate(changes) if isinstance(change, Alter) and change.on == on]


def _swap(change: Change) -> bool:
    """A swap in one direction needs the views away in the other direction too, so that one is the other's mirror."""
    if not isinstance(change, Alter) or not isinstance(change.before, Enum | Domain):
        return False
    return enums.swaps(change.before, change.after) or enums.swaps(change.after, change.before)


def _standing_on(change: Change, before: Schema, after: Schema, handled: set[Ref]) -> Iterator[Definition]:
    """Views on columns of the type and on what is generated from them, those on views too, in the order in which they can
    be created."""
    broken = set()
    for table in before.tables():
        swapped = {column.name for column in table.columns.values() if column.type.ref == change.ref}
        again = columns.generated_from(table.ref, swapped, (before, after)) if swapped else ()
        broken |= {column_ref(table.ref, name) for name in (*swapped, *(column.name for column in again))}
    waiting = [item for item in before.objects() if isinstance(item, Definition) and item.ref not in handled]
    found = True
    while found:
        found = False
        for item in list(waiting):
            if after.get(item.ref) == item and not broken.isdisjoint(item.uses()):
                waiting.remove(item)
                broken.add(item.ref)
                found = True
                yield item
