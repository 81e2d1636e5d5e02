"""The cluster of a database: how statements reach its servers, and which servers these are.

Three modes: *none*; *statement*, in which each statement of DDL names the cluster (``ON CLUSTER``); *database*, in which
the database has the engine ``Replicated`` (or ``Shared``), spreads its DDL itself, and refuses ``ON CLUSTER``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dbwarden.core.dialect import Cluster, ClusterHost, ClusterMode, Connection, Server
from dbwarden.core.suggestions import did_you_mean
from dbwarden.errors import ConnectionLost, HostsAway, UnknownCluster

from . import inspect
from .versions import CLUSTER_ALL_REPLICAS, has
from .words import string_literal

_MACRO = re.compile(r"\{(\w+)\}")
SKIPPING = "SETTINGS skip_unavailable_shards = 1"
"""Clause for queries of ``everywhere`` that do without the servers that do not answer."""
_REPLICATED = ("Replicated", "Shared")
"""Engines of databases that spread their DDL to all servers themselves."""

ENGINE, MODE, NAME, SHARDS, HOSTS, MACROS = "database_engine", "cluster_mode", "cluster", "shards", "hosts", "macros"
"""Settings of ``Server``: the engine of the database, the mode, the cluster with its number of shards and its hosts, and the
names of the macros."""


def server_of(conn: Connection, configured: str) -> Server:
    """Version and settings of the server, with its cluster if one is configured. Raises ``UnknownCluster``."""
    server = inspect.server_of(conn)
    engine = server.settings.get(ENGINE) or ""
    if not configured:
        return server
    cluster = _cluster(conn, configured, server.default_schema or "", engine)
    settings = {MODE: cluster.mode.value, NAME: cluster.name}
    hosts = " ".join(host.name for host in cluster.hosts)
    settings |= {SHARDS: str(cluster.shards), HOSTS: hosts, MACROS: " ".join(sorted(_macros(conn)))}
    return replace(server, settings=server.settings.with_(**settings))


def is_replicated(server: Server) -> bool:
    """Whether the current database spreads its DDL itself, as far as the server is known."""
    return server.settings.get(ENGINE) in _REPLICATED


def named(server: Server) -> str:
    """The cluster that statements name; empty if they run on one server, or the database spreads them."""
    settings = server.settings
    return settings.get(NAME) or "" if settings.get(MODE) == ClusterMode.STATEMENT.value else ""


def hosts(server: Server) -> tuple[str, ...]:
    """Host and port of the servers of the cluster, as far as it is known."""
    return tuple((server.settings.get(HOSTS) or "").split())


def shards(server: Server) -> int:
    """Number of shards of the cluster, as far as it is known."""
    return int(server.settings.get(SHARDS) or 1)


def macros(server: Server) -> frozenset[str]:
    """Names of the macros of the server."""
    return frozenset((server.settings.get(MACROS) or "").split())


def different_rows(server: Server, engine: str) -> str:
    """Why the servers of the cluster have different rows of a table; empty if they have the same ones."""
    if shards(server) > 1:
        return f"the cluster has {shards(server)} shards"
    if not engine.startswith(("Replicated", "Shared")) and len(hosts(server)) != 1:
        return f"every server has rows of its own in a table of the engine {engine.partition('(')[0]}"
    return ""


def everywhere(server: Server, table: str) -> str:
    """FROM item with the rows of ``database.table`` on every server of the cluster that answers."""
    name = named(server)
    if not name:
        return table
    if has(server.version, CLUSTER_ALL_REPLICAS):
        return f"clusterAllReplicas({string_literal(name)}, {table})"
    return f"remote({string_literal(','.join(hosts(server)))}, {table})"


def on_host(server: Server, host: str, table: str) -> str:
    """FROM item with the rows of ``database.table`` on one server of the cluster."""
    if not has(server.version, CLUSTER_ALL_REPLICAS):
        return f"remote({string_literal(host)}, {table})"
    number = hosts(server).index(host) + 1  # the server numbers them in the order of system.clusters
    return f"(SELECT * FROM {everywhere(server, table)} WHERE _shard_num = {number})"


def answering(conn: Connection, server: Server) -> list[str]:
    """The servers of the cluster that answer."""
    return [host for host in hosts(server) if _answers(conn, server, host)]


def ensure_answering(conn: Connection, server: Server) -> None:
    """Raise ``HostsAway`` if a server of the cluster does not answer."""
    there = answering(conn, server)
    missing = [host for host in hosts(server) if host not in there]
    if missing:
        words = f"The cluster '{named(server)}' cannot be asked whether the statement had its effect: no answer from"
        raise HostsAway(f"{words} {', '.join(missing)}", hosts=", ".join(missing), done="", entry="")


def _answers(conn: Connection, server: Server, host: str) -> bool:
    skipping = f" {SKIPPING}" if has(server.version, CLUSTER_ALL_REPLICAS) else ""
    try:
        return bool(conn.query(f"SELECT 1 FROM {on_host(server, host, 'system.one')}{skipping}"))
    except ConnectionLost:  # of that server: ours has told it
        return False


def cluster_of(conn: Connection, configured: str) -> Cluster:
    """The cluster of the current database. Raises ``UnknownCluster``."""
    sql = "SELECT currentDatabase(), (SELECT engine FROM system.databases WHERE name = currentDatabase())"
    ((database, engine),) = conn.query(sql)
    return _cluster(conn, configured, str(database), str(engine))


def _cluster(conn: Connection, configured: str, database: str, engine: str) -> Cluster:
    if engine in _REPLICATED:  # its servers are a cluster with its name
        return Cluster(ClusterMode.DATABASE, database, _hosts(conn, database))
    if not configured:
        return Cluster()
    name = substituted(conn, configured)
    hosts = _hosts(conn, name)
    if not hosts:
        raise _unknown(conn, configured, name)
    return Cluster(ClusterMode.STATEMENT, name, hosts)


def substituted(conn: Connection, configured: str) -> str:
    """The name of a cluster with the macros of this server; those that it does not have stay as they are."""
    if not _MACRO.search(configured):
        return configured
    values = _macros(conn)
    return _MACRO.sub(lambda match: values.get(match[1], match[0]), configured)


def _macros(conn: Connection) -> dict[str, str]:
    return {str(name): str(value) for name, value in conn.query("SELECT macro, substitution FROM system.macros")}


def _hosts(conn: Connection, name: str) -> tuple[ClusterHost, ...]:
    columns = "host_name, port, shard_num, replica_num, is_local"
    where = f"cluster = {string_literal(name)} ORDER BY shard_num, replica_num"
    rows: Sequence[tuple[object, ...]] = conn.query(f"SELECT {columns} FROM system.clusters WHERE {where}")
    return tuple(
        ClusterHost(f"{host}:{port}", int(str(shard)), int(str(replica)), local in (1, True))
        for host, port, shard, replica, local in rows
    )


def _unknown(conn: Connection, configured: str, name: str) -> UnknownCluster:
    names = [str(row[0]) for row in conn.query("SELECT DISTINCT cluster FROM system.clusters ORDER BY cluster")]
    return UnknownCluster(
        name=configured,
        macro=f", which is '{name}' there" if name != configured else "",
        names=", ".join(names) or "none",
        nearest=did_you_mean(name, names),
    )
