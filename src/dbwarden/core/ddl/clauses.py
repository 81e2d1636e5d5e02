"""Parses clauses and statements beyond the standard. Each dialect adds those of its engine to its ``Grammar``."""

from __future__ import annotations

from dbwarden.core.types import Ref

from . import alter
from .cursor import Cursor
from .definition import INDEX_WORDS, column, constraint
from .parse import Grammar
from .rows import restricts
from .statements import (
    Action,
    AddConstraint,
    AlterColumn,
    ChangeType,
    CreateIndex,
    Delete,
    DropConstraint,
    RenameColumn,
    RenameTable,
    RenameTables,
    Statement,
    Unknown,
    Update,
)

# -- ALTER TABLE ----------------------------------------------------------------------------------------------------


def add(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """ADD in which INDEX, KEY and PARTITION are not names of columns (MySQL, ClickHouse)."""
    if cursor.word() == "PARTITION" or cursor.word() in ("PROJECTION", "STATISTICS"):
        return ()
    if cursor.word() not in INDEX_WORDS:
        unique = cursor.word() == "UNIQUE" and cursor.word(1) in INDEX_WORDS
        definition = constraint(cursor) if unique else None
        return (AddConstraint(table, definition),) if definition else alter.add(cursor, table)
    words = cursor.skip_any(*INDEX_WORDS)
    method = next((word for word in words if word in ("FULLTEXT", "SPATIAL")), "")
    if_not_exists = cursor.skip("IF", "NOT", "EXISTS")
    name = None if cursor.word() in ("(", "USING") else cursor.name()
    cursor.until("(")
    return (CreateIndex(table, name, cursor.names(), if_not_exists=if_not_exists, method=method),)


_MEMBERS = (("FOREIGN", "KEY"), ("INDEX",), ("KEY",), ("CHECK",), ("CONSTRAINT",))


def drop(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """DROP INDEX, DROP FOREIGN KEY, DROP PRIMARY KEY (MySQL, ClickHouse)."""
    if cursor.word() in ("PARTITION", "PART", "DETACHED", "PROJECTION", "STATISTICS", "TABLESPACE"):
        return ()
    if cursor.skip("PRIMARY", "KEY"):
        return (DropConstraint(table, "PRIMARY", kind="primary key"),)
    for words in _MEMBERS:
        if cursor.skip(*words):
            if_exists = cursor.skip("IF", "EXISTS")
            kind = "index" if words == ("KEY",) else " ".join(words).lower()
            return (DropConstraint(table, cursor.name(), if_exists, kind),)
    return alter.drop(cursor, table)


def alter_part(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """ALTER INDEX and ALTER CHECK, which change no column (MySQL)."""
    return () if cursor.word() in ("INDEX", "CHECK") else alter.alter(cursor, table)


def modify(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """MODIFY, which repeats the whole definition of a column (MySQL, ClickHouse), or clauses of the table (ClickHouse)."""
    column_word = cursor.skip("COLUMN")
    if not column_word and cursor.word() in ("ORDER", "TTL", "SETTING", "QUERY", "SAMPLE", "COMMENT", "REFRESH"):
        return ()
    cursor.skip("IF", "EXISTS")
    if cursor.word(1) in ("REMOVE", "MODIFY", "RESET", "TTL"):
        return (AlterColumn(table, cursor.name(), cursor.words()),)
    new = column(cursor)
    return (ChangeType(table, new.name, new.type, None, new),)


def change(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """CHANGE: MODIFY with a new name (MySQL)."""
    cursor.skip("COLUMN")
    cursor.skip("IF", "EXISTS")
    old, new = cursor.name(), column(cursor)
    changed = ChangeType(table, new.name, new.type, None, new)
    return (changed,) if old == new.name else (RenameColumn(table, old, new.name), changed)


def rename(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """RENAME without TO as well (MySQL)."""
    if cursor.token(1) is None and not cursor.at_end:
        return (alter.renamed(cursor, table),)
    return alter.rename(cursor, table)


def other(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """A clause of which only the words are known; replaces a standard clause with the same first word."""
    return ()


def update_rows(cursor: Cursor, table: Ref) -> Update:
    """ALTER TABLE ... UPDATE a = 1, b = 2 WHERE c (ClickHouse)."""
    columns = tuple(item.name() for item in cursor.items(cursor.until("WHERE", "IN")))
    return Update(table, _condition(cursor), columns)


def delete_rows(cursor: Cursor, table: Ref) -> Delete:
    """ALTER TABLE ... DELETE WHERE c (ClickHouse)."""
    return Delete(table, _condition(cursor))


def _condition(cursor: Cursor) -> bool:
    cursor.until("WHERE", ",")
    return cursor.skip("WHERE") and restricts(cursor.until(","))


# -- statements -----------------------------------------------------------------------------------------------------


def rename_tables(at: Cursor, grammar: Grammar) -> Statement:
    """RENAME TABLE a TO b, c TO d (MySQL, ClickHouse)."""
    if not (at.skip("TABLE") or at.skip("TABLES")):
        at.at -= 1
        return Unknown(at.words())
    at.skip("IF", "EXISTS")
    renames: list[RenameTable] = []
    for item in at.items(at.rest()):
        old = item.ref("table")
        if item.skip("WAIT"):  # WAIT n, NOWAIT (MariaDB)
            item.take()
        item.skip("NOWAIT")
        if item.skip("TO"):
            renames.append(alter.renamed(item, old))
    return RenameTables(tuple(renames))


def skip_definer(cursor: Cursor) -> bool:
    """Skip ``ALGORITHM = MERGE DEFINER = u@h SQL SECURITY INVOKER`` (MySQL); false if none of it follows."""
    start = cursor.at
    while True:
        if cursor.word() in ("ALGORITHM", "DEFINER") and cursor.word(1) == "=":
            cursor.at += 3
            if cursor.skip("@"):
                cursor.take()
            cursor.group()  # CURRENT_USER()
        elif cursor.skip("SQL", "SECURITY"):
            cursor.take()
        else:
            return cursor.at > start
