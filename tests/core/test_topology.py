"""The one topological sort."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbwarden.core import topology

GRAPHS = st.integers(1, 8).flatmap(
    lambda count: st.lists(st.lists(st.integers(0, count - 1), max_size=3), min_size=count, max_size=count)
)


@pytest.mark.parametrize(
    ("needs", "wishes", "sequence"),
    [
        ([[], [], []], [], [0, 1, 2]),
        ([[2], [], []], [], [1, 2, 0]),  # only what has to wait does
        ([[], [0], [1]], [], [0, 1, 2]),
        ([[], [], []], [[2], [], []], [1, 2, 0]),
        ([[], []], [[1], [0]], [0, 1]),  # of a circle of wishes the first item gives up its own
        ([[1], []], [[], [0]], [1, 0]),  # a need is stronger
        ([[], [], []], [[1], [2], [1]], [1, 0, 2]),  # a wish outside of the circle is kept
        ([[0]], [], [0]),
    ],
)
def test_sort(needs: list[list[int]], wishes: list[list[int]], sequence: list[int]) -> None:
    assert list(topology.sort(needs, wishes)) == sequence


@given(GRAPHS)
def test_everything_comes_once_and_behind_what_it_needs(needs: list[list[int]]) -> None:
    sequence = list(topology.sort(needs))
    assert sorted(sequence) == list(range(len(needs)))
    place = {at: number for number, at in enumerate(sequence)}
    others = [[other for other in wanted if other != at] for at, wanted in enumerate(needs)]
    if not topology.circle(others):
        assert all(place[other] < place[at] for at, wanted in enumerate(others) for other in wanted)
        assert sequence == list(topology.sort(needs, [[]] * len(needs)))


@given(GRAPHS)
def test_wishes_never_stand_against_needs(edges: list[list[int]]) -> None:
    needs = [[other for other in wanted if other < at] for at, wanted in enumerate(edges)]
    place = {at: number for number, at in enumerate(topology.sort(needs, edges))}
    assert all(place[other] < place[at] for at, wanted in enumerate(needs) for other in wanted)


@given(GRAPHS)
def test_a_circle_is_one(needs: list[list[int]]) -> None:
    path = topology.circle(needs)
    assert all(other in needs[at] for at, other in pairwise(path))
    assert not path or path[0] == path[-1]
    if not path:
        assert [at for at, wanted in enumerate(needs) if at in wanted] == []
