"""Facts of a statement, by its kind.

SQLite locks the whole file, so ``blocks`` only says whether the statement changes the schema.
"""

from __future__ import annotations

from dataclasses import replace

from dbwarden.core.ddl.statements import CreateTable, Maintain, Set, Statement, Unknown, Utility
from dbwarden.core.sqltext import words
from dbwarden.core.statement import Blocks, Effect, Facts, Reach
from dbwarden.core.tokens import calls
from dbwarden.dialects.base.facts import row, standard_facts

from .statements import statement as read
from .words import LEXICAL_RULES

_OUTSIDE = frozenset(("load_extension", "readfile", "writefile", "edit", "fsdir", "zipfile", "sqlar_compress"))
"""Functions of SQLite and its shell that act outside the database."""
_OWN_MODULES = frozenset(("fts3", "fts4", "fts4aux", "fts5", "fts5vocab", "rtree", "rtree_i32", "geopoly", "dbstat"))
"""Modules of virtual tables that store everything in the database (https://www.sqlite.org/vtablist.html)."""
# Without effect or refused inside a transaction (https://www.sqlite.org/pragma.html).
_ALONE = frozenset(("journal_mode", "synchronous", "page_size", "auto_vacuum", "wal_checkpoint", "locking_mode"))


def facts(sql: str) -> Facts:
    """Facts of one statement; ``known`` is false if no case matches."""
    statement = read(sql)
    return replace(facts_of(statement), reach=max(_reach(statement), _reach_of_calls(sql)))


def facts_of(statement: Statement) -> Facts:
    """Facts of a parsed statement."""
    match statement:
        case Set() | Maintain() | Utility():
            return _command(statement)
        case _:
            return standard_facts(statement)


def _command(statement: Statement) -> Facts:
    match statement:
        case Set("foreign_keys", value) if value is not None:
            # Without effect inside a transaction (https://www.sqlite.org/pragma.html#pragma_foreign_keys), so the
            # transaction hooks run it.
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
    """Reach of the functions that a text calls; a text without one of their names is not tokenised."""
    text = sql.lower()
    if not any(name in text for name in _OUTSIDE):
        return Reach.DATABASE
    called = _OUTSIDE.intersection(calls(words(sql, LEXICAL_RULES), LEXICAL_RULES))
    return Reach.SERVER if called else Reach.DATABASE
