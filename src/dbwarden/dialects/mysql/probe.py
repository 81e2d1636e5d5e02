"""Probing whether a statement that was interrupted outside a transaction took effect.

Every statement of DDL commits by itself, so each of them can be interrupted. ``_row`` has a case for each kind, with a function
that looks in the catalogue. Before it looks, ``probe`` waits until no other session still executes the statement: the server
goes on after its client has died.

A single statement is atomic: MySQL 8 and MariaDB 10.6 undo an interrupted one, also when the server restarts, with its files
(``#sql-...``) and with the table of an unfinished CREATE TABLE ... SELECT. The exception is DROP of several objects on MariaDB,
which drops one after the other: the probe drops the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from dbwarden.core.ddl.statements import (
    AlterObject,
    AlterTable,
    CreateIndex,
    CreateObject,
    CreateTable,
    DropObject,
    DropTable,
    Grant,
    Maintain,
    Prepare,
    RenameTables,
    Set,
    Statement,
    Truncate,
    Utility,
    With,
)
from dbwarden.core.dialect import Connection, Server
from dbwarden.core.statement import Evidence, Recovery
from dbwarden.core.types import Ref
from dbwarden.errors import PermissionDenied

from .new_objects import new_objects
from .probe_accounts import account_probe
from .probe_alter import clauses_of, repeatable, took_effect
from .probe_catalog import Catalog, Look, qualified, wait_for_other_sessions
from .probe_definitions import KINDS, has_same_body
from .statements import statement


def recovery(sql: str, server: Server) -> Recovery:
    """How a later run recovers from an interruption of the statement."""
    match statement(sql, server.default_schema):
        case DropTable(others=(_, *_)) if server.flavour == "mariadb":
            return Recovery(Evidence.CATALOGUE, "some of its tables dropped")
        case _:
            evidence = _row(sql, server.default_schema)[0]
            return Recovery(evidence, creates=new_objects(sql, server.default_schema))


def probe(conn: Connection, sql: str, refused: bool, server: Server) -> bool | None:
    """Whether the statement took effect (``Dialect.probe``). What the server refused left nothing and runs again."""
    evidence, look = _row(sql, server.default_schema)
    if refused or evidence is Evidence.REPEATABLE:
        if not refused:
            wait_for_other_sessions(conn, sql)
        return False
    if look is None:
        return None
    wait_for_other_sessions(conn, sql)
    try:
        return look(Catalog(conn, server))
    except PermissionDenied:  # mysql.user
        return None


# -- statements ---------------------------------------------------------------------------------------------------

_SHOWN, _AGAIN, _NONE = Evidence.CATALOGUE, Evidence.REPEATABLE, Evidence.NONE
_REPEATED = frozenset(("ANALYZE", "CACHE", "CHECK", "CHECKSUM", "DEALLOCATE", "FLUSH", "LOAD", "OPTIMIZE", "REPAIR"))
"""First words of statements that may run again."""


def _row(sql: str, default_schema: str | None) -> tuple[Evidence, Look | None]:
    """Evidence and probing function of a statement."""
    parsed = statement(sql, default_schema)
    match parsed:
        case AlterTable():
            table, clauses = clauses_of(sql, default_schema)
            if repeatable(clauses):
                return _AGAIN, None
            return _SHOWN, partial(took_effect, table, clauses)
        case CreateIndex(table, str(), if_not_exists=if_not_exists):
            return _SHOWN, partial(_index_created, parsed, if_not_exists)
        case DropObject("index", (index, *_)) if parsed.table is not None:
            return _SHOWN, partial(_index_dropped, index, parsed.table)
        case RenameTables():
            return _SHOWN, partial(_renamed, parsed)
        case Truncate((table, *_)):
            return _SHOWN, partial(_emptied, table)
        case CreateTable():
            return _SHOWN, partial(_table_created, parsed)
        case DropTable():
            return _SHOWN, partial(_dropped, "TABLE", parsed.tables)
        case Maintain() | Set() | Prepare():
            return _AGAIN, None
        case With(parts) if all(isinstance(part, Maintain) for part in parts):
            return _AGAIN, None
        case Utility((word, *_)) if word in _REPEATED:
            return _AGAIN, None
        case (
            Grant()
            | Utility()
            | CreateObject("user" | "role")
            | DropObject("user" | "role")
            | AlterObject("user" | "role")
        ):
            return account_probe(parsed, sql)
        case CreateObject() | DropObject() | AlterObject():
            return _object(parsed, sql)
        case _:
            return _NONE, None


def _object(parsed: Statement, sql: str) -> tuple[Evidence, Look | None]:
    """Evidence and probing function for views, routines, triggers, events, sequences and databases."""
    match parsed:
        case CreateObject(kind, Ref() as ref, repeatable=repeats) if kind in _PLACES:
            return (_AGAIN, None) if repeats else (_SHOWN, partial(_created, kind, ref, sql))
        case DropObject(kind, (_, _, *_) as refs) if kind in _LISTED:
            return _SHOWN, partial(_dropped, kind.upper(), refs)
        case DropObject(kind, (ref, *_)) if kind in _PLACES:
            return _SHOWN, partial(_is_there, kind, ref, False)
        case AlterObject("event", Ref() as ref, new=Ref() as new) if new != ref:
            return _SHOWN, partial(_is_there, "event", new, True)
        case AlterObject("sequence", words=words) if "RESTART" in words or "RESTART" in sql.upper():
            return _NONE, None  # numbers may have been drawn since
        case AlterObject(kind) if kind in _PLACES:
            return _AGAIN, None
        case _:
            return _NONE, None


_PLACES = {
    "view": ("VIEWS", "TABLE_NAME", "TABLE_SCHEMA", ""),
    "sequence": ("TABLES", "TABLE_NAME", "TABLE_SCHEMA", "TABLE_TYPE = 'SEQUENCE'"),
    "function": ("ROUTINES", "ROUTINE_NAME", "ROUTINE_SCHEMA", "ROUTINE_TYPE = 'FUNCTION'"),
    "procedure": ("ROUTINES", "ROUTINE_NAME", "ROUTINE_SCHEMA", "ROUTINE_TYPE = 'PROCEDURE'"),
    "package": ("ROUTINES", "ROUTINE_NAME", "ROUTINE_SCHEMA", "ROUTINE_TYPE = 'PACKAGE'"),
    "package body": ("ROUTINES", "ROUTINE_NAME", "ROUTINE_SCHEMA", "ROUTINE_TYPE = 'PACKAGE BODY'"),
    "trigger": ("TRIGGERS", "TRIGGER_NAME", "TRIGGER_SCHEMA", ""),
    "event": ("EVENTS", "EVENT_NAME", "EVENT_SCHEMA", ""),
    "database": ("SCHEMATA", "SCHEMA_NAME", "", ""),
}
"""View of information_schema, columns of the name and the database, and a further condition, by kind."""
_LISTED = frozenset(("view", "sequence"))
"""Kinds of which one DROP may name several."""


def _is_there(kind: str, ref: Ref, wanted: bool, catalog: Catalog) -> bool:
    view, column, schema, condition = _PLACES[kind]
    return catalog.exists(view, column, ref, schema, condition) is wanted


def _created(kind: str, ref: Ref, sql: str, catalog: Catalog) -> bool | None:
    there = _is_there(kind, ref, True, catalog)
    return has_same_body(kind, ref, sql, catalog) if there and kind in KINDS else there


# -- tables and indexes -----------------------------------------------------------------------------------------------


def _table_created(created: CreateTable, catalog: Catalog) -> bool | None:
    """Whether the table exists with the columns of the statement. With OR REPLACE, the one before may have had the same."""
    if not catalog.table(created.table):
        return False
    listed = [column.name.lower() for column in created.columns]
    present = [name.lower() for name in catalog.columns(created.table)]
    # The query of CREATE TABLE ... SELECT adds its columns behind those of the list.
    alike = created.if_not_exists or present[: len(listed)] == listed or set(listed) <= set(present)
    return None if alike and created.replaces else alike


def _dropped(kind: str, refs: Sequence[Ref], catalog: Catalog) -> bool:
    """Whether all objects of a DROP are gone. MariaDB may have dropped some of them: the rest follows."""
    if kind == "TABLE":
        left = [ref for ref in refs if catalog.table(ref)]
    else:
        left = [ref for ref in refs if _is_there(kind.lower(), ref, True, catalog)]
    if left and len(left) < len(refs) and catalog.server.flavour == "mariadb":
        catalog.conn.execute(f"DROP {kind} {', '.join(map(qualified, left))}")
        return True
    return not left


def _renamed(statement: RenameTables, catalog: Catalog) -> bool | None:
    """Whether the names that only exist before the statement are gone and those that only exist after it are there."""
    before: dict[Ref, bool] = {}
    after: dict[Ref, bool] = {}
    for rename in statement.renames:
        before.setdefault(rename.table, True)
        before.setdefault(rename.new, False)
        after[rename.table], after[rename.new] = False, True
    places = {ref: _relation(ref, catalog) for ref in before if before[ref] is not after[ref]}
    if not places:
        return None  # the names are the same before and after, as when two tables change places
    if all(there is after[ref] for ref, there in places.items()):
        return True
    return False if all(there is before[ref] for ref, there in places.items()) else None


def _relation(ref: Ref, catalog: Catalog) -> bool:
    """Whether a table, view or sequence exists."""
    return catalog.exists("TABLES", "TABLE_NAME", ref, "TABLE_SCHEMA")


def _emptied(table: Ref, catalog: Catalog) -> bool | None:
    """True for an empty table. One with rows may have got them since."""
    return True if not catalog.conn.query(f"SELECT 1 FROM {qualified(table)} LIMIT 1") else None


def _index_created(created: CreateIndex, if_not_exists: bool, catalog: Catalog) -> bool:
    wanted = tuple(column.lower() for column in created.columns)
    columns = catalog.indexes(created.table).get((created.name or "").lower(), (False, ()))[1]
    return bool(columns) and (if_not_exists or columns[: len(wanted)] == wanted)


def _index_dropped(index: Ref, table: Ref, catalog: Catalog) -> bool:
    return index.name.lower() not in catalog.indexes(table)
