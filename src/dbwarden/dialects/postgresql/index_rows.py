"""Indexes, from the rows of ``catalog/indexes.sql``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

from dbwarden.core.model import Index, IndexElement
from dbwarden.core.types import Expression, Ref

from . import canonical
from .catalog_options import Row, storage
from .words import bare, readable

_expression = partial(Expression, names=canonical.NAMES)


@dataclass(slots=True)
class ColumnNumbers:
    """Names and collations of a table's columns by their number in the catalogue."""

    ref: Ref
    names: dict[int, str] = field(default_factory=dict)
    collations: dict[int, int] = field(default_factory=dict)

    def columns(self, numbers: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.names[number] for number in numbers)


class IndexRows:
    """Conversion of the rows of ``indexes.sql`` into indexes."""

    def __init__(self, opclasses: dict[int, str], collations: dict[int, str]) -> None:
        self.opclasses, self.collations = opclasses, collations

    def index(self, row: Row, table: ColumnNumbers) -> Index:
        method = None if row[5] == "btree" else row[5]
        where = _expression(readable(row[15])) if row[15] is not None else None
        return Index(
            table.ref, row[2], self.elements(row, table), row[3], method, table.columns(row[6][row[7] :]),
            where, row[13], row[16], storage(row),
        )  # fmt: skip

    def elements(self, row: Row, table: ColumnNumbers) -> tuple[IndexElement, ...]:
        keys = row[6][: row[7]]
        if row[14] is None and not any(row[8]) and not self.special(row, table):
            return tuple(_plain_element(table.names[number]) for number in keys)
        return tuple(self.element(row, table, at, number) for at, number in enumerate(keys))

    def special(self, row: Row, table: ColumnNumbers) -> bool:
        if any(opclass in self.opclasses for opclass in row[9]):
            return True
        return any(
            collation and table.collations.get(number) != collation
            for number, collation in zip(row[6], row[10], strict=False)
        )

    def element(self, row: Row, table: ColumnNumbers, at: int, number: int) -> IndexElement:
        flags, collation = row[8][at], row[10][at]
        descending, first = bool(flags & 1), bool(flags & 2)
        nulls = None if first == descending else ("first" if first else "last")
        expression = None if number else _expression(bare(row[14][at]))
        name = self.collations.get(collation) if collation else None
        if (number and table.collations.get(number) == collation) or name == "default":
            name = None
        if expression is not None and (" COLLATE " in expression.text or collation in table.collations.values()):
            name = None
        return IndexElement(
            table.names[number] if number else None, expression, descending, nulls, self.opclasses.get(row[9][at]), name
        )


@lru_cache(maxsize=65536)
def _plain_element(name: str) -> IndexElement:
    return IndexElement(name)
