"""Facts of a statement (lock, effects, targets), by its kind.

Sources: the manuals' lists of statements that cause an implicit commit (MySQL 9, section 15.3.3; MariaDB, "SQL statements that
cause an implicit commit"), and the metadata locks of MySQL's performance schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

from dbwarden.core import kinds
from dbwarden.core.ddl.statements import (
    Action,
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterObject,
    AlterTable,
    ChangeType,
    ControlTransaction,
    Copy,
    CreateIndex,
    CreateObject,
    CreateTable,
    Delete,
    Do,
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
    RenameConstraint,
    RenameTable,
    RenameTables,
    Select,
    Set,
    Statement,
    Truncate,
    Unknown,
    Update,
    Utility,
)
from dbwarden.core.dialect import Server
from dbwarden.core.statement import RENAME_TABLE, Blocks, Effect, Facts
from dbwarden.core.text_cache import TextCache
from dbwarden.core.types import Ref

from .algorithms import LOCKS, Way, blocked, joint_way, limited, settings_of, stated
from .hashed_keys import NO_KEYS, TableKeys, cause_of_copy
from .reach import reach
from .statements import statement as read

if TYPE_CHECKING:
    from dbwarden.core.model import Schema

_C, _D, _X, _NEW = Effect.CHANGES, Effect.DROPS, Effect.DELETES_DATA, Effect.CREATES
_SCANS, _WRITES, _REWRITES = Effect.SCANS, Effect.WRITES_ROWS, Effect.REWRITES
_NOBODY, _WRITERS, _ALL = Blocks.NOTHING, Blocks.WRITERS, Blocks.EVERYBODY
_NAMED = frozenset("view index trigger function procedure event sequence".split())
"""Kinds whose objects are named in the facts; of others, only the kind is reported."""


@TextCache
def facts(sql: str, server: Server) -> Facts:
    """Facts of one statement; ``known`` is false if no case matches (CALL, new syntax)."""
    statement = read(sql, server.default_schema)
    return replace(facts_of(statement, server), reach=reach(statement, sql))


def facts_of(statement: Statement, server: Server) -> Facts:
    """Facts of a parsed statement: those of all its parts together."""
    return reduce(_combine, (_part(part, server) for part in statement.parts))


def facts_on(facts: Facts, statement: Statement, schema: Schema, server: Server) -> Facts:
    """``facts`` of a statement on the tables of ``schema``, whose keys may make the server copy the whole table."""
    from .key_lengths import keys_of  # deferred, as the classes of the schema are

    match statement:
        case AlterTable(table):
            there = _altered(statement, server, keys_of(table, schema))
        case CreateIndex(table):
            there = _index(statement, server, keys_of(table, schema))
        case DropObject("index", refs, Ref() as table):
            there = _dropped_index(statement, refs, table, server, keys_of(table, schema))
        case _:
            return facts
    return replace(there, reach=facts.reach)


def _combine(first: Facts, second: Facts) -> Facts:
    blocks = max(first.blocks, second.blocks)
    return replace(
        first,
        known=first.known and second.known,
        blocks=blocks,
        lock=first.lock if first.blocks is blocks else second.lock,
        effects=first.effects | second.effects,
        transactional=first.transactional and second.transactional,
        targets=tuple(dict.fromkeys((*first.targets, *second.targets))),
        action=", ".join(dict.fromkeys(part.action for part in (first, second) if part.effects)) or first.action,
    )


def _ddl(action: str, blocks: Blocks, *effects: Effect, **rest: Any) -> Facts:
    """Facts of a statement that commits by itself."""
    lock = LOCKS.get(blocks, "")
    return Facts(
        blocks=blocks, lock=lock, effects=frozenset(effects), action=action, **{"transactional": False, **rest}
    )


def _dml(action: str, lock: str, *effects: Effect, targets: tuple[Ref, ...] = ()) -> Facts:
    """Facts of a statement that a transaction can contain."""
    return Facts(blocks=_NOBODY, lock=lock, effects=frozenset(effects), action=action, targets=targets)


def _part(statement: Statement, server: Server) -> Facts:
    match statement:
        case AlterTable():
            return _altered(statement, server)
        case RenameTables(renames):
            tables = tuple(table for rename in renames for table in (rename.table, rename.new))
            return _ddl(RENAME_TABLE, _ALL, _C, targets=tables)
        case Action():
            return _action(statement, server)
        case CreateObject() | DropObject() | AlterObject():
            return _object(statement, server)
        case Insert() | Update() | Delete() | Truncate() | Copy() | Select() | Explain():
            return _rows(statement)
        case Maintain(verb, _, target):
            return _maintenance(verb, (target,) if target is not None else ())
        case _:
            return _other(statement)


# -- tables and indexes -----------------------------------------------------------------------------------------------


def _altered(statement: AlterTable, server: Server, keys: TableKeys = NO_KEYS) -> Facts:
    """Facts of ALTER TABLE, which executes all its clauses in one way."""
    settings = stated(statement.clauses)
    clauses = tuple(clause for clause in statement.clauses if not _is_setting(clause))
    way = limited(joint_way(clauses, server, keys), settings)
    named = [_clause(clause) for clause in clauses]
    targets: tuple[Ref, ...] = (statement.table,)
    if len(clauses) == 1 and isinstance(renamed := clauses[0], RenameTable):
        targets = (*targets, renamed.new)
    effects = {effect for _, clause_effects in named for effect in clause_effects} or {_C}
    if way.rebuilds:
        effects.add(_REWRITES)
    elif way.reads_rows:
        effects.add(_SCANS)
    known = all(action for action, _ in named)
    action = ", ".join(dict.fromkeys(action for action, _ in named if action)) or "alter table"
    rest = {"known": known, "targets": targets, "copied_for": _cause(clauses, keys, server)}
    return _ddl(action, blocked(way, settings, server), *effects, **rest)


def _cause(clauses: tuple[Action, ...], keys: TableKeys, server: Server) -> str:
    return cause_of_copy(clauses, keys) if server.flavour == "mariadb" else ""


def _is_setting(clause: Action) -> bool:
    return isinstance(clause, OtherClause) and clause.words[:1] in (("ALGORITHM",), ("LOCK",), ("WAIT",), ("NOWAIT",))


def _clause(clause: Action) -> tuple[str, tuple[Effect, ...]]:
    """The words for a clause and its effects; no words for a clause that is not known."""
    match clause:
        case AddColumn():
            return "add column", (_C,)
        case DropColumn():
            return "drop column", (_D, _X)
        case ChangeType():
            return "change column", (_C,)
        case AlterColumn():
            return "alter column", (_C,)
        case AddConstraint(_, constraint):
            return ("add unique index" if constraint.kind == "unique" else f"add {constraint.kind}"), (_C,)
        case CreateIndex():
            return "add index", (_C,)
        case DropConstraint(kind=kind):
            return f"drop {kind}", (_D,)
        case RenameTable():
            return RENAME_TABLE, (_C,)
        case RenameColumn() | RenameConstraint():
            return "rename", (_C,)
        case OtherClause(_, words):
            return _words(words)
        case _:
            return "", ()


_PHRASES: Mapping[tuple[str, ...], tuple[str, tuple[Effect, ...]]] = {
    ("TRUNCATE", "PARTITION"): ("truncate partition", (_X,)),
    ("DROP", "PARTITION"): ("drop partition", (_D, _X)),
    ("DROP", "SYSTEM"): ("drop system versioning", (_D, _X)),
    ("DROP", "PERIOD"): ("drop period", (_D,)),
    ("DISCARD", "TABLESPACE"): ("discard tablespace", (_X,)),
    ("DISCARD", "PARTITION"): ("discard tablespace", (_X,)),
    ("IMPORT", "TABLESPACE"): ("import tablespace", (_WRITES,)),
    ("IMPORT", "PARTITION"): ("import tablespace", (_WRITES,)),
    ("EXCHANGE", "PARTITION"): ("exchange partition", (_C, _WRITES)),
    ("CONVERT", "TO"): ("convert to character set", (_C,)),
    ("PARTITION", "BY"): ("partition table", (_C,)),
    ("REMOVE", "PARTITIONING"): ("remove partitioning", (_C,)),
}
_CLAUSES = frozenset(
    "ADD ALTER ANALYZE CHARACTER CHARSET CHECK CHECKSUM COALESCE COLLATE COMMENT COMPRESSION CONNECTION CONVERT DATA DEFAULT"
    " DELAY_KEY_WRITE DISABLE ENABLE ENCRYPTED ENCRYPTION ENCRYPTION_KEY_ID ENGINE ENGINE_ATTRIBUTE FORCE IETF_QUOTES INDEX"
    " INSERT_METHOD KEY_BLOCK_SIZE MAX_ROWS MIN_ROWS AUTO_INCREMENT AVG_ROW_LENGTH OPTIMIZE ORDER PACK_KEYS PAGE_CHECKSUM"
    " PAGE_COMPRESSED PAGE_COMPRESSION_LEVEL PASSWORD REBUILD REORGANIZE REPAIR ROW_FORMAT SECONDARY_ENGINE"
    " SECONDARY_ENGINE_ATTRIBUTE SEQUENCE STATS_AUTO_RECALC STATS_PERSISTENT STATS_SAMPLE_PAGES STORAGE TABLESPACE"
    " TRANSACTIONAL TYPE UNION WITH WITHOUT".split()
)


def _words(words: tuple[str, ...]) -> tuple[str, tuple[Effect, ...]]:
    """The words for a clause of which only the words are known."""
    if phrase := _PHRASES.get(words[:2]):
        return phrase
    if words[1:2] == ("PARTITION",):
        return f"{words[0].lower()} partition", (_C,)
    return ("alter table", (_C,)) if words[:1] and words[0] in _CLAUSES else ("", ())


def _action(action: Action, server: Server) -> Facts:
    match action:
        case CreateTable(table, replaces=True):
            return _ddl("create or replace table", _ALL, _NEW, _D, _X, targets=(table,))
        case CreateTable(table, temporary=temporary):
            return _ddl("create table", _NOBODY, _NEW, targets=(table,), transactional=temporary)
        case DropTable(temporary=True):
            return _dml("drop temporary table", "", _D, targets=action.tables)
        case DropTable():
            return _ddl("drop table", _ALL, _D, _X, targets=action.tables)
        case CreateIndex():
            return _index(action, server)
        case _:
            return Facts(known=False, transactional=False)


def _index(index: CreateIndex, server: Server, keys: TableKeys = NO_KEYS) -> Facts:
    settings, clauses = settings_of(index.how), (index,)
    way = limited(joint_way(clauses, server, keys), settings)
    rows = _REWRITES if way >= Way.COPY else _SCANS
    targets = (*index.creates, index.table)
    return _ddl(
        "create index",
        blocked(way, settings, server),
        _NEW,
        rows,
        targets=targets,
        copied_for=_cause(clauses, keys, server),
    )


def _dropped_index(
    statement: DropObject, refs: tuple[Ref, ...], table: Ref, server: Server, keys: TableKeys = NO_KEYS
) -> Facts:
    settings = settings_of(statement.how)
    clauses = tuple(DropConstraint(table, ref.name, kind="index") for ref in refs)
    way = limited(joint_way(clauses, server, keys), settings)
    effects = (_D, _REWRITES) if way.rebuilds else (_D,)
    return _ddl(
        "drop index",
        blocked(way, settings, server),
        *effects,
        targets=(*refs, table),
        copied_for=_cause(clauses, keys, server),
    )


# -- other objects ----------------------------------------------------------------------------------------------------


def _object(statement: CreateObject | DropObject | AlterObject, server: Server) -> Facts:
    match statement:
        case CreateObject(kind, ref, table):
            blocks = _ALL if kind == "trigger" else _NOBODY
            return _ddl(f"create {kinds.title(kind)}", blocks, _NEW, targets=_targets(kind, ref, table))
        case DropObject("index", refs, Ref() as table):
            return _dropped_index(statement, refs, table, server)
        case DropObject("database", _):
            return _ddl("drop database", _ALL, _D, _X)
        case DropObject(kind, refs, table):
            blocks = _ALL if kind in ("view", "trigger", "sequence") else _NOBODY
            targets = tuple(target for ref in refs for target in _targets(kind, ref, table))
            return _ddl(f"drop {kinds.title(kind)}", blocks, _D, targets=targets)
        case AlterObject(kind, ref):
            blocks = _ALL if kind in ("view", "sequence") else _NOBODY
            return _ddl(f"alter {kinds.title(kind)}", blocks, _C, targets=_targets(kind, ref, None))


def _targets(kind: str, ref: Ref | None, table: Ref | None) -> tuple[Ref, ...]:
    named = (ref,) if ref is not None and kind in _NAMED else ()
    return (*named, table) if table is not None else named


# -- rows and everything else -----------------------------------------------------------------------------------------


def _rows(statement: Statement) -> Facts:
    match statement:
        case Insert(table):
            return _dml("insert", "SHARED_WRITE", _WRITES, targets=(table,))
        case Update(table):
            return _dml("update", "SHARED_WRITE", _WRITES, targets=(table,))
        case Delete(table):
            return _dml("delete", "SHARED_WRITE", _X, _WRITES, targets=(table,))
        case Truncate(tables):
            return _ddl("truncate", _ALL, _X, targets=tables)
        case Copy(Ref() as table, True):
            return _dml("load data", "SHARED_WRITE", _WRITES, targets=(table,))
        case Copy():
            return _dml("select into file", "SHARED_READ", _SCANS)
        case _:
            return _dml("select", "SHARED_READ")


def _maintenance(verb: str, targets: tuple[Ref, ...]) -> Facts:
    """Facts of ANALYZE, CHECK, CHECKSUM, OPTIMIZE and REPAIR TABLE. InnoDB optimizes by a rebuild in place."""
    match verb:
        case "OPTIMIZE":
            return _ddl("optimize table", Blocks.DDL, _REWRITES, targets=targets)
        case "REPAIR":
            return _ddl("repair table", _ALL, _REWRITES, targets=targets)
        case _:
            return _ddl(f"{verb.lower()} table", _NOBODY, _SCANS, targets=targets)


_QUIET = frozenset("DEALLOCATE GET HANDLER KILL RESIGNAL SIGNAL".split())
"""Utility statements that do not end a transaction and change nothing."""
_ADMINISTRATION = frozenset(
    "BACKUP BINLOG CACHE CHANGE CLONE FLUSH IMPORT INSTALL LOAD LOCK PURGE RENAME RESET RESTART SET SHUTDOWN START STOP"
    " UNINSTALL UNLOCK".split()
)


def _other(statement: Statement) -> Facts:
    match statement:
        case ControlTransaction():
            return Facts(blocks=_NOBODY, action="transaction control", transactional=False)
        case Set("transaction"):
            return _dml("set transaction", "")
        case Set("database"):
            return _dml("use", "")
        case Set():
            return _dml("set", "")
        case Grant(_, revoke):
            return _ddl("revoke" if revoke else "grant", _NOBODY, _C)
        case Utility((word, *_)) if word in _QUIET:
            return _dml(word.lower(), "")
        case Utility((word, *_)) if word in _ADMINISTRATION:
            return _ddl(word.lower(), _NOBODY, _C)
        case Unknown(("PREPARE",)):
            return Facts(known=False, action="prepare")
        case Utility((word, *_)) | Unknown((word, *_)):
            return Facts(known=False, action=word.lower(), transactional=False)
        case Do():
            return Facts(known=False, action="compound statement", transactional=False)
        case _:
            return Facts(known=False, action=type(statement).__name__.lower(), transactional=False)
