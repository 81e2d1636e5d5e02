"""Files ON CLUSTER on two real servers, of which one is stopped in between."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dbwarden.api.connection import connect
from tests.servers.clickhouse_cluster import CLUSTER, SHARDS, Node, Servers
from tests.support.command import run, run_together, write_migration, write_project

pytestmark = pytest.mark.acceptance

EVENTS = "CREATE TABLE events ON CLUSTER '{{cluster}}' (id Int64) ENGINE = {engine} ORDER BY id"
PLAIN = "MergeTree"


@dataclass
class Database:
    """A database on both servers, and a project whose URL leads to the first one."""

    servers: Servers
    name: str
    folder: Path

    @property
    def replicated(self) -> str:
        return f"ReplicatedMergeTree('/tables/{self.name}/{{shard}}/events', '{{replica}}')"

    def project(self, name: str, node: Node, **settings: object) -> Path:
        """A project on a node; its folder of migrations."""
        url = f"{node.url(self.name)}?distributed_ddl_task_timeout=2"
        return write_project(self.folder / name, url, cluster="{cluster}", **settings)

    def query(self, node: Node, sql: str) -> list[tuple[object, ...]]:
        with connect(node.url(self.name)) as conn:
            return list(conn.query(sql))

    def columns(self, table: str) -> list[list[str]]:
        """Names of the columns of a table, on each server."""
        where = f"database = '{self.name}' AND table = '{table}'"
        return [
            [str(name) for (name,) in self.query(node, f"SELECT name FROM system.columns WHERE {where}")]
            for node in self.servers.nodes
        ]


@pytest.fixture
def database(clickhouse_nodes: Servers, tmp_path: Path) -> Iterator[Database]:
    name = f"test_{secrets.token_hex(4)}"
    clickhouse_nodes.create_database(name)
    yield Database(clickhouse_nodes, name, tmp_path)
    for node in clickhouse_nodes.nodes:
        if node.child is None:
            node.start()


def write_seed(folder: Path, upgrade: str) -> None:
    folder.mkdir(parents=True)
    (folder / "0001_events.sql").write_text(f"-- upgrade\n{upgrade}\n")


def test_a_file_runs_on_every_server_and_back(database: Database) -> None:
    first, second = database.servers.nodes
    migrations = database.project("app", first, lock="none")
    drop = f"DROP TABLE events ON CLUSTER {CLUSTER};"
    write_migration(migrations, "0001_events", f"{EVENTS.format(engine=database.replicated)};", drop)
    alter = f"ALTER TABLE events ON CLUSTER {CLUSTER}"
    change = f"{alter} ADD COLUMN name String;\n{alter} MODIFY COLUMN name DEFAULT 'x';"
    write_migration(migrations, "0002_name", change, f"ALTER TABLE events ON CLUSTER {CLUSTER} DROP COLUMN name;")
    folder = database.folder / "app"
    assert "2 migrations applied" in run(folder, "migrate")
    assert database.columns("events") == [["id", "name"]] * 2
    shown = run(folder, "status")
    assert f"Cluster: {CLUSTER}, statements run ON CLUSTER (2 servers: {first.host}, {second.host})" in shown
    report = json.loads(run(folder, "--json", "status"))
    assert "statement" in json.dumps(report)
    # the other server sees the history
    database.project("other", second, lock="none")
    (database.folder / "other" / "migrations" / "primary").rmdir()
    (database.folder / "other" / "migrations" / "primary").symlink_to(migrations)
    assert "2 applied, 0 pending" in run(database.folder / "other", "status")
    # seeds too: their history is replicated, and so are the rows
    seeds = folder / "seeds" / "primary"
    write_seed(seeds, "INSERT INTO events (id, name) VALUES (1, 'one');")
    assert "1 seed applied" in run(folder, "seed", "apply")
    write_seed(database.folder / "other" / "seeds" / "primary", "INSERT INTO events (id, name) VALUES (1, 'one');")
    assert "1 applied, 0 pending" in run(database.folder / "other", "seed", "list")
    run(database.folder / "other", "rollback", "--count", "2", "--force")
    assert database.columns("events") == [[], []]
    assert "0 applied, 2 pending" in run(folder, "status")


def test_a_server_that_is_away_is_named_and_catches_up(database: Database) -> None:
    first, second = database.servers.nodes
    migrations = database.project("app", first, lock="none")
    folder = database.folder / "app"
    write_migration(migrations, "0001_events", EVENTS.format(engine=PLAIN))
    run(folder, "migrate")
    second.stop()
    more = EVENTS.replace("events", "more").format(engine=PLAIN)
    view = f"CREATE VIEW ids ON CLUSTER {CLUSTER} AS SELECT id FROM {database.name}.events"
    write_migration(migrations, "0002_more", f"{more};\n{view};")
    shown = run(folder, "migrate", code=1)
    assert f"Executed on 1 of 2 hosts of the cluster, but not yet on {second.host}" in shown
    assert f"{second.host} executes it as soon as it is back." in shown
    assert "stopped in statement 1 of 2" in run(folder, "status")
    assert f"no answer from {second.host}" in run(folder, "migrate", code=1)
    second.start()
    assert "1 migration applied" in run(folder, "migrate")
    assert database.columns("more") == database.columns("ids") == [["id"]] * 2


def test_a_host_that_lacks_a_statement_gets_it(database: Database) -> None:
    """One that refused it, and one whose entry in the queue was removed while it was away; upgrade and rollback."""
    first, second = database.servers.nodes
    migrations = database.project("app", first, lock="none")
    folder = database.folder / "app"
    database.query(second, "CREATE TABLE events (other Int8) ENGINE = Log")  # by hand, on one of them
    drop = f"DROP TABLE events ON CLUSTER {CLUSTER};"
    write_migration(migrations, "0001_events", f"{EVENTS.format(engine=PLAIN)};", drop)
    shown = run(folder, "migrate", code=1)
    assert f"{second.host}: " in shown and "already exists" in shown
    shown = run(folder, "migrate", code=1)  # the table by hand is still there
    assert f"{second.host}: Table {database.name}.events already exists" in shown
    database.query(second, "DROP TABLE events")
    shown = run(folder, "migrate")
    assert f"Completed statement 1 of 0001_events.sql on {second.host}, which lacked it" in shown
    assert "1 migration applied" in shown
    assert database.columns("events") == [["id"]] * 2
    second.stop()
    shown = run(folder, "rollback", "--force", code=1)
    assert f"but not yet on {second.host}" in shown
    database.servers.remove_entry(queue_entry(shown))
    assert f"no answer from {second.host}" in run(folder, "rollback", "--force", code=1)
    second.start()
    assert database.columns("events") == [[], ["id"]]
    report = json.loads(run(folder, "--json", "rollback", "--force"))
    assert [item["hosts"] for item in report["migrations"][0]["completed"]] == [[second.host]]
    assert database.columns("events") == [[], []]


def queue_entry(shown: str) -> str:
    """The entry of the queue that a message names."""
    match = re.search(r"query-\d+", shown)
    assert match is not None, shown
    return match[0]


def test_plain_tables_cannot_be_altered_on_replicas(database: Database) -> None:
    """The server refuses it, since the definition of the cluster says that its tables are replicated."""
    migrations = database.project("app", database.servers.nodes[0], lock="none")
    change = f"ALTER TABLE events ON CLUSTER {CLUSTER} ADD COLUMN name String;"
    write_migration(migrations, "0001_events", f"{EVENTS.format(engine=PLAIN)};\n{change}")
    assert "Table events isn't replicated, but shard #1 is" in run(database.folder / "app", "migrate", code=1)
    assert database.columns("events") == [["id"]] * 2


def test_a_cluster_without_keeper_map_gives_no_lock(database: Database) -> None:
    """However many try, on both servers."""
    for name, node in zip(("first", "second"), database.servers.nodes, strict=True):
        migrations = database.project(name, node)
        write_migration(migrations, "0001_events", EVENTS.format(engine=PLAIN))
    for name in ("first", "second"):
        results = run_together(database.folder / name, 3, "migrate")
        assert {code for _, code in results} == {5}
        assert all(f"it belongs to the cluster '{CLUSTER}' of 2 servers" in output for output, _ in results)
    assert database.columns("events") == [[], []]


def test_an_unknown_cluster(database: Database) -> None:
    url = database.servers.nodes[0].url(database.name)
    write_project(database.folder, url, cluster="bth", lock="none")
    shown = run(database.folder, "status", code=2)
    assert f"The server has no cluster 'bth' (its clusters: {CLUSTER}, {SHARDS}); did you mean '{CLUSTER}'?" in shown
