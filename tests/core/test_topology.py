"""The topological sorts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbwarden.core import topology
from dbwarden.core.topology import Edges

GRAPHS = st.integers(1, 8).flatmap(
    lambda count: st.lists(st.lists(st.integers(0, count - 1), max_size=3), min_size=count, max_size=count)
)


@pytest.mark.parametrize(
    ("needs", "sequence"),
    [
        ([[], [], []], [0, 1, 2]),
        ([[2], [], []], [1, 2, 0]),  # only what has to wait does
        ([[], [0], [1]], [0, 1, 2]),
    ],
)
def test_sort(needs: list[list[int]], sequence: list[int]) -> None:
    assert list(topology.sort(needs)) == sequence


@pytest.mark.parametrize(
    ("needs", "sequence"),
    [
        ([[], [], []], [0, 1, 2]),
        ([[2], [], []], [2, 0, 1]),  # what is needed comes right before
        ([[], [0], [1]], [0, 1, 2]),
        ([[1], [0]], [1, 0]),  # the need that closes the circle is left out
        ([[0]], [0]),
    ],
)
def test_depth_first(needs: list[list[int]], sequence: list[int]) -> None:
    assert list(topology.depth_first(needs)) == sequence


@given(GRAPHS)
@pytest.mark.parametrize("sort", [topology.sort, topology.depth_first])
def test_everything_comes_once_and_behind_what_it_needs(sort: Callable[[Edges], Iterator[int]], edges: Edges) -> None:
    needs = [[other for other in wanted if other < at] for at, wanted in enumerate(edges)][::-1]
    needs = [[len(edges) - 1 - other for other in wanted] for wanted in needs]
    sequence = list(sort(needs))
    assert sorted(sequence) == list(range(len(needs)))
    place = {at: number for number, at in enumerate(sequence)}
    assert all(place[other] < place[at] for at, wanted in enumerate(needs) for other in wanted)


@given(GRAPHS)
def test_a_circle_is_one(needs: list[list[int]]) -> None:
    path = topology.find_cycle(needs)
    assert all(other in needs[at] for at, other in pairwise(path))
    assert not path or path[0] == path[-1]
    if not path:
        assert [at for at, wanted in enumerate(needs) if at in wanted] == []
