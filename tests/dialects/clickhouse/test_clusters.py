"""Clusters, on the recorded answers of servers that are part of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dbwarden.core.dialect import ClusterHost, ClusterMode, PartialExecution, Server
from dbwarden.core.options import Options
from dbwarden.core.own_tables import MIGRATIONS, OwnTables
from dbwarden.core.types import Ref
from dbwarden.dialects.clickhouse import cluster
from dbwarden.dialects.clickhouse.background import wait_for_mutations
from dbwarden.dialects.clickhouse.dialect import ClickHouse
from dbwarden.dialects.clickhouse.mutations import mutation_key
from dbwarden.errors import (
    ConnectionFailed,
    DatabaseError,
    Failure,
    HostsAway,
    LockUnavailable,
    PartlyExecuted,
    PermissionDenied,
    UnknownCluster,
    Unsupported,
)
from tests.support.command import run, write_project

Rows = Sequence[tuple[Any, ...]]


class Answers:
    """A connection whose answers are recorded: rows by a part of the query."""

    def __init__(self, **answers: Rows) -> None:
        self.answers: Mapping[str, Rows] = answers
        self.queries: list[str] = []

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Rows:
        self.queries.append(sql)
        for place, rows in self.answers.items():
            if f"FROM system.{place}" in sql:
                if place == "clusters" and "cluster = " in sql:
                    return [row[1:] for row in rows if f"cluster = '{row[0]}'" in sql]
                return sorted({row[:1] for row in rows}) if place == "clusters" else rows
        raise AssertionError(f"an unexpected query: {sql}")


TWO_BY_ONE = [
    ("analytics", "ch1", 9000, 1, 1, 1),
    ("analytics", "ch2", 9000, 1, 2, 0),
    ("events", "app", 9000, 1, 1, 1),
    ("test_shard_localhost", "localhost", 9000, 1, 1, 1),
]


def server(engine: str = "Atomic", clusters: Rows = TWO_BY_ONE, **macros: str) -> Answers:
    return Answers(databases=[("events", engine)], macros=list(macros.items()), clusters=clusters)


def test_without_the_setting_statements_run_on_one_server() -> None:
    known = cluster.cluster_of(server(), "")  # type: ignore[arg-type]
    assert (known.mode, known.name, known.hosts) == (ClusterMode.NONE, "", ())


def test_the_hosts_are_those_that_the_server_knows() -> None:
    known = cluster.cluster_of(server(), "analytics")  # type: ignore[arg-type]
    assert (known.mode, known.name, known.shards) == (ClusterMode.STATEMENT, "analytics", 1)
    assert known.hosts == (ClusterHost("ch1:9000", 1, 1, True), ClusterHost("ch2:9000", 1, 2))


@pytest.mark.parametrize("configured", ["{cluster}", "{shop}_{kind}", "analytics"])
def test_macros_are_those_of_the_server(configured: str) -> None:
    macros = {"cluster": "analytics", "shop": "analy", "kind": "tics"}
    if configured == "{shop}_{kind}":
        macros = {"shop": "test", "kind": "shard_localhost"}
    known = cluster.cluster_of(server(**macros), configured)  # type: ignore[arg-type]
    assert known.name in ("analytics", "test_shard_localhost")


@pytest.mark.parametrize("configured", ["", "analytics"])
def test_a_replicated_database_spreads_its_statements_itself(configured: str) -> None:
    known = cluster.cluster_of(server("Replicated"), configured)  # type: ignore[arg-type]
    assert (known.mode, known.name) == (ClusterMode.DATABASE, "events")
    assert [host.name for host in known.hosts] == ["app:9000"]


def test_an_unknown_cluster_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UnknownCluster) as refusal:
        cluster.cluster_of(server(), "analytcs")  # type: ignore[arg-type]
    assert refusal.value.message == (
        "The server has no cluster 'analytcs' (its clusters: analytics, events, test_shard_localhost);"
        " did you mean 'analytics'?"
    )
    assert refusal.value.exit_code == 2


def test_an_unknown_macro_is_part_of_the_refusal() -> None:
    with pytest.raises(UnknownCluster, match=r"no cluster '\{cluster\}', which is 'blue' there \(its clusters: none\)"):
        cluster.cluster_of(server(clusters=[], cluster="blue"), "{cluster}")  # type: ignore[arg-type]


# -- files ------------------------------------------------------------------------------------------------------------

MODELS = """
from sqlalchemy import BigInteger, Column, MetaData, String, Table

