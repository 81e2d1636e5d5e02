"""Views and triggers that cannot stay while ALTER TABLE checks all of them.

SQLite reads the whole schema at RENAME, RENAME COLUMN and DROP COLUMN, and refuses them while a view or trigger names what is not
there (3.26 and later; https://www.sqlite.org/lang_altertable.html). So whatever reads a view that is created anew goes with it, and
the views on a view of a renamed column go before the rename, which changes the names of their columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from .change import Add, Alter, Change, Drop, Rename
from .model import Column, Definition, Schema, Table
from .types import Ref


def with_dependents(
    changes: Sequence[Change], current: Schema, renamed: Schema, desired: Schema
) -> tuple[tuple[Change, ...], frozenset[Ref]]:
    """The changes with drop and creation of each definition that would stand in the way of an ALTER TABLE among them, and what has
    to be dropped before the renames. ``renamed`` is ``current`` after the renames."""
    if not any(map(_checks_all, changes)):
        return tuple(changes), frozenset()
    definitions = {item.ref: item for item in renamed.objects() if isinstance(item, Definition)}
    dropped = {change.ref for change in changes if isinstance(change, Drop)}
    again = {change.ref for change in changes if isinstance(change, Add)} & dropped & definitions.keys()
    ahead = _readers(definitions, _views_of_renamed(changes, definitions))
    extra: list[Change] = []
    for ref in sorted((_readers(definitions, again) | ahead) - dropped, key=lambda ref: ref.key):
        if (wanted := desired.get(ref)) is not None:
            extra += (Drop(definitions[ref]), Add(wanted))
    former = dict(zip(renamed, current.objects(), strict=True))
    listed = (
        Drop(former[change.ref]) if isinstance(change, Drop) and change.ref in ahead else change
        for change in (*changes, *extra)
    )
    return tuple(listed), frozenset(ahead)


def dropped_first(changes: Iterable[Change], ahead: Collection[Ref]) -> tuple[Change, ...]:
    """Ordered changes with the drops of what is ``ahead`` before all others."""
    changes = tuple(changes)
    first = [change for change in changes if isinstance(change, Drop) and change.ref in ahead]
    return (*first, *(change for change in changes if change not in first))


def _checks_all(change: Change) -> bool:
    """Whether a change, or its rollback, is a statement that checks all views and triggers."""
    match change:
        case Rename(old=Ref("table" | "column")):
            return True
        case Add(object=Column()) | Drop(object=Column()) | Alter(after=Column() | Table()):
            return True
    return False


def _views_of_renamed(changes: Sequence[Change], definitions: dict[Ref, Definition]) -> set[Ref]:
    """The views of tables of which a column is renamed."""
    tables = {change.new.owner for change in changes if isinstance(change, Rename) and change.new.kind == "column"}
    return {ref for ref, item in definitions.items() if ref.kind == "view" and not tables.isdisjoint(_tables(item))}


def _tables(item: Definition) -> frozenset[Ref]:
    return frozenset(ref.owner if ref.kind == "column" else ref for ref in item.uses())


def _readers(definitions: dict[Ref, Definition], of: Collection[Ref]) -> set[Ref]:
    """The definitions that use one of ``of``, also through others."""
    readers: set[Ref] = set()
    more = set(of)
    while more:
        more = {ref for ref, item in definitions.items() if not more.isdisjoint(item.uses())} - readers
        readers |= more
    return readers
