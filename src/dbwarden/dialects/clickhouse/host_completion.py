"""Completion of a statement ON CLUSTER on the hosts that lack it (``Dialect.complete``).

The statement is sent to each of these hosts without ON CLUSTER. A change of a replicated table is not: it reaches the other
replicas through Keeper, so the host only has to catch up with them. Sent again, an UPDATE would happen twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from dbwarden.core.ddl.statements import AlterTable, Delete, Maintain, Truncate, Update
from dbwarden.core.dialect import Connection, PartialExecution, Server
from dbwarden.core.options import Options
from dbwarden.core.types import Ref
from dbwarden.errors import ConnectionFailed, ConnectionLost, DatabaseError, HostsAway

from . import cluster
from .background import Report, execute, of_table
from .on_cluster import without_cluster
from .probe import probe
from .probe_catalog import SentStatement
from .replication import sync_replica
from .statements import statement

Connect = Callable[[str], Connection]


def complete(
    conn: Connection, sql: str, partial: PartialExecution, server: Server, connect: Connect, report: Report
) -> tuple[str, ...]:
    """Run the statement on the hosts that lack it; those that it was sent to. Raises ``DatabaseError``, ``HostsAway``."""
    local = LocalStatement(without_cluster(sql), partial.since, replace(server, settings=Options()))
    replicas = local.replica_paths(conn, server, partial.executed)
    sent = []
    for host in partial.missing:
        report(f"completing the statement on {host}")
        try:
            with closing(connect(host)) as own:
                if local.run(own, replicas, report):
                    sent.append(host)
        except (ConnectionFailed, ConnectionLost) as error:
            raise HostsAway(f"{host}: {error.message}", hosts=host, done="", entry="") from error
        except DatabaseError as error:
            fields = {"sqlstate": error.sqlstate, "sql": error.sql, "failure": error.failure}
            raise type(error)(f"{host}: {error.message}", hint=error.hint, **fields) from error
    return tuple(sent)


@dataclass(frozen=True, slots=True)
class LocalStatement:
    """A statement without ON CLUSTER, for one host after the other."""

    sql: str
    since: datetime | None
    """When it was about to be sent to the cluster."""
    server: Server
    """A host that knows nothing of the cluster."""

    def run(self, own: Connection, replicas: set[str], report: Report) -> bool:
        """Bring the effect to one host; whether the statement was sent there.

        ``replicas`` are the paths in Keeper of replicas that have the effect, and gets those of this host.
        """
        table = _changed_table(self.sql)
        paths = _paths(own, "system.replicas", table) if table is not None else []
        if table is not None and paths:
            sync_replica(own, table)
        if probe(own, self.sql, SentStatement(False, self.since), self.server) is True:
            return False
        if table is not None and replicas.intersection(paths):
            raise DatabaseError(
                f"its replica of {table.name} lags behind the others, which bring it the change: system.replication_queue there"
                f" says why. If that is empty, `SYSTEM RESTART REPLICA {table.name}` on that host lets it read Keeper again."
                " The same command looks for the change again"
            )
        execute(own, self.sql, report, self.server)
        replicas.update(paths)
        return True

    def replica_paths(self, conn: Connection, server: Server, hosts: Iterable[str]) -> set[str]:
        """Paths in Keeper of the table that the statement changes, on these hosts of the cluster."""
        table = _changed_table(self.sql)
        if table is None:
            return set()
        table = table if table.schema else table._replace(schema=server.default_schema)
        sources = [cluster.on_host(server, host, "system.replicas") for host in hosts]
        return {path for source in sources for path in _paths(conn, source, table)}


def _changed_table(sql: str) -> Ref | None:
    """The table whose replicas a statement reaches by itself; ``None`` if it concerns one server."""
    match statement(sql):
        case AlterTable(table=table) | Delete(table=table) | Update(table=table) | Maintain(target=Ref() as table):
            return table
        case Truncate((table, *_)):
            return table
    return None


def _paths(conn: Connection, source: str, table: Ref) -> list[str]:
    rows = conn.query(f"SELECT zookeeper_path FROM {source} WHERE {of_table(table)}")
    return [str(path) for (path,) in rows]
