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
from dbwarden.errors import UnknownCluster

from . import inspect
from .words import string_literal

_MACRO = re.compile(r"\{(\w+)\}")
_REPLICATED = ("Replicated", "Shared")
"""Engines of databases that spread their DDL to all servers themselves."""

ENGINE, MODE, NAME, SHARDS, HOSTS, MACROS = "database_engine", "cluster_mode", "cluster", "shards", "hosts", "macros"
"""Settings of ``Server``: the engine of the database, the mode, the cluster with its size, and the names of the macros."""


def server_of(conn: Connection, configured: str) -> Server:
    """Version and settings of the server, with its cluster if one is configured. Raises ``UnknownCluster``."""
    server = inspect.server_of(conn)
    engine = server.settings.get(ENGINE) or ""
    if not configured:
        return server
    cluster = _cluster(conn, configured, server.default_schema or "", engine)
    settings = {MODE: cluster.mode.value, NAME: cluster.name}
    sizes = {SHARDS: str(cluster.shards), HOSTS: str(len(cluster.hosts)), MACROS: " ".join(sorted(_macros(conn)))}
    return replace(server, settings=server.settings.with_(**settings, **sizes))


def is_replicated(server: Server) -> bool:
    """Whether the current database spreads its DDL itself, as far as the server is known."""
    return server.settings.get(ENGINE) in _REPLICATED


def named(server: Server) -> str:
    """The cluster that statements name; empty if they run on one server, or the database spreads them."""
    settings = server.settings
    return settings.get(NAME) or "" if settings.get(MODE) == ClusterMode.STATEMENT.value else ""


def hosts(server: Server) -> int:
    """Number of servers of the cluster, as far as it is known."""
    return int(server.settings.get(HOSTS) or 1)


def shards(server: Server) -> int:
    """Number of shards of the cluster, as far as it is known."""
    return int(server.settings.get(SHARDS) or 1)


def macros(server: Server) -> frozenset[str]:
    """Names of the macros of the server."""
    return frozenset((server.settings.get(MACROS) or "").split())


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
