"""Unique indexes that MariaDB builds on a hidden column with a hash: those too long for InnoDB, and ``USING HASH``.

Measured on MariaDB 10.11: the server makes the hidden column anew with each change of the table, which only a copy can, and
refuses INSTANT, NOCOPY and INPLACE. Only two statements do without: one that renames the table, and one that drops all these
indexes and changes nothing but indexes that are not unique.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from dbwarden.core.ddl.statements import (
    Action,
    AddColumn,
    AddConstraint,
    Constraint,
    CreateIndex,
    DropConstraint,
    RenameTable,
)
from dbwarden.core.model import Index, Schema, Table
from dbwarden.core.types import DataType, Ref
from dbwarden.dialects.base.canonical import Columns

from .key_lengths import LONGEST, most_bytes
from .types import parse

_HASH = re.compile(r"\bUSING\s+HASH\b")


@dataclass(frozen=True, slots=True)
class TableKeys:
    """What a table has, as far as its statements depend on it. Names are in lower case."""

    hashed: frozenset[str] = frozenset()
    """Names of its unique indexes with a hash."""
    types: Mapping[str, DataType] = field(default_factory=dict)
    """Types of its columns by name."""

    def __str__(self) -> str:
        return (
            f"the unique index {', '.join(sorted(self.hashed))} on a hash"
            if self.hashed
            else "a unique index on a hash"
        )


NO_KEYS = TableKeys()


def keys_of(ref: Ref, schema: Schema) -> TableKeys:
    """The keys of a table of ``schema``; none if it has no such table."""
    table = schema.get(ref)
    if not isinstance(table, Table):
        return NO_KEYS
    indexes = [item for item in schema.members(ref) if isinstance(item, Index)]
    hashed = frozenset(index.name.casefold() for index in indexes if index.name and is_hashed(index, table.columns))
    return TableKeys(hashed, {name.casefold(): column.type for name, column in table.columns.items()})


def is_hashed(index: Index, columns: Columns) -> bool:
    """Whether a unique index is too long for InnoDB. Characters count as the widest ones."""
    keys = [(element.length, columns.get(element.column or "")) for element in index.elements]
    total = sum(most_bytes(length, column.type) for length, column in keys if column is not None)
    return index.unique and not index.method and total > LONGEST


def copies_table(clauses: Sequence[Action], keys: TableKeys) -> bool:
    """Whether an ALTER TABLE or CREATE INDEX copies the table for an index with a hash: one that it has, or a new one."""
    added = {c.column.name.casefold(): parse(c.column.type) for c in clauses if isinstance(c, AddColumn)}
    types = {**keys.types, **added}
    if any(_builds_hash(clause, types) for clause in clauses):
        return True
    if not keys.hashed or all(isinstance(clause, RenameTable) for clause in clauses):
        return False
    dropped = {
        c.name.casefold() for c in clauses if isinstance(c, DropConstraint) and c.kind in ("index", "constraint")
    }
    return not dropped >= keys.hashed or not all(map(_changes_plain_index, clauses))


def _changes_plain_index(clause: Action) -> bool:
    match clause:
        case DropConstraint(kind="index" | "constraint") | AddConstraint(_, Constraint("index")):
            return True
        case CreateIndex(unique=unique, method=method):
            return not unique and not method
        case _:
            return False


def _builds_hash(clause: Action, types: Mapping[str, DataType]) -> bool:
    match clause:
        case AddColumn(_, column) if column.unique:
            return most_bytes(None, parse(column.type)) > LONGEST
        case AddConstraint(_, Constraint("unique", columns=columns, text=text)):
            return _is_long(columns, text, types)
        case CreateIndex(columns=columns, unique=True, how=how):
            return _is_long(columns, next((words[1] for words in how if words[0] == "ON"), ""), types)
        case _:
            return False


def _is_long(columns: Collection[str], text: str, types: Mapping[str, DataType]) -> bool:
    """Whether an index on ``columns`` gets a hash; ``text`` is its definition in upper case."""
    lengths = [
        (re.search(rf"(?<!\w)`?{re.escape(name.upper())}`?\s*\(\s*(\d+)", text), types.get(name.casefold()))
        for name in columns
    ]
    total = sum(most_bytes(int(length[1]) if length else None, type_) for length, type_ in lengths if type_ is not None)
    return total > LONGEST or _HASH.search(text) is not None
