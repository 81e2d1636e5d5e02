"""DBWarden's own tables on ClickHouse: MergeTree tables to which rows are only ever appended.

Every server of a cluster has all rows: the tables are created ON CLUSTER and replicated, with the servers of all shards as
replicas of one. In a database of the engine ``Replicated`` they are replicated too. ClickHouse Cloud makes shared tables of
plain ones by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from dbwarden.core.dialect import Server
from dbwarden.core.own_tables import COLUMNS, LOCK, OwnTables, later_type
from dbwarden.dialects.base.names import block
from dbwarden.errors import Unsupported

from . import cluster
from .on_cluster import with_cluster
from .words import string_literal


def history_ddl(table: str, tables: OwnTables, types: Mapping[str, str], server: Server) -> tuple[str, ...]:
    """CREATE TABLE for one of our own tables; none for the lock, which is created where it is kept (``lock``)."""
    if table == LOCK:
        return ()
    columns = tuple(f"{name} {_type(declared, types)}" for name, declared in COLUMNS[table])
    text = block(
        f"CREATE TABLE IF NOT EXISTS {tables.name(table)} (", columns, f") ENGINE = {_engine(table, tables, server)}"
    )
    sql = f"{text} ORDER BY id"
    return (_everywhere(sql, server),)


def history_upgrade(
    table: str, tables: OwnTables, column: str, types: Mapping[str, str], server: Server
) -> tuple[str, ...]:
    """ALTER TABLE for a column that an earlier version lacked."""
    declared = _type(later_type(table, column), types)
    sql = f"ALTER TABLE {tables.name(table)} ADD COLUMN IF NOT EXISTS {column} {declared}"
    return (_everywhere(sql, server),)


def _everywhere(sql: str, server: Server) -> str:
    """A statement that runs on every server of the cluster, if there is one."""
    name = cluster.named(server)
    return with_cluster(sql, name) if name else sql


def _engine(table: str, tables: OwnTables, server: Server) -> str:
    """Engine of a table; raises ``Unsupported`` if the servers of the cluster have no names of their own."""
    if cluster.is_replicated(server):
        return "ReplicatedMergeTree"
    name = cluster.named(server)
    if not name:
        return "MergeTree"
    if "replica" not in cluster.macros(server):
        raise Unsupported(
            feature=f"the history on the cluster '{name}'",
            dialect="ClickHouse",
            reason="this server has no macro {replica}, by which the replicas of a table differ",
            hint="Define it in the configuration of every server: <macros><shard>01</shard><replica>host1</replica></macros>.",
        )
    database = tables.schema or server.default_schema or "default"
    path = f"/clickhouse/dbwarden/{name}/{database}/{tables.plain(table)}"
    replica = "{shard}-{replica}" if "shard" in cluster.macros(server) else "{replica}"
    return f"ReplicatedMergeTree({string_literal(path)}, '{replica}')"


def _type(declared: str, types: Mapping[str, str]) -> str:
    """The type for a column as ``core.own_tables`` declares it."""
    if declared.startswith("serial"):
        return "UInt64"
    word, _, rest = declared.partition(" ")
    return types[word] if rest or word == "owner" else f"Nullable({types[word]})"
