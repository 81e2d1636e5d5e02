"""Files ON CLUSTER on two real servers, of which one is stopped in between."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dbwarden.api.connection import connect
from tests.servers.clickhouse_cluster import CLUSTER, SHARDS, Node, Servers
from tests.support.command import environment, run, run_together, start, write_migration, write_project
from tests.support.zygote import zygote

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

    def project(self, name: str, node: Node, cluster: str = "{cluster}", **settings: object) -> Path:
        """A project on a node; its folder of migrations."""
        url = f"{node.url(self.name)}?distributed_ddl_task_timeout=12"
        return write_project(self.folder / name, url, cluster=cluster, **settings)

    def everywhere(self, sql: str) -> list[list[tuple[object, ...]]]:
        """The rows of a query on each server."""
        return [self.query(node, sql) for node in self.servers.nodes]

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
    clickhouse_nodes.ensure_queue()
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
    for _ in range(100):  # replicas have the rows of our tables a moment later
        shown = run(database.folder / "other", "seed", "list")
        if "1 applied, 0 pending" in shown:
            break
        time.sleep(0.1)
    assert "1 applied, 0 pending" in shown
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


def test_a_person_decides_where_a_host_does_not_show_it(database: Database) -> None:
    first, second = database.servers.nodes
    migrations = database.project("app", first, SHARDS, lock="none")
    folder = database.folder / "app"
    create = f"CREATE TABLE events ON CLUSTER {SHARDS} (id Int64) ENGINE = MergeTree ORDER BY id;"
    write_migration(migrations, "0001_events", create)
    run(folder, "migrate")
    for node in (first, second):
        database.query(node, "INSERT INTO events (id) SELECT 1")
    write_migration(migrations, "0002_empty", f"TRUNCATE TABLE events ON CLUSTER {SHARDS};")
    second.stop()
    database.servers.remove_entry(queue_entry(run(folder, "migrate", "--force", code=1)))
    second.start()
    shown = run(folder, "migrate", "--force", code=1)
    assert f"executed on {first.host}; not known of {second.host}" in shown
    assert "--assume done` or `--assume not-done` decides about that part" in shown
    assert f"on {second.host}" in run(folder, "migrate", "--force", "--assume", "not-done")
    assert database.everywhere("SELECT count() FROM events") == [[(0,)]] * 2
    database.query(second, "ALTER TABLE events ADD COLUMN a Int8")  # by hand, on one of them
    both = f"ALTER TABLE events ON CLUSTER {SHARDS} ADD COLUMN a Int8, ADD COLUMN b Int8;"
    write_migration(migrations, "0003_both", both)
    assert f"{second.host}: " in run(folder, "migrate", code=1)
    assert f"executed on {first.host}; not known of {second.host}" in run(folder, "migrate", code=1)
    assert "1 migration applied" in run(folder, "migrate", "--assume", "done")
    assert database.columns("events") == [["id", "a", "b"], ["id", "a"]]
    assert f"{second.host}: events: column b Int8 is not there" in run(folder, "status")


def test_a_mutation_happens_once_on_every_replica(database: Database) -> None:
    """Also after a kill; one that fails says why, and what ends it."""
    first, second = database.servers.nodes
    migrations = database.project("app", first, lock="none")
    folder = database.folder / "app"
    alter = f"ALTER TABLE events ON CLUSTER {CLUSTER}"
    columns = "(id Int64, v Int64, name String)"
    create = f"CREATE TABLE events ON CLUSTER {CLUSTER} {columns} ENGINE = {database.replicated} ORDER BY id;"
    rows = "INSERT INTO events (id, name) SELECT number, 'x' FROM system.numbers LIMIT 10;"
    write_migration(migrations, "0001_events", f"{create}\n{rows}\n{alter} UPDATE v = v + 1 WHERE id > 3;")
    run(folder, "migrate")
    total = "SELECT count(), sum(v) FROM events"
    assert database.everywhere(total) == [[(10, 6)]] * 2
    down = f"{alter} UPDATE v = v - 2 WHERE id > 3;"
    write_migration(migrations, "0002_more", f"{alter} UPDATE v=v+2 WHERE id>3;\n{alter} DELETE WHERE id = 9;", down)
    second.stop()
    process = start(folder, "migrate", "--force", "-v")
    assert process.stdout is not None
    next(line for line in process.stdout if "1 of 2 hosts done" in line)
    process.kill()
    process.communicate()
    second.start()
    with_replica_informed(database, second, folder, "migrate", "--force")
    assert "2 applied, 0 pending" in run(folder, "status")
    assert database.everywhere(total) == [[(9, 15)]] * 2
    run(folder, "rollback", "--force")
    assert database.everywhere(total) == [[(9, 5)]] * 2
    write_migration(migrations, "0002_more", f"{alter} UPDATE v = toInt64(name) WHERE 1;")
    shown = run(folder, "migrate", code=1)
    assert "The mutation 0000000004 of events fails: Cannot parse string 'x' as Int64" in shown
    assert f"copy them to another table, ALTER TABLE {database.name}.events DROP PARTITION ..., and insert" in shown
    with connect(first.url(database.name)) as conn:
        conn.execute("CREATE TABLE copy ENGINE = Log AS SELECT * FROM events")
        conn.execute("ALTER TABLE events DROP PARTITION tuple()")
        conn.execute("INSERT INTO events (id, v, name) SELECT id, v, name FROM copy")
    write_migration(migrations, "0002_more", f"{alter} UPDATE v = 1 WHERE 1;")
    assert "1 migration applied" in run(folder, "migrate")
    assert database.everywhere(total) == [[(9, 9)]] * 2


def with_replica_informed(database: Database, node: Node, folder: Path, *argv: str) -> None:
    """Run a command; if the replica that was stopped does not learn of a mutation, as happens before 19.3, do what the hint
    says, and run it again."""
    output, code = zygote().run(list(argv), folder, environment())
    if code:
        assert "does not learn of the mutation" in output, output
        with connect(node.url(database.name)) as conn:
            conn.execute("SYSTEM RESTART REPLICA events")
        run(folder, *argv)


def test_rows_on_two_shards(database: Database) -> None:
    """What runs ON CLUSTER runs on each of them, what inserts runs once."""
    first, second = database.servers.nodes
    migrations = database.project("app", first, SHARDS, lock="none")
    folder = database.folder / "app"
    tables = {"events": "MergeTree ORDER BY id", "every": f"Distributed({SHARDS}, {database.name}, events, id)"}
    create = [f"CREATE TABLE {t} ON CLUSTER {SHARDS} (id Int64, v Int64) ENGINE = {e};" for t, e in tables.items()]
    write_migration(migrations, "0001_events", "\n".join(create))
    alter = f"ALTER TABLE events ON CLUSTER {SHARDS}"
    change = [
        "INSERT INTO every (id, v) SELECT number, 0 FROM system.numbers LIMIT 10;",
        f"{alter} UPDATE v = v + 1 WHERE id > 3;",
        f"{alter} DELETE WHERE id = 9;",
        "INSERT INTO events (id, v) SELECT 100, 0;",
    ]
    write_migration(migrations, "0002_rows", "\n".join(change), f"{alter} DELETE WHERE id = id;")
    assert "2 migrations applied" in run(folder, "migrate", "--force")
    assert database.everywhere("SELECT count(), sum(v) FROM events") == [[(6, 3)], [(4, 2)]]
    assert database.everywhere("SELECT count(), sum(v) FROM every") == [[(10, 5)]] * 2
    assert f"(2 servers in 2 shards: {first.host}, {second.host})" in run(folder, "status")
    for table in ("dbwarden_migrations", "dbwarden_journal"):  # both servers have all rows
        one, other = database.everywhere(f"SELECT * FROM {table} ORDER BY id")
        assert one and one == other
    run(folder, "rollback", "--force")
    assert database.everywhere("SELECT count() FROM events") == [[(0,)]] * 2


def test_rows_of_a_distributed_table_are_not_inserted_host_by_host(database: Database) -> None:
    migrations = database.project("app", database.servers.nodes[0], SHARDS, lock="none")
    folder = database.folder / "app"
    engine = f"Distributed({SHARDS}, {database.name}, events, id)"
    create = f"{EVENTS.format(engine=PLAIN)};\nCREATE TABLE every (id Int64) ENGINE = {engine};"
    write_migration(migrations, "0001_events", create)
    insert = "INSERT INTO {} (id) SELECT number FROM system.numbers LIMIT 3;"
    write_migration(migrations, "0002_rows", insert.format("every"))
    for _ in range(2):
        shown = run(folder, "migrate", "--per-node", code=1)
        assert shown.count("every is Distributed, and writes to all hosts") >= 2
        assert database.everywhere("SELECT count() FROM events") == [[(0,)]] * 2
    write_migration(migrations, "0002_rows", insert.format("events"))
    run(folder, "migrate", "--per-node")
    assert database.everywhere("SELECT count() FROM events") == [[(3,)]] * 2


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
