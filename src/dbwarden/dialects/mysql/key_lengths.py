"""Prefix lengths of the keys of an index: as models give them, and where MariaDB shortens a key without being asked."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from dbwarden.core.model import Column, IndexElement
from dbwarden.core.types import DataType
from dbwarden.dialects.base.canonical import Columns, replace_if_changed

from .charsets import bytes_per_character, charset_of

_LIMITED = frozenset("char varchar binary varbinary".split())
"""Types with a length of their own, which a key may be as long as."""
_BYTES = frozenset("binary varbinary tinyblob blob mediumblob longblob".split())
_LARGE = frozenset("blob mediumblob longblob text mediumtext longtext json".split())
_TINY = {"tinyblob": 255, "tinytext": 255}
LONGEST = 3072
"""The most bytes of a key in InnoDB's usual page of 16 KB."""


def assigned(elements: tuple[IndexElement, ...], text: str) -> tuple[IndexElement, ...]:
    """The keys with the lengths of ``mysql_length``: one for all of them, or by column."""
    if text.strip().isdigit():
        return tuple(replace(element, length=int(text)) for element in elements)
    lengths = _by_column(text)
    return tuple(replace_if_changed(element, length=lengths.get(element.column or "")) for element in elements)


@lru_cache(maxsize=1024)
def _by_column(text: str) -> dict[str, int]:
    """Prefix lengths by column, from ``mysql_length={"a": 10}``."""
    pairs = (part.partition("=") for part in text.split(","))
    return {name.strip(): int(length) for name, _, length in pairs if length.strip().isdigit()}


def canonical_length(element: IndexElement, columns: Columns, shortens_for: str | None) -> int | None:
    """The prefix length of a key as the server reports it; ``None`` if it is the whole column.

    ``shortens_for`` is the charset of a table whose server shortens what is too long for a key, with a warning only:
    MariaDB, in an index that is not unique.
    """
    column = columns.get(element.column) if element.column is not None else None
    if column is None:
        return element.length if element.column is not None else None
    length = element.length if shortens_for is None else _shortened(element.length, column, shortens_for)
    if length is not None and column.type.name in _LIMITED and column.type.args:
        return None if length >= int(column.type.args[0]) else length
    return length


def _shortened(length: int | None, column: Column, charset: str) -> int | None:
    name = column.type.name
    if name in _TINY:
        return length or _TINY[name]
    limited = name in _LIMITED and column.type.args
    if name not in _LARGE and not limited:
        return length
    own = column.options.get("charset") or charset_of(column.collation or "") or charset
    width = 1 if name in _BYTES else 4 if name == "json" else bytes_per_character(own)
    longest = LONGEST // width
    return min(length or (int(column.type.args[0]) if limited else longest), longest)


def most_bytes(length: int | None, datatype: DataType) -> int:
    """The most bytes of a key on a column of ``datatype``, in the widest characters; 0 for a type that is never long."""
    name = datatype.name
    if name in _LARGE or name in _TINY:
        return LONGEST + 1 if length is None else length * (1 if name in _BYTES else 4)
    if name in _LIMITED and datatype.args:
        return (length or int(datatype.args[0])) * (1 if name in _BYTES else 4)
    return 0
