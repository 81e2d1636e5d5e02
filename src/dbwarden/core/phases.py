"""Where statements that leave the transaction stand: before or behind the one that holds all else, never in its midst.

What stands before such a statement is committed when it runs. Between the drop of an object and its re-add that would be
a half-way state for everybody to see, and to stay if a later statement fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .change import Add, Alter, Change, Drop, Rename
from .model import Column
from .order import hard_edges

_FIRST, _BEFORE, _WITHIN, _BEHIND, _SWAPPED, _VALIDATED, _LAST = range(7)


@dataclass(slots=True)
class _Piece:
    """Statements of one change that stay together; ``needs`` are numbers of pieces that run before it."""

    change: Change
    statements: tuple[str, ...]
    leaves: bool
    needs: list[int]
    phase: int = _WITHIN


def arrange(printed: Sequence[tuple[Change, Sequence[str]]], leaves: Sequence[bool]) -> tuple[str, ...]:
    """The statements of ordered changes, stably sorted: what leaves the transaction to make way (concurrent
    drops, what is built beside its predecessor); the transaction; what leaves it to build or to validate, and what needs
    that. Renames stay where they are, at one end. ``leaves`` tells of every statement whether it leaves the transaction.
    """
    if not any(leaves):
        return tuple(sql for _, statements in printed for sql in statements)
    pieces, first = _pieces(printed, leaves)
    _sort_in(pieces)
    _keep_swaps_together(pieces, first)
    return tuple(sql for piece in sorted(pieces, key=lambda piece: piece.phase) for sql in piece.statements)


def _pieces(
    printed: Sequence[tuple[Change, Sequence[str]]], leaves: Sequence[bool]
) -> tuple[list[_Piece], dict[int, int]]:
    """All pieces in the order given, and the number of the first of each change."""
    dropped = {change.ref for change, statements in printed if isinstance(change, Drop) and statements}
    pieces: list[_Piece] = []
    held: list[range] = []
    flags = iter(leaves)
    for change, statements in printed:
        own = [next(flags) for _ in statements]
        start = len(pieces)
        for part in _cut(change, own, change.ref in dropped):
            needs = [len(pieces) - 1] if len(pieces) > start else []
            pieces.append(_Piece(change, tuple(statements[part]), any(own[part]), needs))
        held.append(range(start, len(pieces)))
    for mine, needed in zip(held, hard_edges([change for change, _ in printed]), strict=True):
        # What a drop builds first, beside what it drops, needs nothing that the drop waits for.
        piece = pieces[mine[-1] if isinstance(pieces[mine[0]].change, Drop) else mine[0]]
        for other in needed:
            # A column has its new type before its NOT NULL is proven.
            early = isinstance(pieces[held[other][0]].change, Alter) and not piece.leaves
            piece.needs.append(held[other][0 if early else -1])
    return pieces, {at: mine[0] for at, mine in enumerate(held)}


def _cut(change: Change, leaves: Sequence[bool], added_again: bool) -> tuple[slice, ...]:
    if True not in leaves:
        return (slice(None),)
    at = leaves.index(True)
    match change:
        case Drop():
            at = len(leaves) - leaves[::-1].index(True)
        case Alter():
            at -= 1  # with ADD ... NOT VALID, the VALIDATE behind it
        case Add() if not added_again:
            at = 0
    return (slice(0, at), slice(at, None)) if 0 < at < len(leaves) else (slice(None),)


def _sort_in(pieces: Sequence[_Piece]) -> None:
    for number, piece in enumerate(pieces):
        needed = max((pieces[other].phase for other in piece.needs if other < number), default=_FIRST)
        if isinstance(piece.change, Rename):  # in front of all else, or on the way back behind it
            piece.phase = _FIRST if isinstance(pieces[0].change, Rename) else _LAST
        elif piece.leaves:
            piece.phase = max(_BEFORE if _makes_way(piece.change) and needed <= _BEFORE else _BEHIND, needed)
        else:
            piece.phase = max(piece.phase, needed)


def _makes_way(change: Change) -> bool:
    return isinstance(change, Drop) or (isinstance(change, Alter) and not isinstance(change.after, Column))


def _keep_swaps_together(pieces: Sequence[_Piece], first: dict[int, int]) -> None:
    """What is added again behind the transaction is dropped there too, when all is built that the adding needs."""
    late = {
        pieces[at].change.ref
        for at in first.values()
        if isinstance(pieces[at].change, Add) and pieces[at].phase >= _BEHIND
    }
    for piece in pieces:
        if isinstance(piece.change, Drop) and piece.phase == _WITHIN and piece.statements and piece.change.ref in late:
            piece.phase = _SWAPPED
    _sort_in(pieces)
    firsts = set(first.values())
    for number, piece in enumerate(pieces):
        if number not in firsts and isinstance(piece.change, Add):
            piece.phase = _VALIDATED
