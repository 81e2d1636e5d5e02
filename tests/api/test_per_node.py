"""A cluster whose hosts are compared, and migrated one by one: on two real servers of an old release."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbwarden.api.check import check
from dbwarden.api.check_db import check_db
from dbwarden.api.connection import connect
from dbwarden.api.diff import diff
from dbwarden.api.status import status
from dbwarden.errors import UnknownNode
from tests.servers.clickhouse_cluster import CLUSTER, Servers
from tests.support.command import rows, run

CREATE = """-- upgrade
CREATE TABLE events (id UInt64, day Date)
ENGINE = ReplicatedMergeTree('/{path}/{{shard}}/events', '{{replica}}') PARTITION BY toYYYYMM(day) ORDER BY id;
CREATE TABLE plain (id UInt64) ENGINE = MergeTree ORDER BY id;

-- rollback
DROP TABLE plain;
DROP TABLE events;
"""
CHANGE = """-- upgrade
ALTER TABLE events ADD COLUMN x Int32;
ALTER TABLE plain ADD COLUMN x Int32;
INSERT INTO events (id, day, x) SELECT 1, '2024-01-01', 5;
INSERT INTO plain (id, x) SELECT 1, 5;

-- rollback
ALTER TABLE plain DROP COLUMN x;
ALTER TABLE events DROP COLUMN x;
"""

_databases = iter(range(1000))


@pytest.fixture
def project(clickhouse_nodes: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A project on a database that both servers have; its name."""
    name = f"app{next(_databases)}"
    clickhouse_nodes.create_database(name)
    (tmp_path / "warden.py").write_text(
        "from dbwarden import database_config\n"
        f"database_config(database_name='app', default=True, cluster='{CLUSTER}', model_paths=['shop.py'],\n"
        f"                database_url_sync='{clickhouse_nodes.nodes[0].url(name)}')\n"
    )
    (tmp_path / "shop.py").write_text("from sqlalchemy import MetaData\nmetadata = MetaData()\n")
    folder = tmp_path / "migrations" / "app"
    folder.mkdir(parents=True)
    (folder / "0001_create.sql").write_text(CREATE.format(path=name))
    monkeypatch.chdir(tmp_path)
    yield name


def test_each_host_is_a_target_with_a_history_of_its_own(clickhouse_nodes: Servers, project: str) -> None:
    hosts = [f"app@{node.host}" for node in clickhouse_nodes.nodes]
    run(Path.cwd(), "migrate", "--per-node")
    Path("migrations/app/0002_change.sql").write_text(CHANGE)
    shown = run(Path.cwd(), "status", "--per-node")
    assert [f"{host}  1 applied, 1 pending" in shown for host in hosts] == [True, True]
    run(Path.cwd(), "migrate", "-d", hosts[1])
    assert [status(host).pending for host in hosts] == [1, 0]
    run(Path.cwd(), "migrate", "--per-node")  # the column is there already on the first, by replication
    for node in clickhouse_nodes.nodes:
        assert rows(node.url(project), "SELECT id, x FROM plain") == [(1, 5)]
        with connect(node.url(project)) as conn:
            conn.execute("SYSTEM SYNC REPLICA events")
            assert conn.query("SELECT id, x FROM events") == [(1, 5)]  # once, not twice
    run(Path.cwd(), "rollback", "--per-node", "--force")
    for node in clickhouse_nodes.nodes:
        assert rows(node.url(project), "SELECT * FROM plain") == [(1,)]
    run(Path.cwd(), "rollback", "--per-node", "--force")
    assert [status(host).applied for host in hosts] == [0, 0]


def test_a_host_that_is_away_is_named_and_the_other_is_migrated(clickhouse_nodes: Servers, project: str) -> None:
    away = clickhouse_nodes.nodes[1]
    away.stop()
    try:
        first, second = json.loads(run(Path.cwd(), "--json", "migrate", "--per-node", code=1))["databases"]
        assert (first["host"], first["applied"]) == (f"app@{clickhouse_nodes.nodes[0].host}", 1)
        assert (second["database"], second["error"]["code"]) == (f"app@{away.host}", "ConnectionFailed")
        shown = shown_drift(f"1 difference between the hosts of the cluster {CLUSTER}:\n  {away.host}: does not answer")
        assert {len(lines) for lines in shown.values()} == {1}
        assert all(lines[0].startswith(f"{away.host}: does not answer") for lines in shown.values())
        assert not check().clean
    finally:
        away.start()
    run(Path.cwd(), "migrate", "--per-node")
    assert check_db().host_drift.differences == ()  # type: ignore[union-attr]


def shown_drift(text: str) -> dict[str, list[str]]:
    """The differences between the hosts that each command reports, which have to be those that its text has."""
    reported = {}
    for command in ("status", "diff", "check", "check-db"):
        code = () if command == "check-db" else ("--exit-code",)
        assert text in run(Path.cwd(), command, *code, code=4 if code else 0)
        drift = json.loads(run(Path.cwd(), "--json", command))["host_drift"]
        reported[command] = [f"{item['host']}: {item['text']}" for item in drift["differences"]]
    return reported


