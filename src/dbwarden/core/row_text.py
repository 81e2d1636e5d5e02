"""Describes rows that do not meet a demand, without what may be a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .redaction import MASK, SECRET_KEY, redacted_text
from .row_demands import DemandKind, OffendingRows, RowDemand

_LONGEST = 60
"""Characters of a value that are shown."""
_SECRET_NAME = re.compile(SECRET_KEY, re.IGNORECASE)
_INDENT = "  "


def shown_value(column: str, value: Any) -> str | None:
    """A value as text; ``None`` for NULL. It is masked as in the log: passwords in it, and all of a column for secrets."""
    if value is None:
        return None
    if _SECRET_NAME.fullmatch(column):
        return MASK
    text = value.hex() if isinstance(value, bytes | bytearray | memoryview) else str(value)
    text = redacted_text(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def shown_rows(rows: OffendingRows) -> tuple[Mapping[str, str | None], ...]:
    """The sample as texts by column."""
    return tuple(
        {column: shown_value(column, value) for column, value in zip(rows.columns, row, strict=True)}
        for row in rows.sample
    )


def describe_rows(demand: RowDemand, rows: OffendingRows) -> Iterator[str]:
    """Lines for a message: the demand and how many rows do not meet it, some of them, and the query for all."""
    yield f"{demand.describe()}, but {_failing(demand, rows.count)}:"
    for row in shown_rows(rows):
        yield _INDENT + ", ".join(
            f"{column} = {'NULL' if text is None else repr(text)}" for column, text in row.items()
        )
    if rows.count > len(rows.sample):
        yield f"{_INDENT}and {rows.count - len(rows.sample):,} more"
    yield f"{_INDENT}All of them: {rows.query}"


def _failing(demand: RowDemand, count: int) -> str:
    rows, one = f"{count:,} row{'' if count == 1 else 's'}", count == 1
    match demand.kind:
        case DemandKind.NOT_NULL:
            return f"{rows} {'has' if one else 'have'} no value"
        case DemandKind.UNIQUE:
            return f"{rows} {'has' if one else 'have'} the key of another row"
        case DemandKind.PRIMARY_KEY:
            return f"{rows} {'has' if one else 'have'} no key, or that of another row"
        case DemandKind.CHECK:
            return f"{rows} {'does' if one else 'do'} not satisfy it"
        case DemandKind.FOREIGN_KEY:
            target = demand.references.name if demand.references is not None else "the other table"
            return f"{rows} {'refers' if one else 'refer'} to no row of {target}"
        case DemandKind.TYPE:
            return f"{rows} {'has a value' if one else 'have values'} that cannot be converted"