metadata = MetaData()
events = Table("events", metadata, Column("id", BigInteger, primary_key=True), Column("name", String){more})
"""


@pytest.mark.parametrize("name", ["analytics", "{cluster}"])
def test_a_file_names_the_cluster_and_runs_on_a_server_without_it(
    tmp_path: Path, clickhouse_url: str, name: str
) -> None:
    """Generated without a database; the development server is alone."""
    url = "clickhouse://nowhere.invalid/app"
    migrations = write_project(tmp_path, url, cluster=name, dev_database_url=clickhouse_url)
    (tmp_path / "models.py").write_text(MODELS.format(more=""))
    run(tmp_path, "make-migrations", "events", "--offline")
    (tmp_path / "models.py").write_text(MODELS.format(more=', Column("at", BigInteger)'))
    run(tmp_path, "make-migrations", "at", "--offline")
    first, second = (path.read_text() for path in sorted(migrations.iterdir()))
    assert f"CREATE TABLE events ON CLUSTER '{name}' (" in first
    assert f"DROP TABLE events ON CLUSTER '{name}'" in first
    assert f"ALTER TABLE events ON CLUSTER '{name}' ADD COLUMN at" in second
    assert "replicate-on-clusters" in run(tmp_path, "check", "--offline")
    assert "2 migrations applied" in run(tmp_path, "--dev", "migrate")
    assert "No differences" in run(tmp_path, "--dev", "diff")
    run(tmp_path, "--dev", "rollback", "--count", "2", "--force")


# -- what runs on a cluster ---------------------------------------------------------------------------------------------


def bound(engine: str = "Atomic", hosts: Rows = TWO_BY_ONE, **macros: str) -> ClickHouse:
    """The dialect for a server of the cluster ``analytics``."""
    answers = server(engine, hosts, **macros)
    known = cluster.cluster_of(answers, "analytics")  # type: ignore[arg-type]
    settings = {
        cluster.ENGINE: engine,
        cluster.MODE: known.mode.value,
        cluster.NAME: known.name,
        cluster.HOSTS: " ".join(host.name for host in known.hosts),
        cluster.SHARDS: str(known.shards),
        cluster.MACROS: " ".join(macros),
    }
    dialect = ClickHouse().for_cluster("analytics")
    return dialect.for_server(Server((25, 8), "clickhouse", "app", "ClickHouse 25.8", Options.of(settings)))


def test_history_is_replicated_to_all_servers() -> None:
    (sql,) = bound(shard="01", replica="r1").history_ddl(MIGRATIONS, OwnTables())
    assert sql.startswith("CREATE TABLE IF NOT EXISTS dbwarden_migrations ON CLUSTER 'analytics' (")
    path = "/clickhouse/dbwarden/analytics/app/dbwarden_migrations"
    assert f"ENGINE = ReplicatedMergeTree('{path}', '{{shard}}-{{replica}}') ORDER BY id" in sql
    (sql,) = bound(replica="r1").history_ddl(MIGRATIONS, OwnTables())
    assert f"ReplicatedMergeTree('{path}', '{{replica}}')" in sql
    with pytest.raises(Unsupported, match=r"no macro \{replica\}"):
        bound().history_ddl(MIGRATIONS, OwnTables())


def test_a_replicated_database_gets_no_clause() -> None:
    dialect = bound("Replicated", [("events", "app", 9000, 1, 1, 1)], replica="r1")
    (sql,) = dialect.history_ddl(MIGRATIONS, OwnTables())
    assert "ON CLUSTER" not in sql and "ENGINE = ReplicatedMergeTree ORDER BY" in sql
    assert dialect.merge_statements(["DROP TABLE t"]) == ["DROP TABLE t"]
    assert bound(replica="r1").merge_statements(["DROP TABLE t"]) == ["DROP TABLE t ON CLUSTER 'analytics'"]


@pytest.mark.parametrize(
    ("hosts", "engine", "reason"),
    [
        (TWO_BY_ONE, "MergeTree", "every server has rows of its own in a table of the engine MergeTree"),
        (TWO_BY_ONE, "ReplicatedMergeTree", ""),
        ([("analytics", "a", 9000, 1, 1, 1), ("analytics", "b", 9000, 2, 1, 0)], "ReplicatedMergeTree", "has 2 shards"),
    ],
)
def test_rows_that_a_rebuild_would_not_copy(hosts: Rows, engine: str, reason: str) -> None:
    assert reason in cluster.different_rows(bound(hosts=hosts).server, engine)
    assert bool(reason) == bool(cluster.different_rows(bound(hosts=hosts).server, engine))


class Locks:
    """A connection to a cluster whose servers may create KeeperMap tables or not."""

    def __init__(self, refusal: DatabaseError | None = None, own_history: bool = False) -> None:
        self.refusal, self.own_history = refusal, own_history
        self.executed: list[str] = []

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Rows:
        if "'dbwarden_migrations'" in sql and "NOT match(engine" in sql:
            return [(1,)] if self.own_history else []
        if "system.tables" in sql:
            return [("dbwarden_lock", "KeeperMap")] if self.executed and self.refusal is None else []
        return [(False, *[None] * 7, "")] if "SELECT locked" in sql else []

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int:
        self.executed.append(sql)
        if self.refusal is not None:
            raise self.refusal
        return -1


def test_the_lock_is_a_keeper_map_on_every_server() -> None:
    conn = Locks()
    bound(replica="r1").lock_cell(conn, OwnTables()).prepare()  # type: ignore[arg-type]
    assert conn.executed[0].startswith("CREATE TABLE IF NOT EXISTS app.dbwarden_lock ON CLUSTER 'analytics' (")
    assert "ENGINE = KeeperMap('/dbwarden/app/dbwarden_lock')" in conn.executed[0]


def test_a_cluster_without_keeper_map_gives_no_lock() -> None:
    conn = Locks(DatabaseError("KeeperMap is disabled: keeper_map_path_prefix is not set", sqlstate="36"))
    with pytest.raises(LockUnavailable) as refusal:
        bound(replica="r1").lock_cell(conn, OwnTables()).prepare()  # type: ignore[arg-type]
    assert "it belongs to the cluster 'analytics' of 2 servers" in refusal.value.message
    assert "keeper_map_path_prefix is not set" in refusal.value.message
    assert refusal.value.exit_code == 5


def test_hosts_with_histories_of_their_own_are_not_migrated_as_one() -> None:
    with pytest.raises(Unsupported, match="the host has a history of its own") as refusal:
        bound(replica="r1").lock_cell(Locks(own_history=True), OwnTables()).prepare()  # type: ignore[arg-type]
    assert "rename dbwarden_migrations, dbwarden_journal, dbwarden_seeds on each" in (refusal.value.hint or "")


class Hosts:
    """A connection to a current cluster of two servers, by the answers of its documentation."""

    def __init__(self, *tables: bool) -> None:
        self.tables = tables
        self.queries: list[str] = []
        self.executed: list[str] = []

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int:
        self.executed.append(sql)
        return -1

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Rows:
        self.queries.append(sql)
        if "system.processes" in sql:
            return []
        number = 1 if "_shard_num = 1" in sql else 2
        assert "clusterAllReplicas('analytics', system." in sql
        assert f"_shard_num = {number}" in sql
        if "system.one" in sql:
            return [(1,)]
        if "system.columns" in sql:
            assert "database = 'app'" in sql
            return [("id",)] if self.tables[number - 1] else []
        return [("MergeTree",)] if self.tables[number - 1] else []


CREATE = "CREATE TABLE t ON CLUSTER 'analytics' (id Int64) ENGINE = MergeTree ORDER BY id"


@pytest.mark.parametrize(("tables", "effect"), [((True, True), True), ((False, False), False)])
def test_a_statement_is_probed_on_every_server(tables: tuple[bool, bool], effect: bool) -> None:
    assert bound().probe(Hosts(*tables), CREATE) is effect  # type: ignore[arg-type]


def test_a_part_of_the_cluster_is_named_when_the_queue_is_done() -> None:
    conn = Hosts(True, False)
    with pytest.raises(PartlyExecuted) as refusal:
        bound().probe(conn, CREATE)  # type: ignore[arg-type]
    assert conn.executed == ["DROP TABLE IF EXISTS app.dbwarden_no_such_table ON CLUSTER 'analytics'"]
    assert (refusal.value.done, refusal.value.left) == (("ch1:9000",), ("ch2:9000",))
    assert "executed on ch1:9000; not executed on ch2:9000" in refusal.value.message
    assert "Run it on ch2:9000 (`CREATE TABLE t (id Int64) ENGINE = MergeTree ORDER BY id`)" in (
        refusal.value.hint or ""
    )


# -- a statement that some hosts lack -------------------------------------------------------------------------------------


class Host(Hosts):
    """One of the hosts, over a connection of its own."""

    replica_path = ""

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Rows:
        self.queries.append(sql)
        if "system.replicas" in sql:
            return [(self.replica_path,)] if self.replica_path else []
        if "system.tables" in sql:
            return [("MergeTree",)] if self.tables[0] else []
        return [("id",), *([("x",)] if self.tables[0] else [])] if "system.columns" in sql else []

    def close(self) -> None:
        """Close nothing."""


class Replicas(Host):
    """A connection to the cluster, whose hosts have a replica with this path."""

    replica_path = "/t/1"


def complete(host: Host, sql: str, cluster_conn: Host) -> tuple[str, ...]:
    partial = PartialExecution(("ch1:9000",), ("ch2:9000",), None)
    connect: Any = {"ch2:9000": host}.__getitem__
    return tuple(bound().complete(cluster_conn, sql, partial, connect, lambda words: None))  # type: ignore[arg-type]


ADD = "ALTER TABLE t ON CLUSTER 'analytics' ADD COLUMN x Int8"


@pytest.mark.parametrize("sql", [CREATE, ADD])
def test_the_statement_is_sent_to_the_host_that_lacks_it(sql: str) -> None:
    host = Host(False)
    assert complete(host, sql, Host(True)) == ("ch2:9000",)
    assert host.executed == [sql.replace(" ON CLUSTER 'analytics'", "")]


def test_a_host_that_has_got_the_effect_meanwhile_is_left_alone() -> None:
    host = Host(True)
    assert (complete(host, ADD, Host(True)), host.executed) == ((), [])


def test_a_replica_of_the_same_table_is_waited_for_and_never_changed_twice() -> None:
    """Replication brings the change: sent again, an UPDATE would be applied twice."""
    host = Replicas(False)
    with pytest.raises(DatabaseError, match="ch2:9000: its replica of t lags behind the others"):
        complete(host, ADD, Replicas(True))
    assert host.executed == ["SYSTEM SYNC REPLICA t"]


def test_a_host_that_cannot_be_connected_to_is_away() -> None:
    def connect(host: str) -> Any:
        raise ConnectionFailed("refused", url="", reason="refused", host="", port=1, user="", database="")

    partial = PartialExecution(("ch1:9000",), ("ch2:9000",), None)
    with pytest.raises(HostsAway, match="ch2:9000: refused"):
        bound().complete(Host(True), CREATE, partial, connect, lambda words: None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("UPDATE v = v+1, w=2 WHERE id>3 AND a = 1", "UPDATE v = v + 1, w = 2 WHERE (id > 3) AND (a = 1)"),
        ("DELETE WHERE x IN (1,2)", "DELETE WHERE x IN (1, 2)"),
        ("update `v` = 1 where id = 2", "UPDATE v = 1 WHERE id = 2"),
    ],
)
def test_spellings_of_a_mutation(first: str, second: str) -> None:
    assert mutation_key(first) == mutation_key(second)
    assert mutation_key(first) != mutation_key(second.replace("1", "4"))


@pytest.mark.parametrize(("waits", "effect"), [(True, False), (False, None)])
def test_an_empty_distributed_table_shows_something_if_the_server_waits_for_shards(
    waits: bool, effect: bool | None
) -> None:
    """Else the rows of an INSERT may still be on their way."""

    class Server(Host):
        def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Rows:
            if "system.settings" in sql:
                return [(1,)] if waits else []
            return [("Distributed",)] if "system.tables" in sql else []

    assert ClickHouse().probe(Server(True), "INSERT INTO t SELECT 1") is effect  # type: ignore[arg-type]


class Uninformed(Hosts):
    """A cluster whose second replica does not list the last mutation that Keeper has."""

    parameters: Mapping[str, str] = {"distributed_ddl_task_timeout": "0"}
    may_read_keeper = True

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Rows:
        if "system.zookeeper" in sql and not self.may_read_keeper:
            raise PermissionDenied("no", failure=Failure.PERMISSION)
        if "system.zookeeper" in sql:
            return [("0000000001",)]
        if "system.one" in sql or "system.replicas" in sql:
            return [("/t/1",)]
        if "mutation_id = '0000000001'" in sql:
            return [] if "_shard_num = 2" in sql else [(1,)]
        assert "NOT is_done" in sql
        return []


def test_a_replica_that_never_learns_of_a_mutation_is_named() -> None:
    table = Ref("table", "t")
    with pytest.raises(HostsAway, match="replica of t on ch2:9000 does not learn of the mutation") as refusal:
        wait_for_mutations(Uninformed(), table, lambda words: None, bound().server)  # type: ignore[arg-type]
    assert "SYSTEM RESTART REPLICA t" in (refusal.value.hint or "")
    conn = Uninformed()
    conn.may_read_keeper = False
    wait_for_mutations(conn, table, lambda words: None, bound().server)  # type: ignore[arg-type]
