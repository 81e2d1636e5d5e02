"""Reach of a statement: whether its effects stay in the current database.

Accounts, other databases, global variables, plugins, files and replication belong to the server.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core.ddl.statements import (
    AlterObject,
    Copy,
    CreateObject,
    CreateTable,
    Do,
    DropObject,
    DropTable,
    Grant,
    Insert,
    Maintain,
    Prepare,
    Set,
    Statement,
    Truncate,
    Unknown,
    Update,
    Utility,
)
from dbwarden.core.ddl.statements import Delete as DeleteRows
from dbwarden.core.sqltext import TokenKind, words
from dbwarden.core.statement import Reach
from dbwarden.core.tokens import calls
from dbwarden.core.types import Ref

from .statements import statement as read
from .words import LEXICAL_RULES

_SHARED = frozenset(
    ("user", "role", "database", "tablespace", "server", "instance", "logfile group", "resource group",
     "spatial reference system")
)  # fmt: skip
_OF_SERVER = frozenset(
    "BACKUP BINLOG CHANGE CLONE FLUSH IMPORT INSTALL KILL LOCK PURGE RENAME RESET RESTART SET SHUTDOWN START STOP UNINSTALL"
    " UNLOCK".split()
)
_OUTSIDE = frozenset(("load_file", "sys_exec", "sys_eval", "sleep_until", "release_all_locks"))
_OPTIONS_WITH_PATHS = ("DATA DIRECTORY", "INDEX DIRECTORY", "CONNECTION", "TABLESPACE")
_REMOTE_ENGINES = frozenset("CONNECT FEDERATED FEDERATEDX SPIDER S3 CSV".split())
_IN_OPTIONS = ("DIRECTORY", "CONNECTION", "TABLESPACE", *sorted(_REMOTE_ENGINES))
"""Words without which no option of a table points outside the database: a fast test before the options are parsed."""
_SCOPES = ("global.", "persist.", "persist_only.")
_ROUTINES = ("function", "procedure", "trigger", "event", "package", "package body")
_BEFORE_STATEMENT = frozenset((";", "BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT"))
_IN_BODIES = frozenset(
    "CREATE DROP ALTER GRANT REVOKE LOAD CALL RENAME INSERT UPDATE DELETE REPLACE TRUNCATE FLUSH INSTALL KILL RESET"
    " SELECT WITH PREPARE EXECUTE".split()
)


def reach(statement: Statement, sql: str) -> Reach:
    """Reach of a statement's effects; ``sql`` is its text."""
    of_calls = Reach.DATABASE
    text = sql.lower()
    if any(name in text for name in _OUTSIDE):
        called = _OUTSIDE.intersection(calls(words(sql, LEXICAL_RULES), LEXICAL_RULES))
        of_calls = Reach.SERVER if called else of_calls
    others = (part for part in statement.parts if part is not statement)
    return max(of_calls, _of(statement, sql), *(_of(part, sql) for part in others))


def _of(statement: Statement, sql: str) -> Reach:
    if any(ref.schema is not None for ref in _named(statement)):
        return Reach.SERVER  # another database
    match statement:
        case CreateObject("function", bodies=(_, *_)) if "SONAME" in sql.upper():
            return Reach.SERVER
        case CreateObject(kind) if kind in _ROUTINES:
            return _of_body(sql)
        case CreateObject(kind) | AlterObject(kind) | DropObject(kind) if kind in _SHARED:
            return Reach.SERVER
        case CreateTable():
            return _of_options(statement, sql.upper())
        case Grant() | Set("database") | Copy(_, _, "FILE"):
            return Reach.SERVER
        case Set(name) if name.startswith(_SCOPES):
            return Reach.SERVER
        case Utility((word, *_)) if word in _OF_SERVER:
            return Reach.SERVER
        case Do():
            return _of_body(sql)
        case Unknown() | Prepare() | Utility(("CALL" | "EXECUTE", *_)):
            return Reach.UNKNOWN
        case _:
            return Reach.DATABASE


def _named(statement: Statement) -> Iterator[Ref]:
    """The objects that a statement changes."""
    yield from statement.creates
    yield from statement.drops
    for action in statement.actions:
        yield action.table
    match statement:
        case Insert(table) | Update(table) | DeleteRows(table):
            yield table
        case Truncate() | DropTable():
            yield from statement.tables
        case Maintain(target=Ref() as target) | Copy(Ref() as target):
            yield target
        case AlterObject(ref=Ref() as ref):
            yield ref


def _of_options(table: CreateTable, sql: str) -> Reach:
    """``sql`` is the statement's text in upper case."""
    if not any(word in sql for word in _IN_OPTIONS):
        return Reach.DATABASE
    options = table.options()
    remote = options.get("ENGINE", "").upper() in _REMOTE_ENGINES
    return Reach.SERVER if remote or any(name in options for name in _OPTIONS_WITH_PATHS) else Reach.DATABASE


def _of_body(sql: str) -> Reach:
    """Reach of the statements in a body, whatever the conditions around them."""
    furthest = Reach.DATABASE
    for text in _statements(sql):
        first = text.split(None, 1)[0].upper() if text.split() else ""
        if first in _IN_BODIES:
            statement = read(text)
            dynamic = first in ("PREPARE", "EXECUTE")
            furthest = max(furthest, Reach.UNKNOWN if dynamic else reach(statement, text))
    return furthest


def _statements(body: str) -> Iterator[str]:
    tokens = list(words(body, LEXICAL_RULES))
    start = tokens[-1].end if tokens else 0
    begun = False
    for token in tokens:
        if token.text.upper() in _BEFORE_STATEMENT and token.kind is not TokenKind.IDENTIFIER:
            if begun:
                yield body[start : token.start]
            start, begun = token.end, True
    yield body[start:] if begun else ""
