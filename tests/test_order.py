"""The order of the tests is the whole of them, long ones first in every process's share."""

from __future__ import annotations

from pathlib import Path

from tests.support.order import dealt

LONG = [(Path("tests/acceptance/a.py"), n) for n in range(3)] + [(Path("tests/api/b.py"), n) for n in range(2)]
SHORT = [(Path("tests/core/c.py"), n) for n in range(7)]


def test_every_share_begins_with_long_ones() -> None:
    items = [*SHORT, *LONG]
    order = dealt(items, lambda item: item[0], 2)
    assert sorted(order) == sorted(items)
    assert order[:3] == LONG[:3] and order[6:8] == LONG[3:]
    assert {item[0] for item in (*order[3:6], *order[8:])} == {SHORT[0][0]}


def test_more_long_ones_than_a_share() -> None:
    assert sorted(dealt(LONG, lambda item: item[0], 4)) == sorted(LONG)
