"""What the hosts of a cluster have, on recorded answers; the real servers for it are in ``tests/api/test_per_node.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Cluster, ClusterHost, ClusterMode, Connection, Scope, Server
from dbwarden.core.host_drift import host_differences
from dbwarden.dialects.clickhouse.host_states import host_states, url_of_host
from dbwarden.errors import ConnectionFailed, Unsupported

HOSTS = (
    ClusterHost("ch1:9000", 1, 1, True),
    ClusterHost("ch2:9000", 1, 2),
    ClusterHost("ch1:9000", 2, 1, True),  # a host of two shards
    ClusterHost("ch3:9000", 2, 2),
)
CLUSTER = Cluster(ClusterMode.STATEMENT, "analytics", HOSTS)
EVENTS = ("events", "MergeTree", "CREATE TABLE app.events (`id` Int64) ENGINE = MergeTree ORDER BY id")
ANSWERS = {
    "system.one": [(1, "24.8.1"), (2, "24.8.1")],
    "system.macros": [(1, "replica", "r1"), (2, "replica", "r2")],
    "system.tables": [(1, *EVENTS), (2, *EVENTS)],
}


class Answers:
    """A connection whose answers are recorded, by a part of the query."""

    def __init__(self, answers: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
        self.answers, self.queries = answers, list[str]()

    def query(self, sql: str, params: object = None) -> Sequence[tuple[Any, ...]]:
        self.queries.append(sql)
        return next(rows for part, rows in self.answers.items() if part in sql)

    def close(self) -> None:
        """Close nothing."""


def never(host: ClusterHost) -> Connection:
    raise AssertionError(f"{host.name} was connected to")


def server(*version: int) -> Server:
    return Server(version, "clickhouse", "app")


def test_three_queries_ask_all_hosts_and_those_that_are_silent_are_known() -> None:
    conn = Answers(ANSWERS)
    first, second, third = host_states(conn, CLUSTER, server(24, 8), never)  # type: ignore[arg-type]
    assert [state.host.name for state in (first, second, third)] == ["ch1:9000", "ch2:9000", "ch3:9000"]
    assert first.schema is second.schema
    assert first.schema is not None and [table.name for table in first.schema.tables()] == ["events"]
    assert (first.identity, second.identity) == (("r1",), ("r2",))
    assert (third.schema, third.version) == (None, "")
    assert len(conn.queries) == 3
    assert all(
        f"clusterAllReplicas('analytics', {table})" in sql for table, sql in zip(ANSWERS, conn.queries, strict=True)
    )
    assert all("skip_unavailable_shards = 1" in sql for sql in conn.queries)
    assert "currentDatabase()" not in conn.queries[-1]


def test_a_current_server_answers_for_all_hosts(clickhouse_url: str) -> None:
    """The embedded engine, which is both hosts of a cluster by two names."""
    dialect = dialects.get("clickhouse").for_cluster("twice")
    with connect(clickhouse_url) as conn:
        for number in range(5):
            conn.execute(f"CREATE TABLE t{number} (id Int64) ENGINE = MergeTree ORDER BY id")
        conn.execute("CREATE VIEW v AS SELECT id FROM t1")
        dialect = dialect.for_server(dialect.server_of(conn))
        cluster = dialect.cluster_of(conn)
        assert cluster is not None
        sent = conn.sent
        first, second = dialect.host_states(conn, cluster, never)
        assert conn.sent - sent == 3
        assert [state.host.name for state in (first, second)] == ["127.0.0.1:9000", "localhost:9000"]
        assert first.schema is second.schema
        assert first.schema == dialect.inspect(conn, Scope())
    differences = list(map(str, host_differences((first, second), dialect)))
    assert differences == ["localhost:9000: says that it is the replica 01/r1, as 127.0.0.1:9000 does"]


def test_old_servers_are_asked_one_by_one() -> None:
    asked = list[str]()
    answers = {"version()": [("18.16.1",)], "system.macros": [("replica", "r1")], "system.tables": [EVENTS]}

    def open_host(host: ClusterHost) -> Connection:
        asked.append(host.name)
        if host.name == "ch2:9000":
            refusal = ConnectionFailed(url="", reason="Connection refused", host="", port=1, user="", database="")
            raise refusal
        return Answers(answers)  # type: ignore[return-value]

    cluster = Cluster(ClusterMode.STATEMENT, "analytics", HOSTS[:2])
    first, second = host_states(Answers({}), cluster, server(18, 16), open_host)  # type: ignore[arg-type]
    assert asked == ["ch1:9000", "ch2:9000"]
    assert first.schema is not None and first.version == "18.16.1"
    assert (second.schema, second.error) == (None, "Connection refused")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "clickhouse+native://app:p%40ss@lb:9440/events?secure=1",
            "clickhouse+native://app:p%40ss@ch2:9000/events?secure=1",
        ),
        ("clickhousedb://app@lb:8443/events?secure=1", "clickhousedb://app@ch2:8443/events?secure=1"),
        ("clickhouse://lb/events", "clickhouse://ch2/events"),
    ],
)
def test_the_native_port_is_that_of_the_cluster_and_the_http_port_that_of_the_url(url: str, expected: str) -> None:
    assert url_of_host(url, HOSTS[1], HOSTS[:2]) == expected


def test_over_http_hosts_of_one_name_cannot_be_told_apart() -> None:
    hosts = (ClusterHost("127.0.0.1:9000", 1, 1), ClusterHost("127.0.0.1:9001", 1, 2))
    with pytest.raises(Unsupported, match="several servers on") as refusal:
        url_of_host("clickhouse://lb/events", hosts[0], hosts)
    assert "clickhouse+native://" in (refusal.value.hint or "")
