"""The layout of diagrams: nothing lies on anything else, and the same schema gives the same picture."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time
from itertools import combinations
from pathlib import Path

import pytest

from dbwarden import dialects
from dbwarden.core.diagram import Diagram, diagram
from dbwarden.core.model import Column, ForeignKey, Object, PrimaryKey, Schema, Table
from dbwarden.core.types import Ref
from dbwarden.pictures.cards import MOST_ROWS
from dbwarden.pictures.layout import Layout, PlacedCard, layout
from dbwarden.pictures.render import svg
from tests.pictures.schemas import BIGINT, hostile, large

DIALECT = dialects.get("postgresql")


def drawn(schema: Schema) -> Diagram:
    return diagram(schema, schema, DIALECT)


def of_keys(**targets: str) -> Schema:
    """Tables that refer to others: ``of_keys(a="", b="a")``."""
    objects: list[Object] = []
    for name, others in targets.items():
        columns = [Column("id", BIGINT, False), *(Column(f"{other}_id", BIGINT) for other in others.split())]
        objects += [Table.of(name, columns), PrimaryKey(Ref("table", name), None, ("id",))]
        objects += [
            ForeignKey(Ref("table", name), None, (f"{other}_id",), Ref("table", other), ("id",))
            for other in others.split()
        ]
    return Schema(objects)


def lap(one: PlacedCard, other: PlacedCard) -> bool:
    return (
        one.x < other.x + other.card.width
        and other.x < one.x + one.card.width
        and one.y < other.y + other.card.height
        and other.y < one.y + one.card.height
    )


def by_name(picture: Layout) -> dict[str, PlacedCard]:
    return {placed.card.table.name: placed for placed in picture.cards}


SCHEMAS = {
    "nothing": Schema(),
    "alone": of_keys(a="", b="", c=""),
    "itself": of_keys(a="a"),
    "circle": of_keys(a="c", b="a", c="b", d="a"),
    "hub": of_keys(hub="", **{f"t{number}": "hub" for number in range(40)}),
    "chain": of_keys(a="", b="a", c="b", d="c a", e="d a"),
    "hostile": hostile(),
    "thirty": large(30),
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_cards_do_not_overlap_and_lie_inside(schema: Schema) -> None:
    picture = layout(drawn(schema))
    assert len(picture.cards) == len(schema.tables())
    assert not [pair for pair in combinations(picture.cards, 2) if lap(*pair)]
    for placed in picture.cards:
        assert placed.x > 0 and placed.x + placed.card.width < picture.width
        assert placed.y > 0 and placed.y + placed.card.height < picture.height


def test_what_is_referred_to_stands_on_the_left() -> None:
    cards = by_name(layout(drawn(SCHEMAS["chain"])))
    assert [cards[name].x for name in "abcde"] == sorted({cards[name].x for name in "abcde"})


def points(path: str) -> list[tuple[float, float]]:
    """Twenty points of each piece of a line."""
    on_line: list[tuple[float, float]] = []
    x = y = 0.0
    for letter, text in re.findall(r"([MCH])([^MCH]*)", path):
        numbers = [float(number) for number in text.split()]
        x1, y1, x2, y2, x3, y3 = numbers if letter == "C" else (numbers[0], y, numbers[0], y, numbers[0], y)
        if letter == "M":
            x, y = numbers
            continue
        for share in (step / 20 for step in range(21)):
            a, b, c, d = (1 - share) ** 3, 3 * share * (1 - share) ** 2, 3 * share**2 * (1 - share), share**3
            on_line.append((a * x + b * x1 + c * x2 + d * x3, a * y + b * y1 + c * y2 + d * y3))
        x, y = x3, y3
    return on_line


@pytest.mark.parametrize("name", ["chain", "circle", "hub", "thirty"])
def test_lines_pass_between_cards(name: str) -> None:
    picture = layout(drawn(SCHEMAS[name]))
    cards = by_name(picture)
    for line in picture.lines:
        ends = {line.relation.table, line.relation.target}
        for x, y in points(line.path):
            covered = [
                placed.card.title
                for placed in cards.values()
                if placed.card.ref not in ends
                and placed.x < x < placed.x + placed.card.width
                and placed.y < y < placed.y + placed.card.height
            ]
            assert not covered, (line.path, covered)


def test_lines_end_at_their_columns() -> None:
    picture = layout(drawn(of_keys(a="", b="a")))
    cards, line = by_name(picture), picture.lines[0]
    a, b = cards["a"], cards["b"]
    on_line = points(line.path)
    assert on_line[0] == (b.x, b.y + b.card.port(("a_id",)))
    assert on_line[-1] == (a.x + a.card.width, a.y + a.card.port(("id",)))


def test_a_table_of_many_columns_shows_its_keys_and_says_how_many_there_are_more() -> None:
    columns = [Column(f"c{number}", BIGINT) for number in range(60)]
    ref = Ref("table", "wide")
    schema = Schema([Table.of("wide", columns), PrimaryKey(ref, None, ("c59",))])
    card = layout(drawn(schema)).cards[0].card
    names = [row.name for row in card.rows]
    assert len(names) == MOST_ROWS and names[-1] == "c59" and card.hidden == 60 - MOST_ROWS


SCRIPT = """
from tests.pictures.test_layout import digest
print(digest())
"""


def digest() -> str:
    return hashlib.sha256(svg(drawn(large(60)), "t").encode()).hexdigest()


def test_the_same_schema_gives_the_same_picture() -> None:
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    elsewhere = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )  # fmt: skip
    assert elsewhere.stdout.strip() == digest()


def test_three_hundred_tables_are_placed_at_once() -> None:
    schema = large(300)
    started = time.perf_counter()
    picture = layout(drawn(schema))
    assert time.perf_counter() - started < 5  # 0.1 s on an idle machine
    assert 0.4 < picture.width / picture.height < 4
    assert not [pair for pair in combinations(picture.cards, 2) if lap(*pair)]
