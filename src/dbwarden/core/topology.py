"""The one topological sort: what needs something comes behind it, and all else stays in the order given."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import pairwise

Edges = Sequence[Sequence[int]]
"""Per item, by number: the items that it needs."""


def sort(needs: Edges, wishes: Edges = ()) -> Iterator[int]:
    """The numbers of all items, each after those it needs and, where that is possible too, after those it wishes for.

    Of the items that can come next, the first does. In a circle a wish is given up, and a need only where it has no wish:
    look with ``circle`` first where that is a mistake.
    """
    count = len(needs)
    missing = [{*needs[at], *(wishes[at] if wishes else ())} - {at} for at in range(count)]
    dependents: list[list[int]] = [[] for _ in range(count)]
    for at, others in enumerate(missing):
        for other in others:
            dependents[other].append(at)
    ready = [at for at, others in enumerate(missing) if not others]
    left = count
    while left:
        while not ready:
            ready = _opened(circle([sorted(others) for others in missing]), needs, missing)
        at = heapq.heappop(ready)
        left -= 1
        yield at
        for other in dependents[at]:
            if at in missing[other]:
                missing[other].remove(at)
                if not missing[other]:
                    heapq.heappush(ready, other)


def _opened(path: Sequence[int], needs: Edges, missing: Sequence[set[int]]) -> list[int]:
    """Gives up one edge of a circle; the item that can come next because of it, if there is one."""
    edges = sorted(pairwise(path))
    at, other = next((edge for edge in edges if edge[1] not in needs[edge[0]]), edges[0])
    missing[at].remove(other)
    return [] if missing[at] else [at]


def circle(needs: Edges) -> list[int]:
    """One circle of needs, beginning and ending with the same item; empty where there is none."""
    done = [0] * len(needs)  # 0 new, 1 on the path, 2 without a circle
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
