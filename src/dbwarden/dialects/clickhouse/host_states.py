"""What each host of a cluster has: its definitions, its version and its macros.

One query per system table asks all hosts (``clusterAllReplicas``), whatever their number. Earlier servers are asked one by
one, over connections of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from dbwarden.core.dialect import Cluster, ClusterHost, Connection, Server
from dbwarden.core.host_drift import HostState
from dbwarden.core.model import Schema
from dbwarden.core.url import Url
from dbwarden.dialects.base.catalog import catalog_query
from dbwarden.errors import ConnectionFailed, ConnectionLost, MissingDriver, Unsupported

from .inspect import schema_of
from .versions import CLUSTER_ALL_REPLICAS, has
from .words import string_literal

Row = Sequence[Any]
OpenHost = Callable[[ClusterHost], Connection]

_VERSION = "SELECT version()"
_MACROS = "SELECT macro, substitution FROM system.macros"


def host_states(conn: Connection, cluster: Cluster, server: Server, open_host: OpenHost) -> tuple[HostState, ...]:
    """What the hosts of the cluster have in the current database. A host that does not answer has no schema."""
    if has(server.version, CLUSTER_ALL_REPLICAS):
        return _of_all(conn, cluster, server)
    one_by_one = [_of_host(host, server, open_host) for host in cluster.hosts]
    return _states(one_by_one, server)


class _Answer:
    """Rows of one host, or why there are none."""

    def __init__(self, host: ClusterHost, error: str = "") -> None:
        self.host, self.error = host, error
        self.version = ""
        self.macros: dict[str, str] = {}
        self.tables: list[Row] = []


def _of_all(conn: Connection, cluster: Cluster, server: Server) -> tuple[HostState, ...]:
    """Ask all hosts at once. The server numbers them in the order of ``system.clusters`` and leaves out doubles and those
    that do not answer."""
    hosts = {host.name: host for host in cluster.hosts}
    answers = {number: _Answer(host) for number, host in enumerate(hosts.values(), 1)}

    def ask(sql: str) -> Iterable[Row]:
        """The rows of a query of one system table, from each host, behind the number of the host."""
        head, _, rest = sql.partition(" FROM ")
        table, _, where = rest.partition(" ")
        source = f"clusterAllReplicas({string_literal(cluster.name)}, {table})"
        select = f"SELECT _shard_num, {head.removeprefix('SELECT ')} FROM {source} {where}"
        return conn.query(f"{select} SETTINGS skip_unavailable_shards = 1")

    for number, version in ask(f"{_VERSION} FROM system.one"):
        answers[int(number)].version = str(version)
    for number, macro, value in ask(_MACROS):
        answers[int(number)].macros[str(macro)] = str(value)
    for number, *row in ask(_tables(server)):
        answers[int(number)].tables.append(row)
    return _states(answers.values(), server)


def _tables(server: Server) -> str:
    """The query of the tables on one line, with the database by its name: each host has a current one of its own."""
    lines = catalog_query(__package__, "tables").splitlines()
    sql = " ".join(line.strip() for line in lines if not line.startswith("--"))
    return sql.replace("currentDatabase()", string_literal(server.default_schema or "default"))


def _of_host(host: ClusterHost, server: Server, open_host: OpenHost) -> _Answer:
    try:
        conn = open_host(host)
    except (ConnectionFailed, MissingDriver, Unsupported) as error:
        return _Answer(host, getattr(error, "reason", "") or error.message)
    answer = _Answer(host)
    try:
        answer.version = str(conn.query(_VERSION)[0][0])
        answer.macros = {str(name): str(value) for name, value in conn.query(_MACROS)}
        answer.tables = list(conn.query(_tables(server)))
    except ConnectionLost as error:
        return _Answer(host, error.message)
    finally:
        conn.close()
    return answer


def _states(answers: Iterable[_Answer], server: Server) -> tuple[HostState, ...]:
    """The states; hosts with the same definitions share a schema."""
    schemas: dict[frozenset[tuple[Any, ...]], Schema] = {}
    states = []
    for answer in answers:
        if not answer.version:
            states.append(HostState(answer.host, error=answer.error))
            continue
        rows = frozenset(map(tuple, answer.tables))
        if rows not in schemas:
            schemas[rows] = schema_of(answer.tables, server)
        states.append(
            HostState(answer.host, schemas[rows], answer.version, answer.macros, identity=_identity(answer.macros))
        )
    return tuple(states)


def _identity(macros: Mapping[str, str]) -> tuple[str, ...]:
    """Shard and replica, which make the path of a replicated table that of one host."""
    return tuple(macros[name] for name in ("shard", "replica") if name in macros) if "replica" in macros else ()


# -- connecting to one host -------------------------------------------------------------------------------------------


def url_of_host(text: str, host: ClusterHost, hosts: Sequence[ClusterHost]) -> str:
    """The URL of the same database on one host.

    The definition of a cluster has the ports of the native protocol. Over HTTP the port of the URL is taken, as all hosts
    usually have the same one. Raises ``Unsupported`` if two hosts have one name, so that the port decides.
    """
    url = Url.parse(text)
    name, _, port = host.name.rpartition(":")
    if url.driver != "native":
        if sum(other.name.rpartition(":")[0] == name for other in hosts) > 1:
            raise Unsupported(
                feature="a connection to each host over HTTP",
                dialect="ClickHouse",
                reason=f"the cluster has several servers on {name}, whose HTTP ports its definition does not have",
                hint="Configure a URL of the native protocol: clickhouse+native://user@host:9000/database.",
            )
        port = str(url.port or "")
    return _written(replace(url, host=name, port=int(port) if port else None))


def _written(url: Url) -> str:
    """A URL as text, with its password and parameters."""
    driver = f"+{url.driver}" if url.driver else ""
    password = f":{quote(url.password, safe='')}" if url.password else ""
    account = f"{quote(url.username or '', safe='')}{password}@" if url.username or password else ""
    host = f"[{url.host}]" if url.host and ":" in url.host else url.host or ""
    port = f":{url.port}" if url.port else ""
    query = f"?{url.query_text}" if url.query_text else ""
    return f"{url.scheme}{driver}://{account}{host}{port}/{quote(url.database or '')}{query}"
