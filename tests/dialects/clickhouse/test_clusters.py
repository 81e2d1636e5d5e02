"""Clusters, on the recorded answers of servers that are part of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from dbwarden.core.dialect import ClusterHost, ClusterMode
from dbwarden.dialects.clickhouse import cluster
from dbwarden.errors import UnknownCluster

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
