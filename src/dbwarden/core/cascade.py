"""Untouched dependents that a change would break: dropped before it and added again behind it."""

from __future__ import annotations

from collections.abc import Sequence

from .change import Add, Alter, Change, Drop
from .model import Column, Definition, Object, Schema
from .types import Ref


def cascade(changes: Sequence[Change], before: Schema, after: Schema) -> tuple[Change, ...]:
    """``changes`` plus drop and add of every definition of ``before`` (a view, say) that stands on something altered.

    Followed transitively: a view on a view goes too. What the changes drop for good takes no dependent with it: the engine
    then refuses, because nobody asked for the view to go.
    """
    broken = {ref for change in changes for ref in _breaks(change)}
    if not broken:
        return tuple(changes)
    handled = {change.ref for change in changes}
    definitions = [item for item in before.objects() if isinstance(item, Definition) and item.ref not in handled]
    extra: list[Change] = []
    found = True
    while found:
        found = False
        for item in definitions:
            if item.ref not in handled and not broken.isdisjoint(item.uses()):
                handled.add(item.ref)
                broken.add(item.ref)
                extra += (Drop(item), Add(item))
                found = True
    return (*changes, *extra)


def _breaks(change: Change) -> tuple[Ref, ...]:
    if isinstance(change, Alter) and isinstance(change.before, Column) and _type_changes(change.before, change.after):
        return (change.ref,)
    return ()


def _type_changes(before: Object, after: Object) -> bool:
    return (
        isinstance(before, Column)
        and isinstance(after, Column)
        and ((before.type, before.collation) != (after.type, after.collation) or before.computed != after.computed)
    )
