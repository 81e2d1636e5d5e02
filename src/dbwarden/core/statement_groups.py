"""Groups of consecutive statements that are announced to the journal together.

Where every statement commits by itself, one entry *intent* for many statements saves a write for each of them. After an
interruption, the catalogue must still tell for each one whether it had its effect, so a group has these properties:

1. Its statements only create objects, each of a name of its own: none hides or undoes the effect of another one.
2. They end at once: indexes and constraints are of tables that statements of the same run have just created.
3. They run in order, one after the other. So the statements that had their effect are the first ones of the group: what
   comes after one without effect was not sent, whatever the catalogue shows of its name.

Every other statement is a group by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .types import Ref

LARGEST = 100
"""Statements of a group at most: what a later run has to look up."""


def statement_groups(numbers: Iterable[int], creates: Callable[[int], tuple[Ref, ...]]) -> Iterator[tuple[int, ...]]:
    """Divide statements into groups, in order. ``creates`` returns the ``Recovery.creates`` of one of them."""
    group: list[int] = []
    names: set[Ref] = set()
    new: set[Ref] = set()
    """Tables that were created since the last statement of another kind."""
    for number in numbers:
        refs = creates(number)
        joins = bool(refs) and all(ref.table is None or ref.owner in new for ref in refs)
        if group and not (joins and len(group) < LARGEST and names.isdisjoint(refs)):
            yield tuple(group)
            group, names = [], set()
        if joins:
            group.append(number)
            names.update(refs)
            new.update(ref for ref in refs if ref.table is None)
        else:
            yield (number,)
            new = set()
    if group:
        yield tuple(group)
