"""Layout of a diagram: tables in columns, those that others refer to on the left, and lines that pass between the cards.

1. networkx finds the parts of the graph that hang together, and those of its cycles.
2. In each part, a table stands to the right of all to which it refers (its layer). A layer that would be too tall is divided
   into several columns.
3. Tables are ordered in their columns so that few lines cross: by the mean place of their neighbours, again and again.
4. A line that passes a column on its way goes through a gap between two cards, together with all others to the same table.
5. Heights: each card moves as close to its neighbours as the order allows.
6. The parts are packed into rows; what refers to nothing comes last.

The same schema gives the same picture: nothing depends on hashes or chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import networkx as nx

from dbwarden.core.diagram import Diagram, DiagramRelation
from dbwarden.core.types import Ref

from .cards import Card, card

MARGIN = 32.0
GAP = 26.0
"""Between two cards of a column."""
LANE = 12.0
"""Height of a gap for lines between two cards."""
CHANNEL = 70.0
"""Between two columns; more where many lines are."""
_SHAPE = 1.6
"""Width of a good picture by its height."""
_SWEEPS = 12
_PULL = 0.35


@dataclass(frozen=True, slots=True)
class PlacedCard:
    """A card and its upper left corner."""

    card: Card
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """A relation as a path of SVG."""

    relation: DiagramRelation
    path: str


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture: its size, its cards and its lines."""

    width: float
    height: float
    cards: tuple[PlacedCard, ...]
    lines: tuple[Line, ...]


@dataclass
class _Item:
    """Something in a column: a card, or a lane for lines to the table ``to``."""

    width: float
    height: float
    card: Card | None = None
    to: Ref | None = None
    x: float = 0.0
    y: float = 0.0
    right: float = 0.0
    """Right side of its column."""
    first: float = 0.0
    """``y`` in a column without gaps, around the height 0."""
    links: list[tuple[_Item, float, float]] = field(default_factory=list)
    """Neighbours, with the heights at which the line leaves this item and meets the other."""

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


if TYPE_CHECKING:
    _Graph: TypeAlias = nx.MultiDiGraph[Ref]  # generic in its stubs only

_Route = tuple[DiagramRelation, list[_Item]]
"""A relation with what its line passes, from the table that refers to its target."""


@dataclass
class _Part:
    """Cards that hang together, with their corner at (0, 0)."""

    columns: list[list[_Item]]
    routes: list[_Route]
    width: float = 0.0
    height: float = 0.0
    x: float = 0.0
    y: float = 0.0


def layout(diagram: Diagram) -> Layout:
    """Place everything of a diagram."""
    cards = {table.ref: card(table) for table in diagram.tables}
    graph: _Graph = nx.MultiDiGraph()
    graph.add_nodes_from(cards)
    graph.add_edges_from((relation.table, relation.target) for relation in diagram.relations)
    together = [[ref for ref in cards if ref in part] for part in nx.weakly_connected_components(graph)]
    of_part = {ref: number for number, part in enumerate(together) for ref in part}
    relations: list[list[DiagramRelation]] = [[] for _ in together]
    for relation in diagram.relations:
        relations[of_part[relation.table]].append(relation)
    parts = [
        _part(graph, [cards[ref] for ref in part], relations[number])
        for number, part in enumerate(together)
        if relations[number]
    ]
    parts.sort(key=lambda part: -part.width * part.height)
    alone = [cards[part[0]] for number, part in enumerate(together) if not relations[number]]
    if alone:
        parts.append(_grid(alone, max((part.width for part in parts), default=0)))
    width, height = _pack(parts)
    placed = {item.card.ref: item for part in parts for item in _cards_of(part) if item.card is not None}
    lines = {id(relation): path for part in parts for relation, path in _lines(part)}
    return Layout(
        width,
        height,
        tuple(PlacedCard(cards[ref], placed[ref].x, placed[ref].y) for ref in cards),
        tuple(Line(relation, lines[id(relation)]) for relation in diagram.relations),
    )


