"""Regrouping of ordered changes as PostgreSQL needs them: members inside CREATE TABLE, views around a type swap."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TypeGuard

from dbwarden.core.change import Add, Alter, Change, Drop
from dbwarden.core.model import Column, Definition, Domain, Enum, Schema, column_ref
from dbwarden.core.order import fold
from dbwarden.core.types import Ref

from . import columns, enums


def regroup(changes: Sequence[Change], before: Schema, after: Schema) -> tuple[Change, ...]:
    """Regroup ordered changes. Members of a new table move into its ``parts``; views that depend on a swapped type are
    dropped before the swap and added after it."""
    folded = _expressions_apart(fold(changes, inline="created"))
    if not any(_swap(change) for change in folded):
        return folded
    altered = {change.ref: change for change in folded if _replaces(change)}
    handled = {change.ref for change in folded} - altered.keys()
    waiting: list[Add] = []  # the views that come back where the last one of them is altered
    ordered: list[Change] = []
    for at, change in enumerate(folded):
        if any(change.ref == add.ref for add in waiting):
            if not {later.ref for later in folded[at + 1 :]} & {add.ref for add in waiting} & altered.keys():
                ordered += waiting
                waiting = []
            continue
        views = list(_dependent_views(change, before, after, handled, altered)) if _swap(change) else []
        handled |= {view.ref for view in views}
        done = {earlier.ref for earlier in folded[:at]}
        again = [altered[view.ref].after if view.ref in altered else view for view in views]
        ordered += [
            Drop(new if new.ref in done else old) for old, new in reversed(list(zip(views, again, strict=True)))
        ]
        ordered.append(change)
        if any(view.ref in altered and view.ref not in done for view in views):
            waiting += [Add(view) for view in again]
        else:
            ordered += [Add(view) for view in again]
    return tuple(ordered)


def _replaces(change: Change) -> TypeGuard[Alter]:
    return isinstance(change, Alter) and isinstance(change.after, Definition)


def _expressions_apart(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Move columns that stop being generated before the other alterations of their table, and those that become generated
    after them: the type of a column that an expression reads cannot change."""
    stops = [change for change in changes if _generated(change) == (True, False)]
    starts = [change for change in changes if _generated(change) == (False, True)]
    if not stops and not starts:
        return changes
    ordered = list(changes)
    for change in reversed(stops):
        _move(ordered, change, min(_alterations(ordered, change)))
    for change in starts:
        _move(ordered, change, max(_alterations(ordered, change)))
    return tuple(ordered)


def _move(changes: list[Change], change: Change, to: int) -> None:
    """Move a change to position ``to``; all others keep their order."""
    changes.remove(change)
    changes.insert(to, change)


def _generated(change: Change) -> tuple[bool, bool] | None:
    if isinstance(change, Alter) and isinstance(change.before, Column) and isinstance(change.after, Column):
        return change.before.computed is not None, change.after.computed is not None
    return None


def _alterations(changes: list[Change], of: Change) -> list[int]:
    on = of.on if isinstance(of, Alter) else None
    return [at for at, change in enumerate(changes) if isinstance(change, Alter) and change.on == on]


def _swap(change: Change) -> bool:
    """Whether the upgrade or the rollback swaps the type: both must regroup in the same way."""
    if not isinstance(change, Alter) or not isinstance(change.before, Enum | Domain):
        return False
    return enums.swaps(change.before, change.after) or enums.swaps(change.after, change.before)


def _dependent_views(
    change: Change, before: Schema, after: Schema, handled: set[Ref], altered: Collection[Ref]
) -> Iterator[Definition]:
    """Views and routines that depend on the type or on columns of it, directly or through generated columns and other views, in
    the order of their creation; those among them that are ``altered`` too."""
    broken = {change.ref}
    for table in before.tables():
        swapped = {column.name for column in table.columns.values() if column.type.ref == change.ref}
        again = columns.generated_from(table.ref, swapped, (before, after)) if swapped else ()
        broken |= {column_ref(table.ref, name) for name in (*swapped, *(column.name for column in again))}
    waiting = [item for item in before.objects() if isinstance(item, Definition) and item.ref not in handled]
    progressed = True
    while progressed:
        progressed = False
        for item in list(waiting):
            stays = item.ref in altered or after.get(item.ref) == item
            if stays and not broken.isdisjoint(item.uses()):
                waiting.remove(item)
                broken.add(item.ref)
                progressed = True
                yield item
