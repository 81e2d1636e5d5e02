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
from dbwarden.core.types import DataType

LIMITED = frozenset("char varchar binary varbinary".split())
"""Types with a length of their own, which a key may be as long as."""
BYTES = frozenset("binary varbinary tinyblob blob mediumblob longblob".split())
LARGE = frozenset("blob mediumblob longblob text mediumtext longtext json".split())
TINY = {"tinyblob": 255, "tinytext": 255}
LONGEST = 3072
"""The most bytes of a key in InnoDB's usual page of 16 KB."""
_HASH = re.compile(r"\bUSING\s+HASH\b")


@dataclass(frozen=True, slots=True)
class TableKeys:
    """What a table has, as far as its statements depend on it. Names are in lower case."""

    hashed: frozenset[str] = frozenset()
    """Names of its unique indexes with a hash."""
    types: Mapping[str, DataType] = field(default_factory=dict)
    """Types of its columns by name."""
    before_virtual: frozenset[str] = frozenset()
    """Names of the columns that virtual ones follow; the empty name for the place before the first column."""

    def __str__(self) -> str:
        return (
            f"the unique index {', '.join(sorted(self.hashed))} on a hash"
            if self.hashed
            else "a unique index on a hash"
        )


NO_KEYS = TableKeys()


def cause_of_copy(clauses: Sequence[Action], keys: TableKeys) -> str:
    """What makes MariaDB copy the table for an ALTER TABLE or CREATE INDEX, in words; empty if nothing of it is known."""
    if _copies_for_hash(clauses, keys):
        return str(keys)
    places = (clause.column for clause in clauses if isinstance(clause, AddColumn) and clause.column.position)
    moved = any(column.after.casefold() in keys.before_virtual for column in places)
    return "a virtual column that follows the new one" if moved else ""


def _copies_for_hash(clauses: Sequence[Action], keys: TableKeys) -> bool:
    """Whether there is an index with a hash: one that the table has, or a new one."""
    if _builds_hash(clauses, keys.types):
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


def _builds_hash(clauses: Sequence[Action], existing: Mapping[str, DataType]) -> bool:
    """Whether a clause adds a unique index with a hash; ``existing`` are the types of the table's columns."""
    unique = [text for clause in clauses if (text := _unique_key(clause)) is not None]
    if not unique:
        return False
    from .types import parse  # deferred: few statements add a unique index

    added = {c.column.name.casefold(): parse(c.column.type) for c in clauses if isinstance(c, AddColumn)}
    return any(_is_long(columns, text, {**existing, **added}) for columns, text in unique)


def _unique_key(clause: Action) -> tuple[tuple[str, ...], str] | None:
    """Columns and definition, in upper case, of the unique index that a clause adds."""
    match clause:
        case AddColumn(_, column) if column.unique:
            return (column.name,), ""
        case AddConstraint(_, Constraint("unique", columns=columns, text=text)):
            return columns, text
        case CreateIndex(columns=columns, unique=True, how=how):
            return columns, next((words[1] for words in how if words[0] == "ON"), "")
        case _:
            return None


def _is_long(columns: Collection[str], text: str, types: Mapping[str, DataType]) -> bool:
    """Whether an index on ``columns`` gets a hash; ``text`` is its definition in upper case."""
    lengths = [
        (re.search(rf"(?<!\w)`?{re.escape(name.upper())}`?\s*\(\s*(\d+)", text), types.get(name.casefold()))
        for name in columns
    ]
    total = sum(most_bytes(int(length[1]) if length else None, type_) for length, type_ in lengths if type_ is not None)
    return total > LONGEST or _HASH.search(text) is not None


def most_bytes(length: int | None, datatype: DataType) -> int:
    """The most bytes of a key on a column of ``datatype``, in the widest characters; 0 for a type that is never long."""
    name = datatype.name
    if name in LARGE or name in TINY:
        return LONGEST + 1 if length is None else length * (1 if name in BYTES else 4)
    if name in LIMITED and datatype.args:
        return (length or int(datatype.args[0])) * (1 if name in BYTES else 4)
    return 0
