"""Probing whether a statement that was interrupted outside a transaction took effect.

``_row`` has a case for each statement that PostgreSQL refuses inside a transaction block (calls of
``PreventInTransactionBlock`` in its source), with a function that looks in the catalogue. Such a function

1. waits until no server process works on the table: that of a lost connection may still be executing the statement;
2. looks for the effect;
3. removes what a failed attempt left (an INVALID index), or completes it (a pending DETACH), so that the statement can run
   again.

A statement that may be repeated, or that leaves no evidence, has no function.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from dbwarden.core.ddl.statements import (
    AddEnumValue,
    AlterObject,
    AlterTable,
    CreateIndex,
    CreateObject,
    DetachPartition,
    DropObject,
    Maintain,
    Statement,
    Utility,
)
from dbwarden.core.dialect import Connection
from dbwarden.core.statement import Evidence, Recovery
from dbwarden.core.types import Ref
from dbwarden.dialects.base.names import literal
from dbwarden.errors import DatabaseBusy

from .names import qualified
from .statements import statement


def recovery(sql: str) -> Recovery:
    """How a later run recovers from an interruption of the statement."""
    return _row(sql)[0]


def probe(conn: Connection, sql: str, refused: bool = False) -> bool | None:
    """Whether the statement took effect (``Dialect.probe``)."""
    expected, look = _row(sql)
    if look is None:
        return False if expected.evidence is Evidence.REPEATABLE or refused else None
    return look(conn, refused)


Look: TypeAlias = Callable[[Connection, bool], bool | None]
"""Function that looks in the catalogue; its second argument tells whether the server refused the statement."""


# -- catalogue queries --------------------------------------------------------------------------------------------


def _exists(conn: Connection, sql: str) -> bool:
    return bool(conn.query(f"SELECT 1 WHERE EXISTS ({sql})"))


def _name(name: str) -> str:
    """SQL for a name, which the cast truncates as the server does."""
    return f"{literal(name)}::pg_catalog.name"


def _path(ref: Ref) -> str:
    """SQL for a name, with its schema if the statement has one."""
    return literal(qualified(ref.name, ref.schema))


_OTHERS = """SELECT l.pid FROM pg_catalog.pg_locks l
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.relation = to_regclass({table}) AND l.mode = 'ShareUpdateExclusiveLock' AND l.pid <> pg_backend_pid()
AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
AND a.backend_type IS DISTINCT FROM 'autovacuum worker'"""
_PAUSE = 0.1


def _wait_for_other_sessions(conn: Connection, table: str) -> None:
    """Wait until no other session works on the table, for at most ``lock_timeout``. Raises ``DatabaseBusy``.

    A CONCURRENTLY statement holds SHARE UPDATE EXCLUSIVE from its beginning to its end. We observe this lock in
    ``pg_locks`` and do not request it: an index build waits for older transactions, so it would wait for ours (a deadlock).
    """
    [(limit,)] = conn.query("SELECT setting::int FROM pg_catalog.pg_settings WHERE name = 'lock_timeout'")
    deadline = time.monotonic() + limit / 1000 if limit else None
    while others := conn.query(_OTHERS.format(table=literal(table))):
        if deadline is not None and time.monotonic() >= deadline:
            raise DatabaseBusy(f"Session {others[0][0]} still works on table {table}", sqlstate="55P03")
        time.sleep(_PAUSE)


def _index_created(statement: CreateIndex, conn: Connection, refused: bool) -> bool:
    table = _path(statement.table)
    _wait_for_other_sessions(conn, qualified(statement.table.name, statement.table.schema))
    rows = conn.query(
        "SELECT i.indexrelid::regclass::text, i.indisvalid"
        " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
        f" WHERE i.indrelid = to_regclass({table}) AND c.relname = {_name(statement.name or '')}"
    )
    for name, valid in rows:
        if valid:
            return not refused
        conn.execute(f"DROP INDEX CONCURRENTLY {name}")
    return False


def _index_dropped(index: Ref, conn: Connection, refused: bool) -> bool:
    table = (
        f"SELECT i.indrelid::regclass::text FROM pg_catalog.pg_index i WHERE i.indexrelid = to_regclass({_path(index)})"
    )
    for (owner,) in conn.query(table):
        _wait_for_other_sessions(conn, owner)
    return not refused and not conn.query(table)


def _reindexed(statement: Maintain, conn: Connection, refused: bool) -> bool:
    """Remove the INVALID copies that REINDEX leaves, as its manual page advises; the statement runs again."""
    target, scope = statement.target, "true"
    if target is not None:
        index = f"SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = to_regclass({_path(target)})"
        schema = f"SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = {_name(target.name)}"
        scopes = {
            "INDEX": f"i.indrelid = ({index})",
            "TABLE": f"i.indrelid = to_regclass({_path(target)})",
            "SCHEMA": f"c.relnamespace = ({schema})",
        }
        scope = next((sql for kind, sql in scopes.items() if kind in statement.options), "true")
    copies = (
        "SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text"
        " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
        f" WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND c.relkind = 'i'"
        f" AND c.relnamespace <> 'pg_toast'::regnamespace AND {scope}"
    )
    for table in {row[1] for row in conn.query(copies)}:
        _wait_for_other_sessions(conn, table)
    for index, _ in conn.query(copies):
        conn.execute(f"DROP INDEX CONCURRENTLY {index}")
    return False


def _partition_detached(clause: DetachPartition, conn: Connection, refused: bool) -> bool | None:
    parent, child = _path(clause.table), _path(clause.partition)
    _wait_for_other_sessions(conn, qualified(clause.partition.name, clause.partition.schema))
    known = conn.query(f"SELECT to_regclass({parent}) IS NOT NULL AND to_regclass({child}) IS NOT NULL")
    if not known[0][0]:
        return False if refused else None
    pending = conn.query(
        "SELECT inhparent::regclass::text, inhrelid::regclass::text, inhdetachpending FROM pg_catalog.pg_inherits"
        f" WHERE inhparent = to_regclass({parent}) AND inhrelid = to_regclass({child})"
    )
    for table, partition, is_pending in pending:
        if is_pending:
            conn.execute(f"ALTER TABLE {table} DETACH PARTITION {partition} FINALIZE")
            return True
    return not pending and not refused


def _value_added(statement: AddEnumValue, conn: Connection, refused: bool) -> bool:
    type_, value = _path(statement.table), literal(statement.value)
    label = f"SELECT FROM pg_catalog.pg_enum WHERE enumtypid = to_regtype({type_}) AND enumlabel = {value}"
    return not refused and _exists(conn, label)


def _in_catalogue(kind: str, name: str, wanted: bool, conn: Connection, refused: bool) -> bool:
    """Whether the catalogue has a row of that name, compared with ``wanted``."""
    catalogue, column, where = _CATALOGUES[kind]
    row = f"SELECT FROM pg_catalog.{catalogue} WHERE {column} = {_name(name)}{where}"
    return not refused and _exists(conn, row) is wanted


def _tablespace_set(database: str, tablespace: str, conn: Connection, refused: bool) -> bool:
    row = (
        "SELECT FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace"
        f" WHERE d.datname = {_name(database)} AND t.spcname = {_name(tablespace)}"
    )
    return not refused and _exists(conn, row)


_CATALOGUES = {
    "database": ("pg_database", "datname", ""),
    "tablespace": ("pg_tablespace", "spcname", ""),
    "subscription": (
        "pg_subscription",
        "subname",
        " AND subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())",
    ),
}
"""Catalogue of each kind, the column of its name, and a further condition."""


# -- statements ---------------------------------------------------------------------------------------------------

_SHOWN, _AGAIN = Recovery(Evidence.CATALOGUE), Recovery(Evidence.REPEATABLE)
_INVALID = Recovery(Evidence.CATALOGUE, "an INVALID index, which the next run clears away")
_COPIES = Recovery(Evidence.REPEATABLE, "INVALID copies of indexes, which the next run clears away")
_PENDING = Recovery(Evidence.CATALOGUE, "a partition whose detaching is pending, which the next run completes")


def _row(sql: str) -> tuple[Recovery, Look | None]:
    """Recovery and probing function of a statement. Unqualified names are left to the search path, as in the statement."""
    parsed = statement(sql, None)
    match parsed:
        case CreateIndex(name=str(), concurrently=True):  # the name is needed to find it
            return _INVALID, partial(_index_created, parsed)
        case DropObject("index", (index, *_), concurrently=True):
            return _SHOWN, partial(_index_dropped, index)
        case Maintain("REINDEX", options) if "CONCURRENTLY" in options:
            return _COPIES, partial(_reindexed, parsed)
        case Maintain("REINDEX" | "VACUUM" | "CLUSTER") | Utility(("DISCARD", *_)) | AlterObject("system"):
            return _AGAIN, None
        case AlterTable(_, (DetachPartition(concurrently=True) as clause,)):
            return _PENDING, partial(_partition_detached, clause)
        case AddEnumValue():
            return _SHOWN, partial(_value_added, parsed)
        case _:
            return _shared_object(parsed)


def _shared_object(parsed: Statement) -> tuple[Recovery, Look | None]:
    """Recovery and probing function for databases, tablespaces and subscriptions."""
    match parsed:
        case CreateObject(kind, Ref() as ref) if kind in _CATALOGUES:
            return _SHOWN, partial(_in_catalogue, kind, ref.name, True)
        case DropObject(kind, (ref, *_)) if kind in _CATALOGUES:
            return _SHOWN, partial(_in_catalogue, kind, ref.name, False)
        case AlterObject("database", Ref() as ref, tablespace=str() as tablespace):
            return _SHOWN, partial(_tablespace_set, ref.name, tablespace)
        case AlterObject("subscription", words=("REFRESH", "PUBLICATION", *_)):
            return _AGAIN, None
        case _:
            return Recovery(), None
