"""Untouched dependents that a change would break: dropped before it and added again behind it."""

from __future__ import annotations

from collections.abc import Sequence

from dbwarden.errors import Unsupported

from .change import Add, Alter, Change, Drop, Rename
from .model import Column, Definition, Object, Schema
from .types import Ref


def cascade(changes: Sequence[Change], before: Schema, after: Schema) -> tuple[Change, ...]:
    """``changes`` plus drop and add of every definition of ``before`` (a view, say) that stands on something altered.

    ``before`` is the schema after the renames among the changes. Followed transitively: a view on a view goes too. What
    the changes drop for good takes no dependent with it: the engine then refuses, because nobody asked for the view to go.

    Raises ``Unsupported`` where such a definition also stands on something renamed: its text names what is gone.
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
                _check_text(item, changes)
                extra += (Drop(item), Add(item))
                found = True
    return (*changes, *extra)


def _check_text(item: Definition, changes: Sequence[Change]) -> None:
    stands_on = item.uses()
    renamed = next((change for change in changes if isinstance(change, Rename) and change.new in stands_on), None)
    if renamed is not None:
        raise Unsupported(
            f"{item.ref} has to be dropped and made again, and its text names {renamed.old}, which is renamed",
            hint="Rename in a migration of its own, apply it, and generate the other changes then.",
        )


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
