"""Completion of a statement ON CLUSTER on the hosts that lack it (``Dialect.complete``).

The statement is sent to each of these hosts without ON CLUSTER. A change of a replicated table is not: it reaches the other
replicas through Keeper, so the host only has to catch up with them. Sent again, an UPDATE would happen twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing

from dbwarden.core.ddl.statements import AlterTable, Delete, Maintain, Truncate, Update
from dbwarden.core.dialect import Connection, PartialExecution, Server
from dbwarden.core.types import Ref
from dbwarden.errors import ConnectionFailed, ConnectionLost, DatabaseError, HostsAway

from . import cluster
from .background import NOWHERE, Report, execute, of_table
from .on_cluster import without_cluster
from .probe import SentStatement, probe
from .replication import sync_replica
from .statements import statement

Connect = Callable[[str], Connection]


def complete(
    conn: Connection, sql: str, partial: PartialExecution, server: Server, connect: Connect, report: Report
) -> tuple[str, ...]:
    """Run the statement on the hosts that lack it; those that it was sent to. Raises ``DatabaseError``, ``HostsAway``."""
    local = without_cluster(sql)
    shared = _replica_paths(conn, local, server, partial.executed)
    sent = []
    for host in partial.missing:
        report(f"completing the statement on {host}")
        try:
            with closing(connect(host)) as own:
                if _complete_on(own, local, partial, shared, report):
                    sent.append(host)
        except (ConnectionFailed, ConnectionLost) as error:
            raise HostsAway(f"{host}: {error.message}", hosts=host, done="", entry="") from error
        except DatabaseError as error:
            error.message = f"{host}: {error.message}"
            raise
    return tuple(sent)


def _complete_on(own: Connection, local: str, partial: PartialExecution, shared: set[str], report: Report) -> bool:
    """Bring the effect to one host; whether the statement was sent there. ``shared`` are the paths in Keeper of replicas that
    have the effect, and gets those of this host."""
    table = _changed_table(local)
    paths = _paths(own, "system.replicas", table) if table is not None else []
    if table is not None and paths:
        sync_replica(own, table)
    if probe(own, local, SentStatement(False, partial.since), NOWHERE) is True:
        return False
    if table is not None and shared.intersection(paths):
        raise DatabaseError(
            f"its replica of {table.name} lags behind the others, which bring it the change"
            " (system.replication_queue says why); the same command again looks for it"
        )
    execute(own, local, report)
    shared.update(paths)
    return True


def _changed_table(sql: str) -> Ref | None:
    """The table whose replicas a statement reaches by itself; ``None`` if it concerns one server."""
    match statement(sql):
        case AlterTable(table=table) | Delete(table=table) | Update(table=table) | Maintain(target=Ref() as table):
            return table
        case Truncate((table, *_)):
            return table
    return None


def _replica_paths(conn: Connection, sql: str, server: Server, hosts: Iterable[str]) -> set[str]:
    """Paths in Keeper of the table that a statement changes, on these hosts."""
    table = _changed_table(sql)
    if table is None:
        return set()
    table = table if table.schema else table._replace(schema=server.default_schema)
    return {path for host in hosts for path in _paths(conn, cluster.on_host(server, host, "system.replicas"), table)}


def _paths(conn: Connection, source: str, table: Ref) -> list[str]:
    rows = conn.query(f"SELECT zookeeper_path FROM {source} WHERE {of_table(table)}")
    return [str(path) for (path,) in rows]