# -- columns ------------------------------------------------------------------------------------------------------


def _part(graph: _Graph, cards: Sequence[Card], relations: Sequence[DiagramRelation]) -> _Part:
    layers = _layers(graph.subgraph(card.ref for card in cards), [card.ref for card in cards])
    items = {card.ref: _Item(card.width, card.height, card) for card in cards}
    by_layer: list[list[_Item]] = [[] for _ in range(max(layers.values()) + 1)]
    for ref, item in items.items():
        by_layer[layers[ref]].append(item)
    near = {ref: [items[other] for other in _neighbours(graph, ref, items)] for ref in items}
    _order(by_layer, near)
    columns = [column for layer in by_layer for column in _divided(layer, _tallest(cards))]
    routes = _routes(columns, relations, items)
    for column in columns:
        _stack(column)
    _settle(columns)
    part = _Part(columns, routes)
    _set_across(part)
    return part


def _neighbours(graph: _Graph, ref: Ref, items: Mapping[Ref, _Item]) -> list[Ref]:
    near = {*graph.successors(ref), *graph.predecessors(ref)} - {ref}
    return [other for other in items if other in near]


def _layers(graph: _Graph, refs: Sequence[Ref]) -> dict[Ref, int]:
    """Layer of each table: one more than the highest of those to which it refers; tables of a cycle share one."""
    cycles = nx.condensation(nx.DiGraph(graph))
    member: Mapping[Ref, int] = cycles.graph["mapping"]
    layer: dict[int, int] = {}
    for number in reversed(list(nx.topological_sort(cycles))):
        layer[number] = max((layer[other] + 1 for other in cycles.successors(number)), default=0)
    return {ref: layer[member[ref]] for ref in refs}


def _tallest(cards: Sequence[Card]) -> float:
    """Height of a column in a picture of good shape."""
    area = sum((card.width + CHANNEL * 1.3) * (card.height + GAP) for card in cards)
    return max(math.sqrt(area / _SHAPE), *(card.height for card in cards))


def _divided(layer: Sequence[_Item], tallest: float) -> list[list[_Item]]:
    """A layer as one column or several of about the same height."""
    total = sum(item.height + GAP for item in layer)
    count = math.ceil(total / (tallest * 1.15 + GAP))
    columns: list[list[_Item]] = [[] for _ in range(count)]
    height = 0.0
    for item in layer:
        number = min(int((height + (item.height + GAP) / 2) / total * count), count - 1)
        columns[number].append(item)
        height += item.height + GAP
    return [column for column in columns if column]


def _order(layers: Sequence[list[_Item]], near: Mapping[Ref, Sequence[_Item]]) -> None:
    """Order each layer by the mean place of the neighbours in the other layers."""
    place: dict[int, float] = {}

    def note(layer: Sequence[_Item]) -> None:
        place.update((id(item), (number + 0.5) / len(layer)) for number, item in enumerate(layer))

    for layer in layers:
        note(layer)
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            inside = {id(item) for item in layer}
            means = {}
            for item in layer:
                assert item.card is not None
                others = [place[id(other)] for other in near[item.card.ref] if id(other) not in inside]
                means[id(item)] = sum(others) / len(others) if others else place[id(item)]
            layer.sort(key=lambda item: means[id(item)])
            note(layer)


# -- lanes --------------------------------------------------------------------------------------------------------


def _routes(
    columns: list[list[_Item]], relations: Sequence[DiagramRelation], items: Mapping[Ref, _Item]
) -> list[_Route]:
    """The way of each relation. Lanes are put into the columns between both ends, one for all lines to the same table."""
    of_column = {id(item): number for number, column in enumerate(columns) for item in column}
    for column in columns:
        _stack(column)
    lanes: dict[tuple[Ref, int, bool], _Item] = {}
    routes: list[_Route] = []
    for relation in relations:
        start, end = items[relation.table], items[relation.target]
        first, last = of_column[id(start)], of_column[id(end)]
        step = 1 if last > first else -1
        between = range(first + step, last, step) if first != last else range(0)
        way = [start]
        for number in between:
            key = (relation.target, number, step > 0)
            if key not in lanes:
                lanes[key] = _Item(0, LANE, to=relation.target, y=_between(start, end, first, last, number))
                columns[number].append(lanes[key])
            way.append(lanes[key])
        way.append(end)
        routes.append((relation, way))
        _link(relation, way)
    for column in columns:
        column.sort(key=lambda item: item.middle)
    return routes


