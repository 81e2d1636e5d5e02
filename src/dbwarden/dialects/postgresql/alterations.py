"""Locks and effects of each clause of ALTER TABLE (https://www.postgresql.org/docs/17/sql-altertable.html)."""

from __future__ import annotations

from dbwarden.core.ddl.statements import (
    Action,
    AddColumn,
    AddConstraint,
    AlterColumn,
    ChangeType,
    ColumnText,
    Constraint,
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
from dbwarden.core.sqltext import words
from dbwarden.core.statement import RENAME_TABLE, Effect, Facts
from dbwarden.core.tokens import calls

from .locks import WORDS, Lock
from .words import LEXICAL_RULES

NOT_VALID, VALIDATE = "add constraint not valid", "validate constraint"
_C, _D, _X = Effect.CHANGES, Effect.DROPS, Effect.DELETES_DATA
_SCANS, _REWRITES = Effect.SCANS, Effect.REWRITES
_EXCLUSIVE, _BRIEF, _WRITERS = Lock.ACCESS_EXCLUSIVE, Lock.SHARE_UPDATE_EXCLUSIVE, Lock.SHARE_ROW_EXCLUSIVE

# Functions that are not volatile. A default of the same value for all rows is stored in the catalogue only (ALTER TABLE,
# "Notes", since version 11). A function that is not listed counts as volatile, the default of CREATE FUNCTION.
_STEADY = frozenset(
    "now transaction_timestamp statement_timestamp current_timestamp current_date current_time localtime localtimestamp"
    " date_trunc date_part extract make_date make_interval make_time make_timestamp make_timestamptz to_date to_timestamp"
    " to_char to_number timezone lower upper initcap concat concat_ws coalesce nullif greatest least abs round floor ceil"
    " md5 encode decode length left right replace substring trim btrim lpad rpad repeat format array array_fill row"
    " jsonb_build_object jsonb_build_array json_build_object json_build_array to_json to_jsonb jsonb json current_setting"
    " cast numeric decimal varchar char character varying bit varbit timestamp timestamptz time timetz interval int4range"
    " int8range numrange tsrange tstzrange daterange point box circle and or not in".split()
)


def clause_facts(clause: Action) -> Facts:
    """Facts of one clause; ``known`` is false if no case matches."""
    match clause:
        case AddColumn(_, column):
            return _facts("add column", _EXCLUSIVE, *((_C, _REWRITES) if _fills_rows(column) else (_C,)))
        case DropColumn():
            return _facts("drop column", _EXCLUSIVE, _D, _X)
        case ChangeType():
            return _facts("change column type", _EXCLUSIVE, _C, _REWRITES)
        case SetNotNull():
            return _facts("set not null", _EXCLUSIVE, _C, _SCANS)
        case DropNotNull():
            return _facts("alter column", _EXCLUSIVE, _C)
        case AlterColumn(_, _, words_):
            return _column(words_)
        case AddConstraint(_, constraint):
            return _constraint(constraint)
        case DropConstraint():
            return _facts("drop constraint", _EXCLUSIVE, _D)
        case ValidateConstraint():
            return _facts(VALIDATE, _BRIEF, _C, _SCANS)
        case RenameTable():
            return _facts(RENAME_TABLE, _EXCLUSIVE, _C)
        case RenameColumn():
            return _facts("rename", _EXCLUSIVE, _C)
        case DetachPartition(concurrently=True):
            return _facts("detach partition concurrently", _BRIEF, _C, transactional=False)
        case DetachPartition():
            return _facts("detach partition", _EXCLUSIVE, _C)
        case RenameConstraint():
            return _facts("rename", _EXCLUSIVE, _C)
        case OtherClause():
            return _other(clause)
        case _:
            return Facts(known=False)


def _facts(action: str, lock: Lock, *effects: Effect, transactional: bool = True) -> Facts:
    return Facts(
        blocks=lock.blocks, lock=WORDS[lock], effects=frozenset(effects), action=action, transactional=transactional
    )


def _column(words_: tuple[str, ...]) -> Facts:
    match words_:
        case ("SET", "EXPRESSION", *_):
            return _facts("change expression", _EXCLUSIVE, _C, _REWRITES)
        case ("SET", "STATISTICS", *_) | ("SET",) | ("RESET",):  # SET (n_distinct = ...)
            return _facts("alter column", _BRIEF, _C)
        case ("SET" | "DROP" | "ADD" | "RESTART" | "OPTIONS", *_):
            return _facts("alter column", _EXCLUSIVE, _C)
        case _:
            return Facts(known=False)


def _constraint(constraint: Constraint) -> Facts:
    foreign = constraint.kind == "foreign key"
    lock = _WRITERS if foreign else _EXCLUSIVE
    if constraint.not_valid:
        return _facts(NOT_VALID, lock, _C)
    if constraint.using_index is not None:
        return _facts("add constraint using index", lock, _C)
    return _facts("add foreign key" if foreign else "add constraint", lock, _C, _SCANS)


def _other(clause: OtherClause) -> Facts:
    match clause.words:
        case ("SET", "TABLESPACE" | "LOGGED" | "UNLOGGED" | "ACCESS", *_):
            return _facts("rewrite table", _EXCLUSIVE, _C, _REWRITES)
        case ("SET",) | ("RESET",) | ("CLUSTER", *_) | ("SET", "WITHOUT", *_):  # SET (fillfactor = ...)
            return _facts("set storage parameters", _BRIEF, _C)
        case ("ATTACH", "PARTITION", *_):
            return _facts("attach partition", _BRIEF, _C, _SCANS)
        case ("ADD", "CONSTRAINT", *_):  # NOT NULL as a constraint of its own (18)
            return _facts("add constraint", _EXCLUSIVE, _C, _SCANS)
        case ("ENABLE" | "DISABLE", *rest) if "TRIGGER" in rest[:2]:  # ENABLE REPLICA TRIGGER
            return _facts("alter table", _WRITERS, _C)
        case ("RENAME", *_):
            return _facts("rename", _EXCLUSIVE, _C)
        case (
            "ENABLE"
            | "DISABLE"
            | "FORCE"
            | "NO"
            | "INHERIT"
            | "OWNER"
            | "SET"
            | "OF"
            | "NOT"
            | "REPLICA"
            | "ALTER"
            | "OPTIONS",
            *_,
        ):
            return _facts("alter table", _EXCLUSIVE, _C)
        case _:
            return Facts(known=False)


def _fills_rows(column: ColumnText) -> bool:
    """Whether ADD COLUMN computes a value for each row: a numbered or generated column, or a default with a volatile function."""
    if column.stored:
        return True
    if column.default is None or "(" not in column.default:
        return False
    return any(
        name.rpartition(".")[2] not in _STEADY for name in calls(words(column.default, LEXICAL_RULES), LEXICAL_RULES)
    )
