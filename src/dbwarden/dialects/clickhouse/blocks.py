"""Blocks of a table of the family of MergeTree: its inserts, numbered by their arrival.

A part says which blocks it consists of. A merge joins the parts of neighbouring blocks, a mutation rewrites one: both keep the
blocks, and only an insert brings new ones. So blocks tell rows that have arrived from those that were there, whatever becomes of
the parts. A replica may see a block after a later one; so all ranges are remembered, not only the last number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

Blocks: TypeAlias = Mapping[str, list[list[int]]]
"""Ranges of blocks, the first and the last number of each, by partition."""


class Part(NamedTuple):
    """An active part of a table, and the range of its blocks."""

    name: str
    partition: str
    first: int
    last: int


def blocks_of(parts: Iterable[Part], known: Blocks | None = None) -> Blocks:
    """The blocks of some parts, together with those that are known."""
    ranges: dict[str, list[list[int]]] = {partition: [*pairs] for partition, pairs in (known or {}).items()}
    for part in parts:
        ranges.setdefault(part.partition, []).append([part.first, part.last])
    return {partition: _joined(pairs) for partition, pairs in ranges.items()}


def _joined(pairs: Iterable[list[int]]) -> list[list[int]]:
    joined: list[list[int]] = []
    for first, last in sorted(pairs):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = [joined[-1][0], max(last, joined[-1][1])]
        else:
            joined.append([first, last])
    return joined


def has_arrived(part: Part, known: Blocks) -> bool:
    """Whether a part consists of unknown blocks only."""
    return all(part.last < first or last < part.first for first, last in known.get(part.partition, ()))


def is_mixed(part: Part, known: Blocks) -> bool:
    """Whether a part consists of known blocks and later ones, as a merge makes it."""
    return not has_arrived(part, known) and part.last > max(last for _, last in known[part.partition])
