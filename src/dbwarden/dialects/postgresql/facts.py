"""Facts of a statement (lock, effects, targets), by its kind.

Sources of the locks: the manual of version 17, section 13.3 and the pages of the SQL commands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from dbwarden.core import kinds
from dbwarden.core.ddl.statements import (
    Action,
    AddEnumValue,
    AlterObject,
    AlterPublication,
    AlterTable,
    ControlTransaction,
    Copy,
    CreateEnum,
    CreateIndex,
    CreateObject,
    CreatePublication,
    CreateTable,
    Delete,
    DropObject,
    DropTable,
    Explain,
    Grant,
    Insert,
    Maintain,
    Merge,
    RenameEnumValue,
    RenameTable,
    RenameType,
    Select,
    Set,
    Statement,
    Truncate,
    Unknown,
    Update,
    Utility,
)
from dbwarden.core.dialect import Server
from dbwarden.core.sqltext import TokenKind, words
from dbwarden.core.statement import Effect, Facts
from dbwarden.core.text_cache import TextCache
from dbwarden.core.tokens import literal
from dbwarden.core.types import Ref

from .alterations import NOT_VALID, VALIDATE, clause_facts
from .locks import WORDS, Lock, lock_of
from .reach import reach
from .statements import may_name
from .statements import statement as read
from .words import LEXICAL_RULES

_C, _D, _X, _NEW = Effect.CHANGES, Effect.DROPS, Effect.DELETES_DATA, Effect.CREATES
_SCANS, _WRITES, _REWRITES = Effect.SCANS, Effect.WRITES_ROWS, Effect.REWRITES
_NONE, _EXCLUSIVE, _BRIEF = Lock.NONE, Lock.ACCESS_EXCLUSIVE, Lock.SHARE_UPDATE_EXCLUSIVE
_ADD_VALUE = "add enum value"

_CREATED: Mapping[str, Lock] = {
    "trigger": Lock.SHARE_ROW_EXCLUSIVE,
    "policy": _EXCLUSIVE,
    "rule": _EXCLUSIVE,
}
"""Lock that CREATE takes on the table of the new object."""
_DROPPED: Mapping[str, Lock] = {
    "type": _NONE,
    "domain": _NONE,
    "function": _NONE,
    "tablespace": _NONE,
    "subscription": _NONE,
}
"""Lock that DROP takes if it is not ACCESS EXCLUSIVE."""
_ALTERED: Mapping[str, Lock] = {
    "index": _BRIEF,
    "sequence": Lock.SHARE_ROW_EXCLUSIVE,
    "view": _EXCLUSIVE,
    "materialized_view": _EXCLUSIVE,
    "trigger": _EXCLUSIVE,
    "policy": _EXCLUSIVE,
    "rule": _EXCLUSIVE,
}
"""Lock that ALTER takes, if it takes one."""
_NAMED = frozenset(
    "index enum type domain sequence namespace extension materialized_view view function trigger policy rule".split()
)
"""Kinds whose objects are named in the facts; of others, only the kind is reported."""
_LOSES = ("namespace", "database", "owned")
_LOSES_COLUMNS = ("type", "domain", "extension")
"""Kinds whose DROP ... CASCADE drops columns."""
_ALONE = frozenset(("database", "tablespace", "subscription"))
"""Kinds that cannot be created or dropped inside a transaction."""


@TextCache
def facts(sql: str, server: Server) -> Facts:
    """Facts of one statement; ``known`` is false if no case matches (DO, CALL, new syntax)."""
    statement = read(sql, server.default_schema)
    return replace(facts_of(statement, server), reach=reach(statement, sql))


def facts_of(statement: Statement, server: Server) -> Facts:
    """Facts of a parsed statement: those of all its parts together."""
    return reduce(_combine, (_part(part, server) for part in statement.parts))


def _combine(first: Facts, second: Facts) -> Facts:
    lock = max(lock_of(first), lock_of(second))
    return replace(
        first,
        known=first.known and second.known,
        blocks=lock.blocks,
        lock=WORDS[lock],
        effects=first.effects | second.effects,
        transactional=first.transactional and second.transactional,
        targets=tuple(dict.fromkeys((*first.targets, *second.targets))),
        action=", ".join(dict.fromkeys(part.action for part in (first, second) if part.effects)) or first.action,
    )


def _facts(action: str, lock: Lock, *effects: Effect, **rest: Any) -> Facts:
    return Facts(blocks=lock.blocks, lock=WORDS[lock], effects=frozenset(effects), action=action, **rest)


def _part(statement: Statement, server: Server) -> Facts:
    match statement:
        case AlterTable(foreign=True):
            return _without_rows(_altered(statement))
        case AlterTable():
            return _altered(statement)
        case AddEnumValue(type_):
            return _facts(_ADD_VALUE, _NONE, _C, targets=(type_,), transactional=not server.version < (12,))
        case Action():
            return _action(statement)
        case CreateObject() | DropObject() | AlterObject():
            return _object(statement)
        case Insert() | Update() | Delete() | Merge() | Truncate() | Copy() | Select() | Explain():
            return _rows(statement)
        case Maintain():
            return _maintenance(statement)
        case _:
            return _utility(statement)


# -- tables and types -----------------------------------------------------------------------------------------------


def _altered(statement: AlterTable) -> Facts:
    parts = [clause_facts(clause) for clause in statement.clauses]
    if not parts:
        return _facts("alter table", _EXCLUSIVE, _C, targets=(statement.table,))
    known = [part for part in parts if part.known]
    targets: tuple[Ref, ...] = (statement.table,)
    if len(parts) == 1 and isinstance(clause := statement.clauses[0], RenameTable):
        targets = (*targets, clause.new)
    lock = max(map(lock_of, known), default=_EXCLUSIVE)
    return Facts(
        known=len(known) == len(parts),
        blocks=lock.blocks,
        lock=WORDS[lock],
        effects=frozenset(effect for part in parts for effect in part.effects),
        transactional=all(part.transactional for part in parts),
        targets=targets,
        action=", ".join(dict.fromkeys(part.action for part in known)) or "alter table",
    )


def _without_rows(facts: Facts) -> Facts:
    """Facts of a change of a foreign table: no row is read, written or lost on this server."""
    return replace(facts, effects=facts.effects - {_SCANS, _REWRITES, _X})


def _action(action: Action) -> Facts:
    match action:
        case CreateTable(table, partition_of=None, foreign=True):
            return _facts("create foreign table", _NONE, _NEW, targets=(table,))
        case DropTable(foreign=True):
            return _facts("drop foreign table", _EXCLUSIVE, _D, targets=action.tables)
        case CreateTable(table, partition_of=Ref() as parent):
            return _facts("create partition", _EXCLUSIVE, _NEW, targets=(table, parent))
        case CreateTable(table):
            return _facts("create table", _NONE, _NEW, targets=(table,))
        case DropTable():
            return _facts("drop table", _EXCLUSIVE, _D, _X, targets=action.tables)
        case CreateIndex(concurrently=True):
            how = "create index concurrently"
            return _facts(how, _BRIEF, _NEW, _SCANS, targets=_index(action), transactional=False)
        case CreateIndex(only=True):
            return _facts("create index", Lock.SHARE, _NEW, targets=_index(action))
        case CreateIndex():
            return _facts("create index", Lock.SHARE, _NEW, _SCANS, targets=_index(action))
        case CreateEnum(type_):
            return _facts("create type", _NONE, _NEW, targets=(type_,))
        case RenameType(type_) | RenameEnumValue(type_):
            return _facts("alter type", _NONE, _C, targets=(type_,))
        case _:
            return Facts(known=False)


def _index(action: CreateIndex) -> tuple[Ref, ...]:
    return (*action.creates, action.table)


def _object(statement: CreateObject | DropObject | AlterObject) -> Facts:
    match statement:
        case AlterPublication() | CreatePublication():
            created = isinstance(statement, CreatePublication)
            action = "create publication" if created else "alter publication"
            lock = _BRIEF if statement.tables else _NONE
            return _facts(action, lock, _NEW if created else _C, targets=statement.tables)
        case CreateObject(kind, ref, table):
            action = f"create {kinds.title(kind)}" if kind in _NAMED or kind in _ALONE else "create"
            lock = _CREATED.get(kind, _NONE)
            return _facts(action, lock, _NEW, targets=_targets(kind, ref, table), transactional=kind not in _ALONE)
        case DropObject("index", refs, concurrently=True):
            return _facts("drop index concurrently", _BRIEF, _D, targets=refs, transactional=False)
        case DropObject(kind, refs, table, cascade=cascade):
            known = kind in _NAMED or kind in _ALONE or kind == "owned"
            lock = _DROPPED.get(kind, _EXCLUSIVE) if known else _NONE
            effects = (_D, _X) if kind in _LOSES or (cascade and kind in _LOSES_COLUMNS) else (_D,)
            targets = tuple(target for ref in refs for target in _targets(kind, ref, table))
            action = f"drop {kinds.title(kind)}" if known else "drop"
            return _facts(action, lock, *effects, targets=targets, transactional=kind not in _ALONE)
        case AlterObject(kind, ref, words_):
            alone = kind == "system" or (kind == "database" and words_[:2] == ("SET", "TABLESPACE"))
            lock = _ALTERED.get(kind, _NONE)
            if kind == "index" and words_[:2] == ("SET", "TABLESPACE"):
                lock = _EXCLUSIVE
            action = f"alter {kinds.title(kind)}" if kind in _NAMED or alone else "alter"
            effects = (_C, _SCANS) if kind == "domain" else (_C,)
            if kind == "type" and words_[:2] == ("DROP", "ATTRIBUTE"):
                effects = (_C, _X)
            on = ref.owner if ref is not None and ref.table is not None else None
            return _facts(action, lock, *effects, targets=_targets(kind, ref, on), transactional=not alone)


def _targets(kind: str, ref: Ref | None, table: Ref | None) -> tuple[Ref, ...]:
    named = (ref,) if ref is not None and kind in _NAMED else ()
    return (*named, table) if table is not None else named


# -- rows and everything else ---------------------------------------------------------------------------------------


def _rows(statement: Statement) -> Facts:
    match statement:
        case Insert(table):
            return _facts("insert", Lock.ROW_EXCLUSIVE, _WRITES, targets=(table,))
        case Update(table):
            return _facts("update", Lock.ROW_EXCLUSIVE, _WRITES, targets=(table,))
        case Delete(table):
            return _facts("delete", Lock.ROW_EXCLUSIVE, _X, _WRITES, targets=(table,))
        case Merge(table, deletes):
            effects = (_X, _WRITES) if deletes else (_WRITES,)
            return _facts("merge", Lock.ROW_EXCLUSIVE, *effects, targets=(table,))
        case Truncate(tables):
            return _facts("truncate", _EXCLUSIVE, _X, targets=tables)
        case Copy(Ref() as table, True):
            return _facts("copy", Lock.ROW_EXCLUSIVE, _WRITES, targets=(table,))
        case Copy():
            return _facts("copy out", Lock.ACCESS_SHARE)
        case _:
            return _facts("select", Lock.ACCESS_SHARE)


def _maintenance(statement: Maintain) -> Facts:
    options, targets = statement.options, (statement.target,) if statement.target else ()
    concurrently = "CONCURRENTLY" in options
    match statement.verb:
        case "VACUUM" if "FULL" in options:
            return _facts("vacuum full", _EXCLUSIVE, _REWRITES, targets=targets, transactional=False)
        case "VACUUM":
            return _facts("vacuum", _BRIEF, _SCANS, targets=targets, transactional=False)
        case "REINDEX" if concurrently:
            return _facts("reindex concurrently", _BRIEF, _SCANS, transactional=False)
        case "REINDEX":
            alone = not options.isdisjoint(("SCHEMA", "DATABASE", "SYSTEM"))
            return _facts("reindex", _EXCLUSIVE, _SCANS, transactional=not alone)
        case "CLUSTER":
            return _facts("cluster", _EXCLUSIVE, _REWRITES, targets=targets, transactional=bool(targets))
        case "REFRESH" if concurrently:
            return _facts("refresh materialized view concurrently", Lock.EXCLUSIVE, _SCANS, targets=targets)
        case "REFRESH":
            return _facts("refresh materialized view", _EXCLUSIVE, _SCANS, targets=targets)
        case _:
            return _facts("lock table", _EXCLUSIVE, targets=targets)


_UTILITIES: Mapping[str, tuple[str, Lock, tuple[Effect, ...]]] = {
    "COMMENT": ("comment", _BRIEF, (_C,)),
    "RESET": ("reset", _NONE, ()),
    "ANALYZE": ("analyze", _BRIEF, (_SCANS,)),
    "SECURITY": ("security label", _NONE, (_C,)),
    "REASSIGN": ("reassign owned", _NONE, (_C,)),
    "IMPORT": ("import foreign schema", _NONE, (_NEW,)),
    "NOTIFY": ("notify", _NONE, ()),
}


def _utility(statement: Statement) -> Facts:
    match statement:
        case ControlTransaction():
            return _facts("transaction control", _NONE, transactional=False)
        case Set("transaction"):
            return _facts("set transaction", _NONE)
        case Set():
            return _facts("set", _NONE)
        case Grant(revoke=revoke):
            return _facts("revoke" if revoke else "grant", _NONE, _C)
        case Utility((word, *_)) if word in _UTILITIES:
            action, lock, effects = _UTILITIES[word]
            return _facts(action, lock, *effects)
        case Utility((word, *_)) | Unknown((word, *_)):
            return Facts(known=False, action=word.lower())
        case _:
            return Facts(known=False, action=type(statement).__name__.lower())


# -- the statements of one file -------------------------------------------------------------------------------------


def analyze_file(statements: Sequence[str], server: Server) -> tuple[Facts, ...]:
    """Facts of the statements of one file. Two kinds must leave its transaction because of the statements around them:

    * ALTER TYPE ... ADD VALUE must be committed before a statement that uses the value ("unsafe use of new value").
    * VALIDATE CONSTRAINT allows others to write while it reads all rows, but not if its transaction still holds the lock of
      ADD ... NOT VALID.
    """
    elsewhere = replace(server, default_schema=None)
    file_facts = [facts(sql, server if may_name(sql, server.default_schema) else elsewhere) for sql in statements]
    created: set[Ref] = set()
    added: set[Ref] = set()
    for at, statement_facts in enumerate(file_facts):
        if statement_facts.action == _ADD_VALUE:
            value = read(statements[at], server.default_schema)
            if isinstance(value, AddEnumValue) and any(_uses(later, value.value) for later in statements[at + 1 :]):
                file_facts[at] = replace(statement_facts, transactional=False)
        elif statement_facts.action == "create table":
            created.update(statement_facts.targets)
        elif statement_facts.action == VALIDATE and not added.isdisjoint(statement_facts.targets):
            file_facts[at] = replace(statement_facts, transactional=False)
        elif NOT_VALID in statement_facts.action:
            added.update(table for table in statement_facts.targets if table not in created)
    return tuple(file_facts)


def _uses(sql: str, value: str) -> bool:
    """Whether a statement, or code in one of its strings, contains ``value`` as a string constant."""
    text = value.replace("'", "''")
    if text not in sql:
        return False
    for token in words(sql, LEXICAL_RULES):
        if token.kind is TokenKind.STRING and (literal(token) == value or f"''{value}''" in token.text):
            return True
        if token.kind is TokenKind.DOLLAR and f"'{text}'" in token.text:
            return True
    return False
