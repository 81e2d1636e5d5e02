"""Hosts of a cluster are compared with what most of them have."""

from __future__ import annotations

from collections.abc import Iterable

from dbwarden import dialects
from dbwarden.core.dialect import ClusterHost
from dbwarden.core.host_drift import HostState, host_differences
from dbwarden.core.model import Column, Schema, Table
from dbwarden.core.types import DataType

DIALECT = dialects.get("clickhouse")


def schema(*columns: str, tables: Iterable[str] = ("events",)) -> Schema:
    parts = {name: Column(name, DataType("Int32"), False) for name in columns}
    return Schema(Table(name, parts) for name in tables)


def states(*schemas: Schema | None, version: str = "24.8.1", local: int = 0) -> list[HostState]:
    return [
        HostState(ClusterHost(f"host-{number}:9000", 1, number, number - 1 == local), item, version)
        for number, item in enumerate(schemas, 1)
    ]


def texts(hosts: list[HostState]) -> list[str]:
    return list(map(str, host_differences(hosts, DIALECT)))


def test_hosts_with_the_same_definitions_agree() -> None:
    shared = schema("id", "x")
    assert texts(states(shared, shared, schema("id", "x"))) == []


def test_the_host_that_differs_from_most_is_named() -> None:
    assert texts(states(schema("id", "x"), schema("id"), schema("id", "x"))) == [
        "host-2:9000: events: column x Int32 is not there"
    ]
    assert texts(states(schema("id"), schema("id", "x"), schema("id", "x"))) == [
        "host-1:9000: events: column x Int32 is not there"
    ]


def test_of_two_hosts_the_one_that_is_connected_is_the_measure() -> None:
    assert texts(states(schema("id", "x"), schema("id"), local=0)) == [
        "host-2:9000: events: column x Int32 is not there"
    ]
    assert texts(states(schema("id", "x"), schema("id"), local=1)) == [
        "host-1:9000: events: column x Int32 is there, and should not be"
    ]


def test_a_missing_table_and_an_empty_host_are_one_line_each() -> None:
    whole = schema("id", tables=("a", "b", "c"))
    assert texts(states(whole, whole, schema("id", tables=("a", "b")), Schema())) == [
        "host-3:9000: table c (id) is not there",
        "host-4:9000: has none of the 3 tables of the other hosts",
    ]


def test_a_host_that_does_not_answer_is_named_and_not_compared() -> None:
    hosts = states(schema("id"), None)
    assert texts(hosts) == ["host-2:9000: does not answer"]
    assert texts([hosts[0], HostState(hosts[1].host, error="Connection refused")]) == [
        "host-2:9000: does not answer (Connection refused)"
    ]
    assert texts(states(None, None)) == ["host-1:9000: does not answer", "host-2:9000: does not answer"]


def test_versions_and_macros() -> None:
    first, second, third = states(*[schema("id")] * 3)
    macros = {"shard": "01", "replica": "r1"}
    hosts = [
        HostState(first.host, first.schema, "24.8.1", macros, ("01", "r1")),
        HostState(second.host, second.schema, "24.3.9", {"shard": "01"}),
        HostState(third.host, third.schema, "24.8.1", macros, ("01", "r1")),
    ]
    assert texts(hosts) == [
        "host-2:9000: has version 24.3.9, the others 24.8.1",
        "host-2:9000: lacks the macro {replica}",
        "host-3:9000: says that it is the replica 01/r1, as host-1:9000 does",
    ]
