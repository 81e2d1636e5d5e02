"""Places statements that cannot run in a transaction (CREATE INDEX CONCURRENTLY) before, after or between transactions.

1. The statements of each change are cut into pieces: runs of statements that all *leave* the transaction, because they
   must run outside of one, or all do not.
2. Each piece gets the pieces that it needs, from the dependencies between changes (``order``).
3. Each piece gets a phase. The pieces of an odd phase share one transaction. The statements of an even phase run outside
   of one; each commits everything before it. A piece comes after what it needs and otherwise as early as possible.
4. Some pairs must not have a commit between them: the drop of an object and its re-creation, or the drop of a guard and
   the creation of its successor. The first of such a pair is moved to the phase of the second.
5. The pieces are sorted by phase, and stay in the given order within a phase.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from .change import Add, Alter, Change, Drop, Rename
from .data_moves import creates, destroys
from .guards import successions
from .model import Column, Member, PrimaryKey
from .order import Schemas, dependencies

_RENAMED_FIRST, _CLEARED, _BUILT = -1, 0, 2
"""Phases: renames, before everything else; drops outside a transaction; the first phase that builds outside of one."""


@dataclass(slots=True)
class _Piece:
    """Statements of one change that stay together.

    ``leaves``: whether they leave the transaction. ``needs``: numbers of the pieces that must run before it.
    """

    change: Change
    statements: tuple[str, ...]
    leaves: bool
    needs: list[int]


def arrange(
    printed: Sequence[tuple[Change, tuple[str, ...]]],
    leaves: Sequence[bool],
    schemas: Schemas | None = None,
    data_moves: bool = False,
) -> Sequence[tuple[Change, tuple[str, ...]]]:
    """The statements of ordered changes, stably sorted by phase.

    ``leaves`` says of each statement whether it leaves the transaction. Renames stay at the end where they are given. With
    ``data_moves``, tables and columns are dropped only after all new ones exist.
    """
    if not any(leaves):
        return printed
    changes = [change for change, _ in printed]
    pieces, places = _pieces(printed, leaves, schemas)
    if data_moves:
        _destroy_last(pieces)
    phases = _join_pairs(pieces, list(_inseparable(changes, pieces, places)))
    return [(pieces[at].change, pieces[at].statements) for at in _order_pieces(pieces, phases)]


def _destroy_last(pieces: Sequence[_Piece]) -> None:
    created = [at for at, piece in enumerate(pieces) if creates(piece.change)]
    for at, piece in enumerate(pieces):
        if destroys(piece.change):
            piece.needs += [other for other in created if other < at]


# -- pieces -------------------------------------------------------------------------------------------------------


def _pieces(
    printed: Sequence[tuple[Change, Sequence[str]]], leaves: Sequence[bool], schemas: Schemas | None
) -> tuple[list[_Piece], list[range]]:
    """All pieces in the given order, and the numbers of the pieces of each change."""
    pieces: list[_Piece] = []
    places: list[range] = []
    flags = iter(leaves)
    for change, statements in printed:
        start = len(pieces)
        marked = [(next(flags), sql) for sql in statements] or [(False, "")]
        for leaving, group in _runs(change, marked):
            needs = [len(pieces) - 1] if len(pieces) > start else []
            pieces.append(_Piece(change, tuple(sql for sql in group if sql), leaving, needs))
        places.append(range(start, len(pieces)))
    _link(pieces, places, [change for change, _ in printed], schemas)
    return pieces, places


def _runs(change: Change, marked: list[tuple[bool, str]]) -> Iterator[tuple[bool, list[str]]]:
    """Cut the statements of a change into runs. A drop may begin by building something, such as an index for the
    constraint that replaces it: that is a run of its own."""
    if isinstance(change, Drop) and len(marked) > 1 and marked[0][0]:
        yield True, [marked[0][1]]
        marked = marked[1:]
    for leaving, group in groupby(marked, key=lambda pair: pair[0]):
        yield leaving, [sql for _, sql in group]


def _link(
    pieces: Sequence[_Piece], places: Sequence[range], changes: Sequence[Change], schemas: Schemas | None
) -> None:
    for at, (needed, successors) in enumerate(dependencies(changes, schemas)):
        change = changes[at]
        needs = [places[other][_part_needed(changes[other], change)] for other in needed]
        # What a drop builds first does not need what the dropping itself waits for ...
        piece = pieces[places[at][-1 if isinstance(change, Drop) else 0]]
        piece.needs += [*needs, *(places[other][-1] for other in successors)]
        for other in needed:
            if _builds_for(changes[other], change, len(places[other])):
                # ... but it does need the columns of the object that is added from it.
                pieces[places[other][0]].needs += [
                    places[number][0] for number in needed if not isinstance(changes[number], Drop)
                ]


def _builds_for(drop: Change, add: Change, pieces: int) -> bool:
    if not isinstance(drop, Drop) or not isinstance(add, Add) or pieces < 2:
        return False
    old, new = drop.object, add.object
    return isinstance(old, Member) and isinstance(new, Member) and old.table == new.table


def _part_needed(needed: Change, by: Change) -> int:
    """Index of the piece of ``needed`` that ``by`` waits for: the first for an altered column, else the last.

    A column gets its type in the first piece, and NOT NULL, which only a primary key needs, in a later one.
    """
    is_column = isinstance(needed, Alter) and isinstance(needed.after, Column)
    return 0 if is_column and not (isinstance(by, Add) and isinstance(by.object, PrimaryKey)) else -1


def _order_pieces(pieces: Sequence[_Piece], phases: Sequence[int]) -> Iterator[int]:
    """The numbers of the pieces by phase, and within a phase in the given order, but after the pieces they need."""
    placed: set[int] = set()
    for start in sorted(range(len(pieces)), key=lambda at: phases[at]):
        waiting = [start]
        while waiting:
            at = waiting[-1]
            needed = [other for other in pieces[at].needs if other not in placed and other not in waiting]
            if needed:
                waiting.append(min(needed))
                continue
            waiting.pop()
            if at not in placed:
                placed.add(at)
                yield at


# -- phases -------------------------------------------------------------------------------------------------------


def _phases(pieces: Sequence[_Piece], floors: Sequence[int]) -> list[int]:
    """The earliest phase of each piece: after the pieces it needs, and not before its floor.

    A piece can need one that is given after it, so this repeats until no phase changes.
    """
    last = 2 * len(pieces) + 1
    first = isinstance(pieces[0].change, Rename)
    phases = [_RENAMED_FIRST] * len(pieces)
    moved = True
    while moved:
        moved = False
        for at, piece in enumerate(pieces):
            if isinstance(piece.change, Rename):  # first in an upgrade, last in a rollback
                phases[at] = _RENAMED_FIRST if first else last
                continue
            least = max((phases[other] for other in piece.needs), default=_RENAMED_FIRST)
            phase = min(_phase(piece, max(least, floors[at], _CLEARED)), last)
            moved = moved or phase != phases[at]
            phases[at] = phase
    return phases


def _phase(piece: _Piece, least: int) -> int:
    if not piece.leaves:
        return least | 1
    if least == _CLEARED and _makes_way(piece.change):
        return _CLEARED
    return max(_BUILT, least + least % 2)


def _makes_way(change: Change) -> bool:
    return isinstance(change, Drop) or (isinstance(change, Alter) and not isinstance(change.after, Column))


def _join_pairs(pieces: Sequence[_Piece], pairs: Sequence[tuple[int, int]]) -> list[int]:
    """The phases, with the first piece of each pair moved to the phase of the second.

    A pair stays apart if the second moves too, because a statement that leaves the transaction must run between them.
    """
    floors = [_RENAMED_FIRST] * len(pieces)
    phases = _phases(pieces, floors)
    waiting = list(pairs)
    while True:
        apart = [(first, second) for first, second in waiting if phases[first] < phases[second]]
        if not apart:
            return phases
        for first, second in apart:
            tried = floors.copy()
            tried[first] = phases[second]
            moved = _phases(pieces, tried)
            if moved[first] < moved[second]:
                waiting.remove((first, second))
            else:
                floors, phases = tried, moved


def _inseparable(
    changes: Sequence[Change], pieces: Sequence[_Piece], places: Sequence[range]
) -> Iterator[tuple[int, int]]:
    """Pairs of pieces that must share a transaction: a drop, and the later creation of the same object or of a successor of
    its guard."""
    added = {change.ref: at for at, change in enumerate(changes) if isinstance(change, Add)}
    pairs = [
        (at, added[change.ref]) for at, change in enumerate(changes) if isinstance(change, Drop) and change.ref in added
    ]
    pairs += successions(changes)
    for old, new in sorted(pairs):
        second = next((at for at in places[new] if not pieces[at].leaves and pieces[at].statements), None)
        for first in places[old]:
            if old < new and second is not None and not pieces[first].leaves and pieces[first].statements:
                yield first, second
