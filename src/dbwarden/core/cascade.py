"""Adds drop and re-creation of untouched dependents that a change would break, such as a view on an altered column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeGuard

from dbwarden.errors import Unsupported

from . import kinds
from .change import Add, Alter, Change, Drop, Rename
from .model import Column, Definition, ForeignKey, Object, Projection, Schema, column_ref
from .types import Ref

Recreated = Callable[[Change, Schema, Schema], frozenset[Ref]]
"""Columns, and untouched foreign keys and projections, that a dialect must drop and add again for a change
(``Dialect.recreated_by``)."""


def with_replacements(
    changes: Sequence[Change], replaces: Callable[[Definition, Definition], bool]
) -> tuple[Change, ...]:
    """``changes`` with one alteration for each drop and add of a definition that one statement can replace, in both directions:
    its dependents stay."""
    dropped = {change.ref: change.object for change in changes if isinstance(change, Drop)}
    replaced: dict[Ref, Alter] = {}
    for change in changes:
        before = dropped.get(change.ref) if isinstance(change, Add) else None
        after = getattr(change, "object", None)
        if not isinstance(before, Definition) or not isinstance(after, Definition):
            continue
        if replaces(before, after) and replaces(after, before):
            replaced[change.ref] = Alter(before, after)
    return tuple(
        replaced.get(change.ref, change)
        for change in changes
        if not (isinstance(change, Drop) and change.ref in replaced)
    )


def cascade(
    changes: Sequence[Change],
    before: Schema,
    after: Schema,
    recreated: Recreated | None = None,
    late_binding: bool = False,
) -> tuple[Change, ...]:
    """``changes`` with a drop and an add of each dependent of ``before`` that they would break.

    Dependents are the definitions (views) on an altered object or on a definition that is dropped and added again, also
    transitively, and the foreign keys to a column that is dropped and added again or that ``recreated`` names. The dependents of
    a dropped object are kept, so that the engine refuses: nobody asked to drop them. ``before`` is the schema after the renames
    among the changes. ``late_binding`` as in ``Features``.

    Raises ``Unsupported`` if a dependent also uses a renamed object, because its text has the old name.
    """
    recreated_refs = {ref for change in changes for ref in recreated(change, before, after)} if recreated else set()
    broken = recreated_refs.union(*map(_invalidated_refs, () if late_binding else changes))
    definitions_again = _recreated_definitions(changes)
    broken |= set() if late_binding else definitions_again
    if not broken and not definitions_again:
        return tuple(changes)
    replaced = {change.ref: change.after for change in changes if _replaces_definition(change)}
    handled = {change.ref for change in changes} - replaced.keys()
    extra: list[Change] = []
    for key in _members(recreated_refs, before):
        if key.ref not in handled and key.same_but_comment(after.get(key.ref)):
            handled.add(key.ref)
            extra += (Drop(key), Add(key))
    definitions = [item for item in before.objects() if isinstance(item, Definition) and item.ref not in handled]
    more = True
    while more:
        more = False
        for item in definitions:
            ground = recreated_refs | _definitions_in(broken) if item.attached else broken
            goes_along = item.on in definitions_again  # a trigger goes with its view, also where views are bound late
            if item.ref not in handled and (goes_along or not ground.isdisjoint(item.uses())):
                handled.add(item.ref)
                broken.add(item.ref)
                again = replaced.get(item.ref) or _as_declared(item, after)
                if item.ref not in replaced:
                    _check_text(item, changes)
                extra += (Drop(item), Add(again))
                more = True
    recreated_definitions = {change.ref for change in extra}
    return (
        *(change for change in changes if change.ref not in recreated_definitions or not _replaces_definition(change)),
        *extra,
    )


def _definitions_in(refs: Iterable[Ref]) -> set[Ref]:
    """The views and routines that are dropped and created again: their privileges go with them."""
    return {ref for ref in refs if kinds.of(ref.kind).text_defined}


def _replaces_definition(change: Change) -> TypeGuard[Alter]:
    return isinstance(change, Alter) and isinstance(change.after, Definition)


def _as_declared(item: Definition, after: Schema) -> Object:
    """The definition in the words of the models, if they declare it."""
    declared = after.get(item.ref)
    return declared if declared is not None and declared == item else item


def _recreated_definitions(changes: Sequence[Change]) -> set[Ref]:
    """Definitions that are dropped and added again; what is attached to a table has no dependents."""
    dropped = {change.ref for change in changes if isinstance(change, Drop) and isinstance(change.object, Definition)}
    return {change.ref for change in changes if isinstance(change, Add) and change.ref in dropped}


def _members(recreated_refs: set[Ref], before: Schema) -> Iterable[ForeignKey | Projection]:
    """Foreign keys and projections among ``recreated_refs``, and the foreign keys to a column of them; a recreated column's own
    are dropped with it anyway."""
    for ref in sorted(recreated_refs, key=lambda ref: ref.key):
        named = before.get(ref)
        if isinstance(named, ForeignKey | Projection):
            yield named
    for table in sorted({ref.owner for ref in recreated_refs}, key=lambda ref: ref.key):
        for key in before.referrers(table):
            own_columns = {column_ref(key.table, name) for name in key.columns}
            if own_columns.isdisjoint(recreated_refs) and any(
                column_ref(table, name) in recreated_refs for name in key.ref_columns
            ):
                yield key


def _check_text(item: Definition, changes: Sequence[Change]) -> None:
    stands_on = item.uses()
    renamed = next((change for change in changes if isinstance(change, Rename) and change.new in stands_on), None)
    if renamed is not None and not item.sql.names.bound:
        raise Unsupported(
            f"{item.ref} must be dropped and created again, but its text names {renamed.old}, which is renamed",
            hint="Rename in a migration of its own, apply it, then generate the other changes.",
        )


def _invalidated_refs(change: Change) -> tuple[Ref, ...]:
    if isinstance(change, Alter) and isinstance(change.before, Column) and _type_changes(change.before, change.after):
        return (change.ref,)
    return ()


def _type_changes(before: Object, after: Object) -> bool:
    return (
        isinstance(before, Column)
        and isinstance(after, Column)
        and ((before.type, before.collation) != (after.type, after.collation) or before.computed != after.computed)
    )
