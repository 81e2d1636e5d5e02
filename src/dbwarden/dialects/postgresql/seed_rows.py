"""Values of PostgreSQL, which are transferred as text, as SQL."""

from __future__ import annotations

from dbwarden.core.model import Column
from dbwarden.dialects.base.names import literal as text_literal
from dbwarden.dialects.base.seed_rows import is_number

_NUMBERS = frozenset(("smallint", "integer", "bigint", "numeric", "real", "double precision"))


def literal(column: Column, value: str | None) -> str:
    """A text as a literal whose type is that of the column; plain for numbers and booleans."""
    if value is None:
        return "NULL"
    if not column.type.array:
        if column.type.name in _NUMBERS and is_number(value):
            return value
        if column.type.name == "boolean":
            return value.upper()
    return text_literal(value)
