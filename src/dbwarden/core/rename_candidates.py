"""Candidates for renames: pairs of objects, weighted evidence that both are one, and the best of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import product
from typing import TypeVar

from .change import Rename
from .lexical_rules import ANSI, LexicalRules
from .type_table import TypeTable
from .types import Ref

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A drop and an add that may be a rename. ``score`` is 1 if only the name differs."""

    rename: Rename
    score: float
    evidence: tuple[str, ...]
    """Reasons in words: ``same type``, ``unique as before``."""


@dataclass(frozen=True)
class Hints:
    """Evidence beside the two schemas."""

    types: TypeTable = TypeTable()
    """The engine's types, to compare columns whose types differ but are of one family."""
    attributes: Mapping[Ref, str] = field(default_factory=dict)
    """Attribute names in the model classes, for columns whose name differs."""
    lexical_rules: LexicalRules = ANSI
    """The engine's, to compare the texts of views and routines."""
    default_schema: str | None = None
    """The schema that these texts may name or leave out."""


def best_candidates(candidates: Iterable[Candidate], least: float) -> Iterator[Candidate]:
    """The candidates with the highest scores first, each old and each new name once."""
    used: set[Ref] = set()
    for candidate in sorted(
        candidates, key=lambda candidate: (-candidate.score, candidate.rename.old.key, candidate.rename.new.key)
    ):
        if candidate.score >= least and candidate.rename.old not in used and candidate.rename.new not in used:
            used |= {candidate.rename.old, candidate.rename.new}
            yield candidate


@dataclass(slots=True)
class Scale:
    """Sum of weighted evidence. Properties that neither side has (a default, constraints) do not count."""

    sum: float = 0.0
    weight: float = 0.0
    evidence: tuple[str, ...] = ()

    def put(self, weight: float, likeness: float, words: str = "") -> None:
        self.sum += weight * likeness
        self.weight += weight
        if words and likeness >= 0.6:
            self.evidence += (words,)

    def candidate(self, old: Ref, new: Ref) -> Candidate:
        return Candidate(Rename(old, new), round(self.sum / self.weight, 3), self.evidence)


def name_similarity(old: str, new: str) -> float:
    """Similarity of two names, from 0 to 1; a name that gained or lost a word is similar."""
    old, new = old.lower(), new.lower()
    ratio = SequenceMatcher(None, old, new, autojunk=False).ratio()
    short, long = sorted((old.split("_"), new.split("_")), key=len)
    return max(ratio, 0.8) if set(short) < set(long) else ratio


def shared(old: frozenset[object], new: frozenset[object]) -> float:
    return len(old & new) / max(len(old), len(new))


_ALL_PAIRS = 400
_COMMON = 16
"""Maximum number of pairs with a common mark that are compared because of it."""


def candidate_pairs(
    gone: SequenceOf[_T], new: SequenceOf[_T], marks: Callable[[_T], Iterable[Hashable]]
) -> Iterable[tuple[_T, _T]]:
    """All pairs if there are few, else those with a rare mark in common, so that their number stays linear.

    ``marks`` gives properties that an object may share with its renamed self: words of its name, its type, its position.
    """
    if len(gone) * len(new) <= _ALL_PAIRS:
        return product(gone, new)
    shelves: dict[Hashable, tuple[list[int], list[int]]] = {}
    for side, items in enumerate((gone, new)):
        for at, item in enumerate(items):
            for mark in set(marks(item)):
                shelves.setdefault(mark, ([], []))[side].append(at)
    rare = (shelf for shelf in shelves.values() if len(shelf[0]) * len(shelf[1]) <= _COMMON)
    pairs = sorted({pair for shelf in rare for pair in product(*shelf)})
    return ((gone[at], new[there]) for at, there in pairs)


def words_of(name: str) -> Iterator[Hashable]:
    return (("word", word) for word in re.split(r"[\W_]+", name.lower()))
