"""Statements about replicated tables where each host is migrated on its own: replication does the work on the other replicas.

1. A change of the definition runs on the host that comes first, and spreads. On the others it is in effect already.
2. A change of rows runs on the first replica of each shard only: on a further one it would happen twice.
3. An INSERT into a Distributed table is refused: it concerns all hosts at once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from dbwarden.core.ddl.statements import AlterTable, CreateTable, Delete, Insert, Maintain, Truncate, Update
from dbwarden.core.dialect import INTERIM_PREFIX, Connection
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError, Unsupported

from .background import NOWHERE, of_table
from .probe import probe
from .probe_catalog import SentStatement
from .statements import statement
from .words import quote


def is_replicated(conn: Connection, sql: str, further: bool, report: Callable[[str], None]) -> bool:
    """Whether replication brings the effect of the statement to this host, so that it must not run here too.

    ``further``: whether the host is not the first replica of its shard. Raises ``Unsupported``.
    """
    match statement(sql):
        case CreateTable(table=table) if table.name.startswith(INTERIM_PREFIX) and "Replicated" in sql:
            raise Unsupported(
                feature="a new table in the place of a replicated one, host by host",
                dialect="ClickHouse",
                reason="its rows are copied once, and its name is exchanged on each host at another time",
                hint="Migrate the cluster as a whole (`cluster`, without --per-node).",
            )
        case AlterTable(table=table, mutations=mutations):
            changes_rows = any(isinstance(mutation, Update | Delete) for mutation in mutations)
        case Insert(table=table) | Delete(table=table) | Update(table=table) | Maintain(target=Ref() as table):
            changes_rows = True
        case Truncate(tables=(table, *_)):
            changes_rows = True
        case _:
            return False
    if is_spread(conn, sql):
        raise DatabaseError(
            f"{table.name} is Distributed, and writes to all hosts, which are migrated one after the other here: insert into the"
            " table behind it, or migrate the cluster as a whole (`cluster`, without --per-node)"
        )
    if not _has_replicas(conn, table):
        return False
    if changes_rows:
        if further:
            report(f"left to the first replica of {table.name}")
        return further
    sync_replica(conn, table)
    done = probe(conn, sql, SentStatement(False, None), NOWHERE) is True
    if done:
        report(f"in effect already: another replica of {table.name} has made the change")
    return done


def is_spread(conn: Connection, sql: str) -> bool:
    """Whether a statement writes to a table that brings the rows to other hosts by itself.

    Another host may lack the table behind it, or have run later statements about these rows already.
    """
    match statement(sql):
        case Insert(table=table):
            return bool(conn.query(f"SELECT 1 FROM system.tables WHERE {_place(table)} AND engine = 'Distributed'"))
    return False


def sync_replica(conn: Connection, table: Ref) -> None:
    """Let the replica of a table on this host catch up with the others, as far as it does within the server's limit."""
    with suppress(DatabaseError):
        conn.execute(f"SYSTEM SYNC REPLICA {_name(table)}")


def _has_replicas(conn: Connection, table: Ref) -> bool:
    return bool(conn.query(f"SELECT 1 FROM system.tables WHERE {_place(table)} AND startsWith(engine, 'Replicated')"))


def _place(table: Ref) -> str:
    """Condition of ``system.tables`` for a table."""
    return of_table(table).replace(" table = ", " name = ")


def _name(table: Ref) -> str:
    return f"{quote(table.schema)}.{quote(table.name)}" if table.schema else quote(table.name)
