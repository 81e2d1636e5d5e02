"""The queue of a cluster, by answers recorded on 18.16 (Keeper itself) and those of the documentation (the system table)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dbwarden.dialects.clickhouse import ddl_queue
from dbwarden.errors import DatabaseError, Failure, HostsAway

OLD = (
    "Watching task /queue/ddl/query-0000000007 is executing longer than distributed_ddl_task_timeout (=5) seconds. There are 1"
    " unfinished hosts (0 of them are currently active), they are going to execute the query in background"
)
ENTRY = (
    "version: 1\nquery: CREATE TABLE app.t ON CLUSTER both ( id Int64) ENGINE = MergeTree ORDER BY id\n"
    "hosts: ['127%2E0%2E0%2E1:9001','127%2E0%2E0%2E1:9002']\ninitiator: vm:9001\n"
)
FAILED = "57\nCode: 57, e.displayText() = DB::Exception: Table app.t already exists.\n"


class Keeper:
    """A server without the system table of the queue. Each reading shows the next of the ``finished`` nodes."""

    parameters: Mapping[str, str] = {"distributed_ddl_task_timeout": "0"}

    def __init__(self, *finished: Mapping[str, str]) -> None:
        self.finished = list(finished)

    def query(self, sql: str, params: Any = None) -> list[tuple[Any, ...]]:
        if "distributed_ddl_queue" in sql:
            raise DatabaseError("Table system.distributed_ddl_queue doesn't exist", failure=Failure.MISSING_TABLE)
        if "name = 'query-0000000007'" in sql:
            assert "path = '/queue/ddl'" in sql
            return [(ENTRY,)]
        assert "path = '/queue/ddl/query-0000000007/finished'" in sql
        nodes = self.finished.pop(0) if len(self.finished) > 1 else self.finished[0]
        return [(f"127%2E0%2E0%2E1:{port}", status) for port, status in nodes.items()]


def wait(keeper: Keeper) -> list[str]:
    """Progress up to the end."""
    progress: list[str] = []
    ddl_queue.wait_for_hosts(keeper, DatabaseError(OLD, sqlstate="159"), progress.append)  # type: ignore[arg-type]
    return progress


def test_keeper_shows_which_hosts_are_done() -> None:
    progress = wait(Keeper({}, {"9001": "0"}, {"9001": "0", "9002": "0"}))
    waiting = "hosts done, waiting for 127.0.0.1"
    assert progress == [f"0 of 2 {waiting}:9001, 127.0.0.1:9002", f"1 of 2 {waiting}:9002"]


def test_keeper_has_the_errors_of_hosts() -> None:
    with pytest.raises(DatabaseError, match=r"127\.0\.0\.1:9002: .*already exists.* \(executed on 127\.0\.0\.1:9001\)"):
        wait(Keeper({"9001": "0", "9002": FAILED}))


def test_a_host_without_an_answer() -> None:
    with pytest.raises(HostsAway, match=r"Executed on 1 of 2 hosts of the cluster, but not yet on 127\.0\.0\.1:9002"):
        wait(Keeper({"9001": "0"}))


class ReplicatedDatabase(Keeper):
    """A server with a database of the engine ``Replicated``, whose log names no hosts (by documentation)."""

    def query(self, sql: str, params: Any = None) -> list[tuple[Any, ...]]:
        if "distributed_ddl_queue" in sql:
            return []
        if "name = 'query-0000000007'" in sql:
            return [("version: 5\nquery: CREATE TABLE app.t ...\nhosts: []\ninitiator: 01|r1\n",)]
        if "path = '/databases/app/replicas'" in sql:
            return [("01|r1", ""), ("01|r2", "")]
        assert "path = '/databases/app/log/query-0000000007/finished'" in sql
        nodes = self.finished.pop(0) if len(self.finished) > 1 else self.finished[0]
        return list(nodes.items())


def test_the_log_of_a_replicated_database_is_for_all_its_replicas() -> None:
    progress: list[str] = []
    words = "Distributed DDL task /databases/app/log/query-0000000007 is not finished on 1 of 2 hosts"
    replicas = ReplicatedDatabase({"01|r1": "0"}, {"01|r1": "0", "01|r2": "0"})
    ddl_queue.wait_for_hosts(replicas, DatabaseError(words, sqlstate="159"), progress.append)  # type: ignore[arg-type]
    assert progress == ["1 of 2 hosts done, waiting for 01|r2"]


@pytest.mark.parametrize(
    ("message", "host", "code"),
    [
        (
            "There was an error on [127.0.0.1:9002]: Code: 57, e.displayText() = DB::Exception: Table t already exists",
            "127.0.0.1:9002: Table t already exists",
            "57",
        ),
        (
            "There was an error on [ch2:9000]: Code: 60. DB::Exception: Table app.t does not exist. (UNKNOWN_TABLE)",
            "ch2:9000: Table app.t does not exist. (UNKNOWN_TABLE)",
            "60",
        ),
    ],
)
def test_the_error_of_a_host_names_it_first(message: str, host: str, code: str) -> None:
    refusal = ddl_queue.host_error(DatabaseError(message, sqlstate=code))
    assert refusal is not None
    assert (refusal.message, refusal.sqlstate) == (host, code)
    assert ddl_queue.host_error(DatabaseError("Table t already exists", sqlstate="57")) is None
