"""Facts of a statement, from its shape.

SQLite locks the whole file, so the lock only says whether anything is written at all.
"""

from __future__ import annotations

from dataclasses import replace

from dbwarden.core.ddl.cursor import calls
from dbwarden.core.ddl.statements import CreateTable, Maintain, Set, Statement, Unknown, Utility
from dbwarden.core.sqltext import words
from dbwarden.core.statement import Blocks, Effect, Facts, Reach
from dbwarden.dialects.base.facts import row, standard_facts

from .statements import statement as read
from .words import LEXICAL_RULES

_OUTSIDE = frozenset(("load_extension", "readfile", "writefile", "edit", "fsdir", "zipfile", "sqlar_compress"))
"""Functions of the shell and of the library that leave the database."""
_OWN_MODULES = frozenset(("fts3", "fts4", "fts4aux", "fts5", "fts5vocab", "rtree", "rtree_i32", "geopoly", "dbstat"))
"""Modules of virtual tables that keep everything in the database (https://www.sqlite.org/vtablist.html)."""
# Void or refused inside a transaction (https://www.sqlite.org/pragma.html).
_ALONE = frozenset(("journal_mode", "synchronous", "page_size", "auto_vacuum", "wal_checkpoint", "locking_mode"))


def facts(sql: str) -> Facts:
    """The facts of one statement; ``known`` is false where no row reads it."""
    statement = read(sql)
    return replace(facts_of(statement), reach=max(_reach(statement), _reach_of_calls(sql)))


def facts_of(statement: Statement) -> Facts:
    """The facts of a statement that was read."""
    match statement:
        case Set() | Maintain() | Utility():
            return _command(statement)
        case _:
            return standard_facts(statement)


def _command(statement: Statement) -> Facts:
    match statement:
        case Set("foreign_keys", value) if value is not None:
            # Void inside a transaction (https://www.sqlite.org/pragma.html#pragma_foreign_keys): the transaction hooks run it.
            return row("foreign keys on or off", blocks=Blocks.NOTHING, session=True)
        case Set(name) if name in _ALONE:
            return row("pragma outside a transaction", transactional=False)
        case Set():
            return row("pragma", blocks=Blocks.NOTHING)
        case Maintain():
            return row("vacuum", Effect.REWRITES, transactional=False)
        case Utility(("ATTACH" | "DETACH", *_)):
            return row("attach or detach a database", blocks=Blocks.NOTHING, transactional=False)
        case Utility(("REINDEX", *_)):
            return row("reindex", Effect.SCANS)
        case Utility(("ANALYZE", *_)):
            return row("analyze", Effect.SCANS, blocks=Blocks.WRITERS)
        case _:
            return Facts(known=False)


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
    """Reach of the functions that a text calls; most texts call none and are not parsed a second time."""
    text = sql.lower()
    if not any(name in text for name in _OUTSIDE):
        return Reach.DATABASE
    called = _OUTSIDE.intersection(calls(words(sql, LEXICAL_RULES), LEXICAL_RULES))
    return Reach.SERVER if called else Reach.DATABASE
