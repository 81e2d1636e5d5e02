"""What a statement does, judged by its shape.

SQLite locks the whole file, so the lock only says whether anything is written at all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dbwarden.core.ddl.cursor import calls
from dbwarden.core.ddl.statements import (
    Action,
    AddColumn,
    AlterTable,
    ControlTransaction,
    CreateIndex,
    CreateObject,
    CreateTable,
    Delete,
    DropColumn,
    DropObject,
    DropTable,
    Explain,
    Insert,
    Maintain,
    RenameColumn,
    RenameTable,
    Select,
    Set,
    Statement,
    Unknown,
    Update,
    Utility,
    With,
)
from dbwarden.core.ownership import RENAME_TABLE
from dbwarden.core.sqltext import words
from dbwarden.core.statement import Effect, Facts, Lock, Reach

from .statements import statement as read
from .words import LEXIS

_OUTSIDE = frozenset(("load_extension", "readfile", "writefile", "edit", "fsdir", "zipfile", "sqlar_compress"))
"""Functions of the shell and of the library that leave the database."""
_OWN_MODULES = frozenset(("fts3", "fts4", "fts4aux", "fts5", "fts5vocab", "rtree", "rtree_i32", "geopoly", "dbstat"))
"""Modules of virtual tables that keep everything in the database (https://www.sqlite.org/vtablist.html)."""
# Void or refused inside a transaction (https://www.sqlite.org/pragma.html).
_ALONE = frozenset(("journal_mode", "synchronous", "page_size", "auto_vacuum", "wal_checkpoint", "locking_mode"))
_CREATES, _DROPS, _CHANGES = Effect.CREATES, Effect.DROPS, Effect.CHANGES
_DELETES, _WRITES, _SCANS = Effect.DELETES_DATA, Effect.WRITES_ROWS, Effect.SCANS


def facts(sql: str) -> Facts:
    """The facts of one statement; ``known`` is false where no row reads it."""
    found = read(sql)
    return replace(facts_of(found), reach=max(_reach(found), _reach_of_calls(sql)))


def facts_of(statement: Statement) -> Facts:
    """The facts of a statement that was read."""
    match statement:
        case AlterTable(_, clauses):
            return _altered(clauses)
        case Action():
            return _action(statement)
        case DropObject(kind, refs):
            return _facts(f"drop {kind}", _DROPS, targets=refs)
        case CreateObject(kind, ref):
            return _facts(f"create {kind}", _CREATES, targets=(ref,) if ref else ())
        case Insert() | Update() | Delete() | Select() | With() | Explain():
            return _rows(statement)
        case Set() | Maintain() | Utility() | ControlTransaction():
            return _command(statement)
        case _:
            return Facts(known=False)


def _facts(action: str, *effects: Effect, lock: Lock = Lock.ACCESS_EXCLUSIVE, **rest: Any) -> Facts:
    return Facts(lock=lock, effects=frozenset(effects), action=action, **rest)


def _action(action: Action) -> Facts:
    match action:
        case CreateTable(table, _, _, module):
            return _facts("create table" if module is None else "create virtual table", _CREATES, targets=(table,))
        case CreateIndex():
            return _facts("create index", _CREATES, _SCANS, targets=action.creates)
        case DropTable():
            return _facts("drop table", _DROPS, _DELETES, targets=action.tables)
        case RenameTable(table, new):
            return _facts(RENAME_TABLE, _CHANGES, targets=(table, new))
        case RenameColumn(table):
            return _facts("rename column", _CHANGES, targets=(table,))
        case AddColumn(table):
            return _facts("add column", _CHANGES, targets=(table,))
        case DropColumn(table):
            return _facts("drop column", _CHANGES, _DELETES, targets=(table,))
        case _:
            return Facts(known=False)


def _altered(clauses: tuple[Action, ...]) -> Facts:
    return _action(clauses[0]) if len(clauses) == 1 else Facts(known=False)  # SQLite takes one


def _rows(statement: Statement) -> Facts:
    """Statements that read and write rows; what stands in WITH counts where it runs."""
    match statement:
        case Insert(table):
            return _facts("insert", _WRITES, lock=Lock.ROW_EXCLUSIVE, targets=(table,))
        case Update(table):
            return _facts("update", _WRITES, lock=Lock.ROW_EXCLUSIVE, targets=(table,))
        case Delete(table):
            return _facts("delete", _WRITES, _DELETES, lock=Lock.ROW_EXCLUSIVE, targets=(table,))
        case With(statements):
            return facts_of(statements[-1])
        case _:
            return _facts("select", lock=Lock.ACCESS_SHARE)


def _command(statement: Statement) -> Facts:
    match statement:
        case Set("foreign_keys", value) if value is not None:
            # Void inside a transaction (https://www.sqlite.org/pragma.html#pragma_foreign_keys): the envelope runs it.
            return _facts("foreign keys on or off", lock=Lock.NONE, session=True)
        case Set(name) if name in _ALONE:
            return _facts("pragma outside a transaction", transactional=False)
        case Set():
            return _facts("pragma", lock=Lock.NONE)
        case Maintain():
            return _facts("vacuum", Effect.REWRITES, transactional=False)
        case Utility(("ATTACH" | "DETACH", *_)):
            return _facts("attach or detach a database", lock=Lock.NONE, transactional=False)
        case Utility(("REINDEX", *_)):
            return _facts("reindex", _SCANS)
        case Utility(("ANALYZE", *_)):
            return _facts("analyze", _SCANS, lock=Lock.ROW_EXCLUSIVE)
        case _:
            return _facts("transaction control", lock=Lock.NONE)


def _reach(statement: Statement) -> Reach:
    match statement:
        case Utility(("ATTACH" | "DETACH", *_)):
            return Reach.SERVER
        case Maintain(into=str()):
            return Reach.SERVER
        case CreateTable(_, _, _, str() as module) if module.lower() not in _OWN_MODULES:
            return Reach.UNKNOWN
        case Unknown():
            return Reach.UNKNOWN
        case _:
            return Reach.DATABASE


def _reach_of_calls(sql: str) -> Reach:
    """Of the functions that a text calls; most call none of them, and are not read a second time."""
    text = sql.lower()
    if not any(name in text for name in _OUTSIDE):
        return Reach.DATABASE
    called = _OUTSIDE.intersection(calls(words(sql, LEXIS), LEXIS))
    return Reach.SERVER if called else Reach.DATABASE