def _between(start: _Item, end: _Item, first: int, last: int, number: int) -> float:
    share = (number - first) / (last - first)
    return start.middle + (end.middle - start.middle) * share


def _link(relation: DiagramRelation, way: Sequence[_Item]) -> None:
    for one, other in pairwise(way):
        if one is not other:
            here, there = _port(one, relation), _port(other, relation)
            one.links.append((other, here, there))
            other.links.append((one, there, here))


def _port(item: _Item, relation: DiagramRelation) -> float:
    """Height within an item at which the line of a relation meets it."""
    if item.card is None:
        return item.height / 2
    columns = relation.columns if item.card.ref == relation.table else relation.target_columns
    return item.card.port(columns)


# -- heights ------------------------------------------------------------------------------------------------------


def _gap(above: _Item, below: _Item) -> float:
    return GAP if above.card is not None and below.card is not None else GAP / 2


def _stack(column: Sequence[_Item]) -> None:
    """Items one below the other, around the height 0."""
    y = 0.0
    for number, item in enumerate(column):
        y += _gap(column[number - 1], item) if number else 0
        item.y = y
        y += item.height
    for item in column:
        item.y -= y / 2
        item.first = item.y


def _settle(columns: Sequence[list[_Item]]) -> None:
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            _place(column, [_wanted(item) for item in column])


def _wanted(item: _Item) -> float:
    """Height at which the item's lines are straightest; a weak pull to its first height keeps the picture in shape."""
    heights = [other.y + there - here for other, here, there in item.links]
    return (sum(heights) + item.first * _PULL) / (len(heights) + _PULL)


def _place(column: Sequence[_Item], wanted: Sequence[float]) -> None:
    """Heights as near to the wanted ones as the order allows: isotonic regression by pooling adjacent violators."""
    offsets = [0.0]
    for above, below in pairwise(column):
        offsets.append(offsets[-1] + above.height + _gap(above, below))
    pools: list[tuple[float, int]] = []
    for height, offset in zip(wanted, offsets, strict=True):
        mean, count = height - offset, 1
        while pools and pools[-1][0] > mean:
            other, more = pools.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        pools.append((mean, count))
    heights = [mean for mean, count in pools for _ in range(count)]
    for item, height, offset in zip(column, heights, offsets, strict=True):
        item.y = round(height + offset, 1)


# -- across -------------------------------------------------------------------------------------------------------


def _set_across(part: _Part) -> None:
    """Widths of columns and channels, and the part's own corner at (0, 0)."""
    items = [item for column in part.columns for item in column]
    top = min(item.y for item in items)
    crossing = _crossing(part)
    x = 0.0
    for number, column in enumerate(part.columns):
        width = max(item.width for item in column)
        for item in column:
            item.x, item.y = x, item.y - top
            item.width, item.right = item.width or width, x + width
        x += width + min(CHANNEL + 5 * crossing[number], CHANNEL * 2.4)
    loops = any(way[0].x == way[-1].x for _, way in part.routes)
    part.width = max(item.x + item.width for item in items) + (CHANNEL if loops else 0)
    part.height = max(item.y + item.height for item in items)


def _crossing(part: _Part) -> list[int]:
    """Number of lines behind each column, those to the same table counted once."""
    of_column = {id(item): number for number, column in enumerate(part.columns) for item in column}
    behind: list[set[Ref]] = [set() for _ in part.columns]
    for relation, way in part.routes:
        for one, other in pairwise(way):
            behind[min(of_column[id(one)], of_column[id(other)])].add(relation.target)
    return [len(targets) for targets in behind]


