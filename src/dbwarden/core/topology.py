"""Topological sorts: what needs something comes behind it."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

Edges = Sequence[Sequence[int]]
"""Per item, by number: the items that it needs."""


def sort(needs: Edges) -> Iterator[int]:
    """The numbers of all items, each after those it needs. Of the items that can come next, the first does: only what has to
    wait leaves its place. Look with ``find_cycle`` first: items of a cycle are left out."""
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
    """The numbers of all items, each after those it needs, which come right before the first that needs them: what belongs
    together stays together. A need that closes a cycle is left out."""
    done = [0] * len(needs)  # 0 new, 1 on the path, 2 placed
    for start in range(len(needs)):
        path: list[tuple[int, Iterator[int]]] = [(start, iter(needs[start]))] if not done[start] else []
        done[start] = done[start] or 1
        while path:
            at, others = path[-1]
            other = next((one for one in others if not done[one]), None)
            if other is None:
                done[at] = 2
                path.pop()
                yield at
            else:
                done[other] = 1
                path.append((other, iter(needs[other])))


def find_cycle(needs: Edges) -> list[int]:
    """One cycle of needs, beginning and ending with the same item; empty where there is none."""
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
                nodes = [one for one, _ in path]
                return [*nodes[nodes.index(other) :], other]
            elif not done[other]:
                done[other] = 1
                path.append((other, iter(needs[other])))
    return []
