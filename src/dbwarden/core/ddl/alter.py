"""Parses the clauses of ALTER TABLE: one row per first word, to which dialects add their own (``clauses.py``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from dbwarden.core.sqltext import Token
from dbwarden.core.tokens import to_text
from dbwarden.core.types import Ref

from .cursor import Cursor
from .definition import CONSTRAINT_WORDS, column, constraint
from .statements import (
    Action,
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterTable,
    ChangeType,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropNotNull,
    OtherClause,
    RenameColumn,
    RenameConstraint,
    RenameTable,
    SetNotNull,
    Statement,
    ValidateConstraint,
)

Clause: TypeAlias = Callable[[Cursor, Ref], tuple[Action, ...]]
"""Parses a clause after its first word; empty for a clause of which only the words are known."""
Mutation: TypeAlias = Callable[[Cursor, Ref], Statement]
"""Parses a clause that changes rows, up to the next comma."""


def alter_table(cursor: Cursor, more: Mapping[str, Clause], mutations: Mapping[str, Mutation]) -> AlterTable:
    """Parse the rest of ``ALTER TABLE``; ``more`` and ``mutations`` are the dialect's own clauses."""
    if_exists = cursor.skip("IF", "EXISTS")
    table = cursor.table_name()
    clauses: list[Action] = []
    changes: list[Statement] = []
    while not cursor.at_end:
        if mutation := mutations.get(cursor.word()):
            cursor.at += 1
            changes.append(mutation(cursor, table))
        elif item := clause_tokens(cursor):
            clauses += clause(cursor.inner(item), table, more)
        cursor.skip(",")
    return AlterTable(table, tuple(clauses), if_exists, tuple(changes))


def clause_tokens(cursor: Cursor) -> list[Token]:
    """Move past the next clause and return its tokens."""
    vocabulary, start = cursor.vocabulary, cursor.at
    if cursor.word(1) in vocabulary.last_clauses:
        return cursor.until()
    if not vocabulary.trailing_clauses:
        return cursor.until(",")
    ends = (",", *(first for first, _ in vocabulary.trailing_clauses))
    cursor.until(*ends)
    while not _ends_clause(cursor, start):
        cursor.at += 1
        cursor.until(*ends)
    return cursor.between(start)


def _ends_clause(cursor: Cursor, start: int) -> bool:
    """Whether the clause that begins at ``start`` ends at the cursor."""
    if cursor.at_end or cursor.word() == ",":
        return True
    return cursor.at > start and (cursor.word(), cursor.word(1)) in cursor.vocabulary.trailing_clauses


def clause(cursor: Cursor, table: Ref, more: Mapping[str, Clause]) -> tuple[Action, ...]:
    """Parse one clause."""
    start, read = cursor.at, more.get(cursor.word()) or CLAUSES.get(cursor.word())
    if read is not None:
        cursor.at += 1
        if actions := read(cursor, table):
            return actions
    cursor.at = start  # for the words of a clause that no row can parse
    return (OtherClause(table, cursor.words()),)


def add(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """ADD of a column, of several in parentheses, or of a constraint."""
    if cursor.word() in CONSTRAINT_WORDS:
        definition = constraint(cursor)
        return (AddConstraint(table, definition),) if definition else ()
    cursor.skip("COLUMN")
    if_not_exists = cursor.skip("IF", "NOT", "EXISTS")
    if cursor.word() == "(":  # MySQL: ADD (a int, b int)
        return tuple(AddColumn(table, column(item), if_not_exists) for item in cursor.items(cursor.group()))
    return (AddColumn(table, column(cursor), if_not_exists),)


def drop(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """DROP of a column or a constraint."""
    if cursor.skip("CONSTRAINT"):
        if_exists = cursor.skip("IF", "EXISTS")
        return (DropConstraint(table, cursor.name(), if_exists),)
    cursor.skip("COLUMN")
    if_exists = cursor.skip("IF", "EXISTS")
    return (DropColumn(table, cursor.name(), if_exists),)


def alter(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """ALTER of a column. ALTER CONSTRAINT is known by its words only."""
    if cursor.word() == "CONSTRAINT":
        return ()
    cursor.skip("COLUMN")
    name = cursor.name()
    if cursor.skip("SET", "NOT", "NULL"):
        return (SetNotNull(table, name),)
    if cursor.skip("DROP", "NOT", "NULL"):
        return (DropNotNull(table, name),)
    if cursor.skip("SET", "DATA", "TYPE") or cursor.skip("TYPE"):
        type_ = to_text(cursor.until("USING", "COLLATE"))
        return (ChangeType(table, name, type_, to_text(cursor.rest()) if cursor.find("USING") else None),)
    return (altered_column(cursor, table, name),)


def altered_column(cursor: Cursor, table: Ref, name: str) -> AlterColumn:
    """Any other change of a column, with the expression of SET DEFAULT."""
    words = cursor.words()
    default = to_text(cursor.rest()) if cursor.skip("SET", "DEFAULT") else None
    return AlterColumn(table, name, words, default)


def renamed(cursor: Cursor, table: Ref) -> RenameTable:
    """The new name of a table, in the same schema unless it names another one."""
    new = cursor.ref("table")
    return RenameTable(table, new if new.schema else new._replace(schema=table.schema))


def rename(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """RENAME of the table, or of a column or constraint."""
    if cursor.word() in ("CONSTRAINT", "INDEX", "KEY") and cursor.word(1) != "TO":
        kind = "constraint" if cursor.word() == "CONSTRAINT" else "index"
        cursor.at += 1
        name = cursor.name()
        return (RenameConstraint(table, name, cursor.name(), kind),) if cursor.skip("TO") else ()
    if cursor.word() in ("TO", "AS") and cursor.word(1) != "TO":
        cursor.at += 1
        return (renamed(cursor, table),)
    if cursor.word(1) != "TO":  # else the column itself is called "column"
        cursor.skip("COLUMN")
    old = cursor.name()
    return (RenameColumn(table, old, cursor.name()),) if cursor.skip("TO") else ()


def _set(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    if not cursor.skip("SCHEMA"):
        return ()
    return (RenameTable(table, table._replace(schema=cursor.schema(cursor.name()))),)


def _validate(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    return (ValidateConstraint(table, cursor.name()),) if cursor.skip("CONSTRAINT") else ()


def _detach(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    if not cursor.skip("PARTITION"):
        return ()
    return (DetachPartition(table, cursor.ref("table"), cursor.skip("CONCURRENTLY")),)


CLAUSES: Mapping[str, Clause] = {
    "ADD": add,
    "DROP": drop,
    "ALTER": alter,
    "RENAME": rename,
    "SET": _set,
    "VALIDATE": _validate,
    "DETACH": _detach,
}
"""Clauses by first word."""
