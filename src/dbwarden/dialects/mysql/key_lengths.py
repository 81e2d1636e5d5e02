"""Prefix lengths of the keys of an index: as models give them, and where MariaDB shortens a key without being asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from dbwarden.core.model import Column, Index, IndexElement, Schema, Table
from dbwarden.core.types import Ref
from dbwarden.dialects.base.canonical import Columns, replace_if_changed

from .charsets import bytes_per_character, charset_of
from .hashed_keys import BYTES, LARGE, LIMITED, LONGEST, NO_KEYS, TINY, TableKeys, most_bytes


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
    if length is not None and column.type.name in LIMITED and column.type.args:
        return None if length >= int(column.type.args[0]) else length
    return length


def _shortened(length: int | None, column: Column, charset: str) -> int | None:
    name = column.type.name
    if name in TINY:
        return length or TINY[name]
    limited = name in LIMITED and column.type.args
    if name not in LARGE and not limited:
        return length
    own = column.options.get("charset") or charset_of(column.collation or "") or charset
    width = 1 if name in BYTES else 4 if name == "json" else bytes_per_character(own)
    longest = LONGEST // width
    return min(length or (int(column.type.args[0]) if limited else longest), longest)


def keys_of(ref: Ref, schema: Schema) -> TableKeys:
    """The keys of a table of ``schema``; none if it has no such table."""
    table = schema.get(ref)
    if not isinstance(table, Table):
        return NO_KEYS
    indexes = [item for item in schema.members(ref) if isinstance(item, Index)]
    hashed = frozenset(index.name.casefold() for index in indexes if index.name and is_hashed(index, table.columns))
    types = {name.casefold(): column.type for name, column in table.columns.items()}
    return TableKeys(hashed, types, frozenset(_before_virtual(table)))


def _before_virtual(table: Table) -> Iterator[str]:
    """Names of the columns that virtual ones follow, and the empty name if there is one."""
    names = ["", *map(str.casefold, table.columns)]
    virtual = [at for at, column in enumerate(table.columns.values()) if column.computed and not column.computed.stored]
    yield from names[: max(virtual, default=-1) + 1]


def is_hashed(index: Index, columns: Columns) -> bool:
    """Whether a unique index is too long for InnoDB. Characters count as the widest ones."""
    keys = [(element.length, columns.get(element.column or "")) for element in index.elements]
    total = sum(most_bytes(length, column.type) for length, column in keys if column is not None)
    return index.unique and not index.method and total > LONGEST
