"""Topological sorts: each item comes after the items that it needs."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

Edges = Sequence[Sequence[int]]
"""For each item, the numbers of the items that it needs."""


def sort(needs: Edges) -> Iterator[int]:
    """The numbers of all items, each after those it needs; of several possible next items, the lowest number.

    Items of a cycle are left out, so call ``find_cycle`` first.
    """
    missing = [set(others) for others in needs]
    dependents: list[list[int]] = [[] for _ in needs]
    for at, others in enumerate(missing):
        for other in others:
            dependents[other].append(at)
    ready = [at for at, others in enumerate(missing) if not others]
    while ready:
        at = heapq.heappop(ready)
        yield at
        for other in dependents[at]:
            missing[other].remove(at)
            if not missing[other]:
                heapq.heappush(ready, other)


def depth_first(needs: Edges) -> Iterator[int]:
    """The numbers of all items, each directly before the first item that needs it, so that related items stay together.

    A need that closes a cycle is ignored.
    """
    done = [0] * len(needs)  # 0 new, 1 on the path, 2 placed
    for start in range(len(needs)):
        path: list[tuple[int, Iterator[int]]] = [(start, iter(needs[start]))] if not done[start] else []
        done[start] = done[start] or 1
        while path:
            at, others = path[-1]
            other = next((item for item in others if not done[item]), None)
            if other is None:
                done[at] = 2
                path.pop()
                yield at
            else:
                done[other] = 1
                path.append((other, iter(needs[other])))


def find_cycle(needs: Edges) -> list[int]:
    """One cycle of needs, beginning and ending with the same item; empty if there is none."""
    done = [0] * len(needs)  # 0 new, 1 on the path, 2 without a cycle
    for start in range(len(needs)):
        path: list[tuple[int, Iterator[int]]] = [(start, iter(needs[start]))] if not done[start] else []
        done[start] = done[start] or 1
        while path:
            at, others = path[-1]
            other = next(others, None)
            if other is None:
                done[at] = 2
                path.pop()
            elif done[other] == 1:
                nodes = [item for item, _ in path]
                return [*nodes[nodes.index(other) :], other]
            elif not done[other]:
                done[other] = 1
                path.append((other, iter(needs[other])))
    return []
