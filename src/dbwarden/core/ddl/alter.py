"""The clauses of ALTER TABLE, one row for each first word."""

from __future__ import annotations

from collections.abc import Callable

from dbwarden.core.types import Ref

from .cursor import Cursor, written
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
    ValidateConstraint,
)

_NOT_COLUMNS = frozenset(("INDEX", "KEY", "PRIMARY", "FOREIGN", "CHECK", "PARTITION"))


def alter_table(cursor: Cursor) -> AlterTable:
    """Behind ``ALTER TABLE``."""
    if_exists = cursor.skip("IF", "EXISTS")
    table = cursor.table_name()
    clauses = [action for item in cursor.items(cursor.rest()) for action in _clause(item, table)]
    return AlterTable(table, tuple(clauses), if_exists)


def _clause(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    start, read = cursor.at, _CLAUSES.get(cursor.word())
    if read is not None:
        cursor.at += 1
        if actions := read(cursor, table):
            return actions
    cursor.at = start
    return (OtherClause(table, cursor.words()),)


def _add(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    if cursor.word() in CONSTRAINT_WORDS:
        found = constraint(cursor)
        return (AddConstraint(table, found),) if found else ()
    if cursor.word() == "PARTITION":
        return ()
    cursor.skip("COLUMN")
    if_not_exists = cursor.skip("IF", "NOT", "EXISTS")
    if cursor.word() == "(":  # MySQL: ADD (a int, b int)
        return tuple(AddColumn(table, column(item), if_not_exists) for item in cursor.items(cursor.group()))
    return (AddColumn(table, column(cursor), if_not_exists),)


def _drop(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    if cursor.skip("CONSTRAINT"):
        if_exists = cursor.skip("IF", "EXISTS")
        return (DropConstraint(table, cursor.name(), if_exists),)
    if cursor.word() in _NOT_COLUMNS and cursor.token(1) is not None:
        return ()
    cursor.skip("COLUMN")
    if_exists = cursor.skip("IF", "EXISTS")
    return (DropColumn(table, cursor.name(), if_exists),)


def _alter(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    if cursor.word() in ("CONSTRAINT", "INDEX"):
        return ()
    cursor.skip("COLUMN")
    name = cursor.name()
    if cursor.skip("SET", "NOT", "NULL"):
        return (SetNotNull(table, name),)
    if cursor.skip("DROP", "NOT", "NULL"):
        return (DropNotNull(table, name),)
    if cursor.skip("SET", "DATA", "TYPE") or cursor.skip("TYPE"):
        type_ = written(cursor.until("USING", "COLLATE"))
        return (ChangeType(table, name, type_, written(cursor.rest()) if cursor.find("USING") else None),)
    return (AlterColumn(table, name, cursor.words()),)


def _modify(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    cursor.skip("COLUMN")
    cursor.skip("IF", "EXISTS")
    new = column(cursor)
    return (ChangeType(table, new.name, new.type, None, new),)


def _change(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    cursor.skip("COLUMN")
    cursor.skip("IF", "EXISTS")
    old, new = cursor.name(), column(cursor)
    changed = ChangeType(table, new.name, new.type, None, new)
    return (changed,) if old == new.name else (RenameColumn(table, old, new.name), changed)


def _rename(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    if cursor.word() in ("CONSTRAINT", "INDEX", "KEY") and cursor.word(1) != "TO":
        kind = "constraint" if cursor.word() == "CONSTRAINT" else "index"
        cursor.at += 1
        name = cursor.name()
        return (RenameConstraint(table, name, cursor.name(), kind),) if cursor.skip("TO") else ()
    if cursor.word() in ("TO", "AS") and cursor.word(1) != "TO":
        cursor.at += 1
        new = cursor.ref("table")
        return (RenameTable(table, new if new.schema else new._replace(schema=table.schema)),)
    if cursor.word(1) != "TO":
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


_CLAUSES: dict[str, Callable[[Cursor, Ref], tuple[Action, ...]]] = {
    "ADD": _add,
    "DROP": _drop,
    "ALTER": _alter,
    "MODIFY": _modify,
    "CHANGE": _change,
    "RENAME": _rename,
    "SET": _set,
    "VALIDATE": _validate,
    "DETACH": _detach,
}
