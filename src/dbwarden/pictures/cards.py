"""Cards of a diagram: what is written on each, and how large it is.

All text of a card is in a monospaced font, so that its width is known without a browser.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from dbwarden.core.diagram import ChangeMark, DiagramColumn, DiagramTable, Fate
from dbwarden.core.types import Ref

ROW = 22.0
HEADER = 34.0
FOOT = 6.0
LETTER = 7.4
"""Width of a letter at 12 pixels: a little more than 0.6 of the size, for fonts that are wider than others."""
HEADER_LETTER = 8.0
_KEYS = {"": 0.0, "U": 16.0, "PK": 20.0, "FK": 20.0, "PK FK": 36.0}
"""Width of the badges in front of a column."""
_SIGN = 14.0
"""Width of the sign of a change, which every card has room for."""
_GAP = 18.0
_PADDING = 12.0
_LONGEST_NAME = 34
_LONGEST_TYPE = 26
_LONGEST_TITLE = 44
MOST_ROWS = 28
"""A card with more columns shows this many: keys and changed ones, and the first of the others."""


@dataclass(frozen=True, slots=True)
class CardRow:
    """A column on a card."""

    name: str
    type: str
    badge: str
    column: DiagramColumn

    @property
    def fate(self) -> Fate:
        """What happens to the column."""
        return self.column.fate


@dataclass(frozen=True)
class Card:
    """A table or view on a diagram."""

    table: DiagramTable
    title: str
    rows: tuple[CardRow, ...]
    hidden: int
    """Number of columns that are not shown."""
    width: float
    indent: float
    """Where the names of columns begin."""

    @property
    def ref(self) -> Ref:
        """Identity of the table."""
        return self.table.ref

    @cached_property
    def height(self) -> float:
        """Height with header and all rows."""
        lines = len(self.rows) + (1 if self.hidden else 0)
        return HEADER + lines * ROW + (FOOT if lines else 0)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {row.column.name: place for place, row in enumerate(self.rows)}

    def port(self, columns: Sequence[str]) -> float:
        """Height at which a line to or from these columns ends; the header's for none."""
        for name in columns:
            if name in self._places:
                return HEADER + (self._places[name] + 0.5) * ROW
        return HEADER / 2


def card(table: DiagramTable) -> Card:
    """The card of a table."""
    shown = _shown(table.columns)
    rows = tuple(
        CardRow(shortened(column.name, _LONGEST_NAME), shortened(column.type, _LONGEST_TYPE), _badge(column), column)
        for column in shown
    )
    title = shortened(table.name, _LONGEST_TITLE)
    names = max((letters(row.name) for row in rows), default=0) * LETTER
    types = max((letters(row.type) for row in rows), default=0) * LETTER
    kind = 0 if table.is_table else letters(table.kind) * 6.6 + 12
    mark = 18 if table.fate.mark is not ChangeMark.NONE else 0
    indent = _PADDING + max((_KEYS[row.badge] for row in rows), default=0) + _SIGN
    width = max(
        _PADDING + indent + names + _GAP + types, _PADDING * 2 + letters(title) * HEADER_LETTER + kind + mark, 150
    )
    return Card(table, title, rows, len(table.columns) - len(shown), round(width), indent)


def _shown(columns: Sequence[DiagramColumn]) -> Sequence[DiagramColumn]:
    if len(columns) <= MOST_ROWS:
        return columns
    wanted = {
        place
        for place, column in enumerate(columns)
        if column.primary or column.foreign or column.fate.mark is not ChangeMark.NONE
    }
    for place in range(len(columns)):
        if len(wanted) >= MOST_ROWS:
            break
        wanted.add(place)
    return [columns[place] for place in sorted(wanted)]


def _badge(column: DiagramColumn) -> str:
    if column.primary:
        return "PK FK" if column.foreign else "PK"
    return "FK" if column.foreign else "U" if column.unique else ""


def letters(text: str) -> int:
    """Width of a text in letters: those of East Asian scripts and most symbols take two."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def shortened(text: str, most: int) -> str:
    """The beginning of a text, with ``…`` if something is missing."""
    if letters(text) <= most:
        return text
    while letters(text) > most - 1:
        text = text[: max(most - 1, len(text) - 20) if len(text) > most + 20 else -1]
    return f"{text}…"