def _grid(cards: Iterable[Card], least: float) -> _Part:
    """Cards without relations, in columns of about the same height, and at least as wide as what stands above."""
    cards = sorted(cards, key=lambda card: (-card.height, card.ref.key))
    wide = max(card.width for card in cards)
    area = sum((wide + GAP) * (card.height + GAP) for card in cards)
    count = max(1, min(len(cards), round(max(math.sqrt(area * _SHAPE), least) / (wide + GAP))))
    columns: list[list[_Item]] = [[] for _ in range(count)]
    heights = [0.0] * count
    for each in cards:
        number = heights.index(min(heights))
        columns[number].append(_Item(each.width, each.height, each, y=heights[number]))
        heights[number] += each.height + GAP
    x = 0.0
    for column in columns:
        for item in column:
            item.x = x
        x += max(item.width for item in column) + GAP
    return _Part(columns, [], x - GAP, max(heights) - GAP)


def _pack(parts: Sequence[_Part]) -> tuple[float, float]:
    """Put the parts into rows, and return the size of the picture."""
    if not parts:
        return MARGIN * 2, MARGIN * 2
    area = sum((part.width + CHANNEL) * (part.height + CHANNEL) for part in parts)
    most = max(math.sqrt(area * _SHAPE), *(part.width for part in parts))
    x = y = MARGIN
    below = width = 0.0
    for part in parts:
        if x > MARGIN and x - MARGIN + part.width > most:
            x, y, below = MARGIN, y + below + CHANNEL, 0.0
        for item in _cards_of(part, lanes=True):
            item.x, item.y, item.right = round(item.x + x, 1), round(item.y + y, 1), round(item.right + x, 1)
        x += part.width + CHANNEL
        below, width = max(below, part.height), max(width, x - CHANNEL)
    return math.ceil(width + MARGIN), math.ceil(y + below + MARGIN)


def _cards_of(part: _Part, *, lanes: bool = False) -> Iterator[_Item]:
    return (item for column in part.columns for item in column if lanes or item.card is not None)


# -- lines --------------------------------------------------------------------------------------------------------


def _lines(part: _Part) -> Iterator[tuple[DiagramRelation, str]]:
    for relation, way in part.routes:
        yield relation, _loop(relation, way) if way[0].x == way[-1].x else _curve(relation, way)


def _loop(relation: DiagramRelation, way: Sequence[_Item]) -> str:
    """A line between two tables of one column, or within one table, around their right sides."""
    start, end = way[0], way[-1]
    here, there = start.y + _port(start, relation), end.y + _port(end, relation)
    if start is end and here == there:
        there -= LANE
    x1, x2 = start.x + start.width, end.x + end.width
    out = max(x1, x2) + min(40 + abs(here - there) * 0.06, CHANNEL)
    return f"M{x1:g} {here:g}C{out:g} {here:g} {out:g} {there:g} {x2:g} {there:g}"


def _curve(relation: DiagramRelation, way: Sequence[_Item]) -> str:
    """A line from the referring table to its target: curved between columns, straight within them."""
    leftwards = way[-1].x < way[0].x
    pieces: list[str] = []
    before = (0.0, 0.0)
    for number, item in enumerate(way):
        last, y = number == len(way) - 1, item.y + _port(item, relation)
        near, far = (item.right, item.x) if leftwards else (item.x, item.right)
        side = item.x + item.width
        if number == 0:
            pieces.append(f"M{far if leftwards else side:g} {y:g}" + ("" if leftwards or side == far else f"H{far:g}"))
        else:
            bend = (before[0] + near) / 2
            pieces.append(f"C{bend:g} {before[1]:g} {bend:g} {y:g} {near:g} {y:g}")
            if not last:
                pieces.append(f"H{far:g}")
            elif leftwards and side != near:
                pieces.append(f"H{side:g}")
        before = (far, y)
    return "".join(pieces)
