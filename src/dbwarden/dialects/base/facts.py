"""Facts of standard SQL statements, for an engine without rules of its own: DDL blocks everybody."""

from __future__ import annotations

from typing import Any

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
    RenameColumn,
    RenameTable,
    Select,
    Statement,
    Update,
    With,
)
from dbwarden.core.statement import RENAME_TABLE, Blocks, Effect, Facts

_CREATES, _DROPS, _CHANGES = Effect.CREATES, Effect.DROPS, Effect.CHANGES
_DELETES, _WRITES, _SCANS = Effect.DELETES_DATA, Effect.WRITES_ROWS, Effect.SCANS


def standard_facts(statement: Statement) -> Facts:
    """Facts of a parsed statement. ``known`` is false for a statement that is not standard, and for an ALTER TABLE with
    several clauses."""
    match statement:
        case AlterTable(_, (clause,)):
            return _action(clause)
        case Action():
            return _action(statement)
        case DropObject(kind, refs):
            return row(f"drop {kind}", _DROPS, targets=refs)
        case CreateObject(kind, ref):
            return row(f"create {kind}", _CREATES, targets=(ref,) if ref else ())
        case Insert() | Update() | Delete() | Select() | With() | Explain():
            return _rows(statement)
        case ControlTransaction():
            return row("transaction control", blocks=Blocks.NOTHING)
        case _:
            return Facts(known=False)


def row(action: str, *effects: Effect, blocks: Blocks = Blocks.EVERYBODY, **rest: Any) -> Facts:
    """Facts of a known statement; ``rest`` are further fields of ``Facts``."""
    return Facts(blocks=blocks, effects=frozenset(effects), action=action, **rest)


def _action(action: Action) -> Facts:
    match action:
        case CreateTable(table, _, _, module):
            return row("create table" if module is None else "create virtual table", _CREATES, targets=(table,))
        case CreateIndex():
            return row("create index", _CREATES, _SCANS, targets=action.creates)
        case DropTable():
            return row("drop table", _DROPS, _DELETES, targets=action.tables)
        case RenameTable(table, new):
            return row(RENAME_TABLE, _CHANGES, targets=(table, new))
        case RenameColumn(table):
            return row("rename column", _CHANGES, targets=(table,))
        case AddColumn(table):
            return row("add column", _CHANGES, targets=(table,))
        case DropColumn(table):
            return row("drop column", _CHANGES, _DELETES, targets=(table,))
        case _:
            return Facts(known=False)


def _rows(statement: Statement) -> Facts:
    """Facts of a statement that reads or writes rows; WITH has those of its main statement."""
    match statement:
        case Insert(table):
            return row("insert", _WRITES, blocks=Blocks.NOTHING, targets=(table,))
        case Update(table):
            return row("update", _WRITES, blocks=Blocks.NOTHING, targets=(table,))
        case Delete(table):
            return row("delete", _WRITES, _DELETES, blocks=Blocks.NOTHING, targets=(table,))
        case With(statements):
            return standard_facts(statements[-1])
        case _:
            return row("select", blocks=Blocks.NOTHING)