def test_a_host_with_another_definition_is_named(clickhouse_nodes: Servers, project: str) -> None:
    second = clickhouse_nodes.nodes[1]
    run(Path.cwd(), "migrate", "--per-node")
    with connect(second.url(project)) as conn:
        conn.execute("ALTER TABLE plain ADD COLUMN x Int32")
        conn.execute("DROP TABLE events")
    drift = diff().host_drift
    assert drift is not None
    expected = [
        f"{second.host}: table events (id, day) is not there",
        f"{second.host}: plain: column x Int32 is there, and should not be",
    ]
    assert [str(item) for item in drift.differences] == expected
    shown = shown_drift(f"2 differences between the hosts of the cluster {CLUSTER}:\n  {expected[0]}\n  {expected[1]}")
    assert shown == dict.fromkeys(shown, expected)


def test_a_host_that_the_cluster_does_not_have_is_refused(clickhouse_nodes: Servers, project: str) -> None:
    with pytest.raises(UnknownNode, match="has no server 'elsewhere:9000'"):
        status("app@elsewhere:9000")


def test_a_history_that_the_hosts_share_is_refused(project: str) -> None:
    configuration = Path("warden.py")
    configuration.write_text(configuration.read_text().replace("cluster=", "lock='none', cluster="))
    run(Path.cwd(), "migrate")
    Path("migrations/app/0002_change.sql").write_text(CHANGE)
    shown = run(Path.cwd(), "migrate", "--per-node", code=1)
    assert shown.count("the history of this database is replicated") == 2
    assert "1 applied, 1 pending" in run(Path.cwd(), "status")


def test_a_host_that_lacks_a_part_of_a_file_gets_the_rest(clickhouse_nodes: Servers, project: str) -> None:
    second = clickhouse_nodes.nodes[1]
    run(Path.cwd(), "migrate", "--per-node")
    with connect(second.url(project)) as conn:
        conn.execute("CREATE TABLE more (other Int8) ENGINE = Log")  # by hand
    more = "ALTER TABLE plain ADD COLUMN x Int32;\nCREATE TABLE more (id UInt64) ENGINE = MergeTree ORDER BY id;"
    down = "DROP TABLE more;\nALTER TABLE plain DROP COLUMN x;"
    Path("migrations/app/0002_more.sql").write_text(f"-- upgrade\n{more}\n\n-- rollback\n{down}\n")
    assert f"app@{second.host}  failed: 0002_more.sql:3: statement 2 of 2" in run(
        Path.cwd(), "migrate", "--per-node", code=1
    )
    with connect(second.url(project)) as conn:
        conn.execute("DROP TABLE more")
    run(Path.cwd(), "migrate", "--per-node")
    names = f"SELECT table, name FROM system.columns WHERE database = '{project}' AND table IN ('plain', 'more')"
    assert [sorted(rows(node.url(project), names)) for node in clickhouse_nodes.nodes] == [
        [("more", "id"), ("plain", "id"), ("plain", "x")]
    ] * 2
    run(Path.cwd(), "rollback", "--per-node", "--force")
    assert [rows(node.url(project), names) for node in clickhouse_nodes.nodes] == [[("plain", "id")]] * 2


def test_hosts_with_histories_of_their_own_are_not_migrated_as_one(clickhouse_nodes: Servers, project: str) -> None:
    """The way to one history is that of the message."""
    configuration = Path("warden.py")
    configuration.write_text(configuration.read_text().replace("cluster=", "lock='none', cluster="))
    run(Path.cwd(), "migrate", "--per-node")
    more = f"-- upgrade\nCREATE TABLE more ON CLUSTER {CLUSTER} (id UInt64) ENGINE = MergeTree ORDER BY id;\n"
    Path("migrations/app/0002_more.sql").write_text(f"{more}\n-- rollback\nDROP TABLE more ON CLUSTER {CLUSTER};\n")
    shown = run(Path.cwd(), "migrate", code=1)
    assert "the host has a history of its own" in shown
    assert "rename dbwarden_migrations, dbwarden_journal, dbwarden_seeds on each of them" in shown
    for node in clickhouse_nodes.nodes:
        with connect(node.url(project)) as conn:
            for name in ("migrations", "journal", "seeds"):
                conn.execute(f"RENAME TABLE dbwarden_{name} TO dbwarden_{name}_alone")
    run(Path.cwd(), "migrate", "--baseline", "--to-version", "0001")
    assert "1 migration applied" in run(Path.cwd(), "migrate")
    assert [rows(node.url(project), "SELECT count() FROM more") for node in clickhouse_nodes.nodes] == [[(0,)]] * 2
