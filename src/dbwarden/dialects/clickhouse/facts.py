"""Facts of a statement, by its kind: whether it changes metadata only or rewrites the parts of a table (a mutation).

No DDL of ClickHouse blocks readers or writers: inserts and queries go on with the parts that they see, so that ``blocks`` is
``DDL``. What counts is the work. Measured on 26.9 (a row in ``system.mutations`` or none).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from dbwarden.core import kinds
from dbwarden.core.ddl.statements import (
    Action,
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterObject,
    AlterTable,
    ChangeType,
    ColumnText,
    ControlTransaction,
    CreateIndex,
    CreateObject,
    CreateTable,
    Delete,
    DropColumn,
    DropConstraint,
    DropObject,
    DropTable,
    Explain,
    Grant,
    Insert,
    Maintain,
    OtherClause,
    RenameColumn,
    RenameTable,
    RenameTables,
    Select,
    Set,
    Statement,
    Truncate,
    Update,
    Utility,
)
from dbwarden.core.statement import RENAME_TABLE, Blocks, Effect, Facts, Reach
from dbwarden.core.text_cache import TextCache
from dbwarden.core.types import Ref

from .statements import ModifyTTL
from .statements import statement as read
from .ttl_rules import TTLAction, TTLRule, rules_of

_C, _D, _X, _NEW = Effect.CHANGES, Effect.DROPS, Effect.DELETES_DATA, Effect.CREATES
_SCANS, _WRITES, _REWRITES = Effect.SCANS, Effect.WRITES_ROWS, Effect.REWRITES
MUTATION = "mutation"
"""``Facts.lock`` of a statement that rewrites parts in the background."""
METADATA = "metadata"
"""``Facts.lock`` of a statement that changes definitions only."""
_SERVER = frozenset(
    (
        "database",
        "role",
        "user",
        "named collection",
        "settings profile",
        "row policy",
        "quota",
        "workload",
        "resource",
        "function",
    )
)
"""Kinds of objects that are the server's, not the database's."""
_REMOTE = frozenset(
    "url s3 postgresql mysql mongodb redis kafka rabbitmq nats hdfs file sqlite odbc jdbc azureblobstorage".split()
)
"""Engines whose tables are elsewhere, so that writing to them leaves the database."""


@TextCache
def facts(sql: str, default_schema: str | None) -> Facts:
    """Facts of one statement; ``known`` is false if no case matches."""
    statement = read(sql, default_schema)
    return replace(facts_of(statement), reach=reach(statement, sql))


def facts_of(statement: Statement) -> Facts:
    """Facts of a parsed statement: those of all its parts together."""
    return reduce(_combine, (_part(part) for part in statement.parts))


def _combine(first: Facts, second: Facts) -> Facts:
    lock = MUTATION if MUTATION in (first.lock, second.lock) else first.lock or second.lock
    return replace(
        first,
        known=first.known and second.known,
        blocks=max(first.blocks, second.blocks),
        lock=lock,
        effects=first.effects | second.effects,
        transactional=first.transactional and second.transactional,
        targets=tuple(dict.fromkeys((*first.targets, *second.targets))),
        loss=", ".join(dict.fromkeys(filter(None, (first.loss, second.loss)))),
        action=", ".join(dict.fromkeys(part.action for part in (first, second) if part.effects)) or first.action,
    )


def _ddl(action: str, *effects: Effect, lock: str = METADATA, **rest: Any) -> Facts:
    return Facts(
        blocks=Blocks.DDL, lock=lock, effects=frozenset(effects), action=action, **{"transactional": False, **rest}
    )


def _mutation(action: str, *effects: Effect, **rest: Any) -> Facts:
    return _ddl(action, *effects, _REWRITES, lock=MUTATION, **rest)


def _dml(action: str, *effects: Effect, targets: tuple[Ref, ...] = ()) -> Facts:
    return Facts(blocks=Blocks.NOTHING, effects=frozenset(effects), action=action, targets=targets, transactional=False)


def _part(statement: Statement) -> Facts:
    match statement:
        case AlterTable(table, clauses):
            named = [_clause(clause) for clause in clauses] or [_ddl("alter table", targets=(table,))]
            return replace(reduce(_combine, named), targets=_targets(table, clauses))
        case RenameTables(renames):
            tables = tuple(dict.fromkeys(table for rename in renames for table in (rename.table, rename.new)))
            return _ddl(RENAME_TABLE, _C, targets=tables)
        case Action():
            return _clause(statement)
        case CreateObject() | DropObject() | AlterObject():
            return _object(statement)
        case _:
            return _rows(statement)


def _targets(table: Ref, clauses: tuple[Action, ...]) -> tuple[Ref, ...]:
    named = (ref for clause in clauses for ref in (*clause.creates, *clause.drops))
    return tuple(dict.fromkeys((table, *named)))


# -- clauses ----------------------------------------------------------------------------------------------------------


def _clause(clause: Action) -> Facts:
    target = (clause.table,)
    match clause:
        case CreateTable():
            copied = (_WRITES,) if clause.query is not None or clause.source() is not None else ()
            return _ddl("create table", _NEW, *copied, targets=target)
        case DropTable():
            return _ddl("drop table", _D, _X, targets=clause.tables)
        case RenameTable(table, new):
            return _ddl(RENAME_TABLE, _C, targets=(table, new))
        case AddColumn():
            return _ddl("add column", _C, targets=target)
        case DropColumn():
            return _mutation("drop column", _C, _X, targets=target)
        case RenameColumn():
            return _mutation("rename column", _C, targets=target)
        case ChangeType(definition=ColumnText(clauses=words)) if "TTL" in words:
            return _column_ttl(target)
        case ChangeType() if not clause.type:
            return _ddl("modify column", _C, targets=target)
        case ChangeType():
            return _mutation("change type", _C, targets=target)
        case AlterColumn(_, _, words):
            return _altered_column(words, target)
        case AddConstraint():
            return _ddl("add constraint", _C, targets=target)
        case CreateIndex():
            return _ddl("add index", _C, targets=target)
        case DropConstraint(_, _, _, kind):
            return (
                _mutation("drop index", _C, targets=target)
                if kind == "index"
                else _ddl("drop constraint", _C, targets=target)
            )
        case ModifyTTL(_, _, rules):
            return _table_ttl(rules, target)
        case OtherClause(_, words):
            return _other_clause(words, target)
    return Facts(known=False, targets=target)


def _altered_column(words: tuple[str, ...], target: tuple[Ref, ...]) -> Facts:
    if words[:2] == ("REMOVE", "TTL"):
        return _ddl("remove column TTL", _C, targets=target)
    if words[:1] == ("TTL",):
        return _column_ttl(target)
    return _ddl(" ".join(words[:2]).lower() + " of column", _C, targets=target)


def _column_ttl(target: tuple[Ref, ...]) -> Facts:
    """A TTL of a column always deletes; the type and the codec that stand before it change nothing about that."""
    return _mutation("modify column TTL", _C, _X, targets=target, loss="the values that are too old are lost")


def _table_ttl(text: str, target: tuple[Ref, ...]) -> Facts:
    """A TTL of a table: a new one is applied to the rows that exist, whatever it does with them."""
    rules = rules_of(text)
    losses = dict.fromkeys(filter(None, map(_lost_by, rules)))
    deleting = (_X,) if any(rule.action is TTLAction.DELETE for rule in rules) else ()
    return _mutation("modify TTL", _C, *deleting, targets=target, loss=", and ".join(losses))


def _lost_by(rule: TTLRule) -> str:
    """What a rule takes, in words; empty for one that moves or compresses rows."""
    if rule.action is TTLAction.DELETE:
        only = f" (those {rule.tail})" if rule.tail else ""
        return f"the rows that are too old by {rule.time}{only} are lost"
    if rule.action is TTLAction.GROUP:
        return f"the rows that are too old by {rule.time} become one for each {rule.group_key}: their details are lost"
    return ""


_MUTATING: Mapping[tuple[str, ...], tuple[Effect, ...]] = {
    ("MATERIALIZE",): (_C,),
    ("CLEAR",): (_C, _X),
    ("APPLY",): (_C,),
    ("REWRITE",): (_C,),
    ("DROP", "PROJECTION"): (_C,),
    ("DROP", "STATISTICS"): (_C,),
}
"""Clauses that rewrite parts, by first words."""
_LOSING = (("DROP", "PARTITION"), ("DROP", "PART"), ("DROP", "DETACHED"), ("DETACH",), ("REPLACE",), ("CLEAR",))


def _other_clause(words: tuple[str, ...], target: tuple[Ref, ...]) -> Facts:
    action = " ".join(words[:2]).lower()
    for first, effects in _MUTATING.items():
        if words[: len(first)] == first:
            return _mutation(action, *effects, targets=target)
    if any(words[: len(first)] == first for first in _LOSING):
        return _ddl(action, _C, _X, targets=target)
    if words[:1] in (("ATTACH",), ("MOVE",), ("FETCH",)):
        return _ddl(action, _WRITES, targets=target)
    return _ddl(action, _C, targets=target)


# -- other objects and rows -------------------------------------------------------------------------------------------


def _object(statement: Statement) -> Facts:
    match statement:
        case CreateObject(kind, ref):
            return _ddl(f"create {kinds.title(kind)}", _NEW, targets=(ref,) if ref is not None else ())
        case DropObject(kind, refs):
            losing = (_X,) if kind in ("materialized_view", "database", "dictionary") else ()
            return _ddl(f"drop {kinds.title(kind)}", _D, *losing, targets=refs)
        case AlterObject(kind, ref, words):
            action = f"{words[0].lower() if words else 'alter'} {kinds.title(kind)}"
            return _ddl(action, _C, targets=(ref,) if ref is not None else ())
    return Facts(known=False)


def _rows(statement: Statement) -> Facts:
    match statement:
        case Insert(table):
            return _dml("insert", _WRITES, targets=(table,))
        case Update(table):
            return _mutation("update", _WRITES, targets=(table,))
        case Delete(table):
            return _mutation("delete", _WRITES, _X, targets=(table,))
        case Truncate(tables):
            return _ddl("truncate", _X, targets=tables)
        case Maintain(verb, _, target):
            return _ddl(verb.lower(), _REWRITES, lock="merge", targets=(target,) if target is not None else ())
        case Select() | Explain():
            return _dml("select")
        case Set():
            return _dml("set")
        case Grant():
            return _ddl("grant", _C)
        case ControlTransaction():
            return _dml("transaction control")
        case Utility(words):
            return _ddl(" ".join(words[:2]).lower(), _C)
    return Facts(known=False, transactional=False)


# -- reach ------------------------------------------------------------------------------------------------------------


def reach(statement: Statement, sql: str) -> Reach:
    """How far the effects of a statement reach: functions, users and other databases are the server's."""
    match statement:
        case CreateObject(kind) | DropObject(kind) | AlterObject(kind):
            if kind in _SERVER:
                return Reach.SERVER
        case Grant():
            return Reach.SERVER
        case Utility(words):
            harmless = words[:1] in (("KILL",),) or words[:2] == ("SYSTEM", "SYNC")
            return Reach.DATABASE if harmless else Reach.SERVER
    refs = (*(action.table for action in statement.actions), *statement.creates, *statement.drops)
    if any(ref.schema is not None for ref in refs):
        return Reach.SERVER
    if isinstance(statement, CreateTable):
        engine = statement.options().get("ENGINE", "")
        return Reach.SERVER if engine.partition("(")[0].strip().lower() in _REMOTE else Reach.DATABASE
    if type(statement).__name__ == "Unknown":
        return Reach.UNKNOWN
    return Reach.DATABASE
