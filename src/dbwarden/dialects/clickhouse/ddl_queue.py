"""The DDL queue of a cluster: which hosts have executed an ON CLUSTER statement, and with what result.

The server puts the statement into a queue in Keeper and waits for the hosts. After ``distributed_ddl_task_timeout`` it
answers with the error 159, which names the entry of the queue; the hosts go on. The entry is then read from
``system.distributed_ddl_queue`` or, on servers without that table (before 21.1) and for the log of a replicated database,
from Keeper itself (``system.zookeeper``): the children of its node ``finished`` are the hosts that are done.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from dbwarden.core.dialect import Connection, Server
from dbwarden.errors import ConnectionLost, DatabaseError, Failure, HostsAway, PermissionDenied

from . import cluster
from .failures import is_running_on
from .words import quote, string_literal

Report = Callable[[str], None]
"""Takes the progress in words; may raise to end the waiting."""

PATIENCE = 180.0
"""Seconds to wait while no further host executes an entry, unless the URL has ``distributed_ddl_task_timeout``."""
_PAUSES = 0.05, 1.0
"""Seconds between the first two questions, and between later ones."""
_NO_TABLE = "dbwarden_no_such_table"
"""Name of a table that does not exist, of which an entry that changes nothing speaks."""
_ENTRY = re.compile(r"(/[^\s,]*)/(query-\d+)")
_HOSTS = re.compile(r"hosts: \[([^\]]*)\]")
_NAME = re.compile(r"'((?:[^'\\]|\\.)*)'")
_HOST_ERROR = re.compile(r"There was an error on \[(?P<host>[^\]]+)\]: ?(?P<text>.*)", re.DOTALL)


class HostResult(NamedTuple):
    """What a host has made of an entry."""

    host: str
    done: bool
    code: str = "0"
    """Number of its error; ``0`` for none."""
    text: str = ""


def wait_for_hosts(conn: Connection, error: DatabaseError, report: Report) -> None:
    """Wait until all hosts have executed the entry of the queue that ``error`` names.

    Raises the error of a host, and ``HostsAway`` with the names of those that do not take up the entry: they execute it
    when they are back.
    """
    entry = _ENTRY.search(error.message)
    if entry is None:
        raise ConnectionLost(error.message, sqlstate=error.sqlstate, sql=error.sql) from error
    pause, limit = _PAUSES
    longest, since, last = patience(conn), time.monotonic(), -1
    results = _results(conn, *entry.groups())
    if not results:
        raise ConnectionLost(error.message, sqlstate=error.sqlstate, sql=error.sql) from error
    while waiting := [result.host for result in results if not result.done]:
        done, missing = len(results) - len(waiting), ", ".join(waiting)
        report(f"{done} of {len(results)} hosts done, waiting for {missing}")
        if done != last:
            since, last = time.monotonic(), done
        elif time.monotonic() - since >= longest:
            _ensure_none_failed(results, error)
            numbers = f"{done} of {len(results)}"
            raise HostsAway(
                hosts=missing, done=numbers, entry=entry[2], sqlstate=error.sqlstate, sql=error.sql
            ) from error
        time.sleep(pause)
        pause = min(pause * 1.5, limit)
        results = _results(conn, *entry.groups())
    _ensure_none_failed(results, error)


def pass_queue(conn: Connection, server: Server, report: Report) -> None:
    """Wait until all hosts of the cluster are done with the entries that the queue has now. Raises ``HostsAway``.

    A host executes its entries one after the other, as long as ``distributed_ddl.pool_size`` is 1 (the default). So an entry that
    changes nothing is done only when those before it are.
    """
    table = f"{quote(server.default_schema or 'default')}.{_NO_TABLE}"
    sql = f"DROP TABLE IF EXISTS {table} ON CLUSTER {string_literal(cluster.named(server))}"
    try:
        conn.execute(sql)
    except DatabaseError as error:
        if not is_running_on(error.sqlstate, error.message):
            raise
        try:
            wait_for_hosts(conn, error, report)
        except HostsAway as away:
            words = f"No answer from the queue of the cluster on {away.hosts}, which may still execute the statement"
            raise HostsAway(words, hosts=away.hosts, done="", entry=away.entry) from error


def host_error(error: DatabaseError) -> DatabaseError | None:
    """The error of a host in that of the server that the statement was sent to; ``None`` for any other error."""
    match = _HOST_ERROR.search(error.message)
    if match is None:
        return None
    text = match["text"].strip()
    number = re.match(r"Code: (\d+)[.,]\s*", text)
    text = re.sub(r"^(?:e\.displayText\(\) = )?DB::Exception: ", "", text[number.end() :] if number else text)
    code = number[1] if number else error.sqlstate
    failure = error.failure
    return DatabaseError(f"{match['host']}: {text}", sqlstate=code, sql=error.sql, failure=failure)


def patience(conn: Connection) -> float:
    """Seconds to wait for hosts that make no progress."""
    parameters: Mapping[str, str] = getattr(conn, "parameters", {})
    text = parameters.get("distributed_ddl_task_timeout", "")
    return float(text) if text.isdecimal() else PATIENCE


def _ensure_none_failed(results: Sequence[HostResult], error: DatabaseError) -> None:
    """Raise the error of the first host that has one, with the hosts that executed the statement."""
    failed = next((result for result in results if result.code != "0"), None)
    if failed is None:
        return
    done = [result.host for result in results if result.done and result.code == "0"]
    also = f" (executed on {', '.join(done)})" if done else ""
    raise DatabaseError(f"{failed.host}: {failed.text}{also}", sqlstate=failed.code, sql=error.sql)


# -- reading an entry -------------------------------------------------------------------------------------------------


def _results(conn: Connection, queue: str, entry: str) -> list[HostResult]:
    """The result of each host."""
    try:
        rows = conn.query(
            "SELECT host, port, toString(status), exception_code, exception_text FROM system.distributed_ddl_queue"
            f" WHERE entry = {string_literal(entry)} ORDER BY host, port"
        )
    except PermissionDenied:
        raise
    except DatabaseError as error:
        if error.failure is not Failure.MISSING_TABLE:
            raise
        rows = []
    if not rows:
        return _results_in_keeper(conn, queue, entry)
    return [
        HostResult(f"{host}:{port}", status == "Finished", str(code or 0), str(text or ""))
        for host, port, status, code, text in rows
    ]


def _results_in_keeper(conn: Connection, queue: str, entry: str) -> list[HostResult]:
    """The result of each host, by the nodes of the entry in Keeper."""
    wanted = f"path = {string_literal(queue)} AND name = {string_literal(entry)}"
    nodes = conn.query(f"SELECT value FROM system.zookeeper WHERE {wanted}")
    listed = _HOSTS.search(str(nodes[0][0])) if nodes else None
    finished = _children(conn, f"{queue}/{entry}/finished")
    names = _NAME.findall(listed[1]) if listed is not None else []
    if not names:  # the log of a replicated database is for all its replicas
        names = list(_children(conn, f"{queue.rpartition('/')[0]}/replicas"))
    return [_result(unquote(name), finished.get(name)) for name in dict.fromkeys(names)]


def _children(conn: Connection, path: str) -> dict[str, str]:
    rows = conn.query(f"SELECT name, value FROM system.zookeeper WHERE path = {string_literal(path)}")
    return {str(name): str(value) for name, value in rows}


def _result(host: str, status: str | None) -> HostResult:
    if status is None:
        return HostResult(host, False)
    code, _, text = status.partition("\n")
    return HostResult(host, True, code.strip() or "0", text.replace("\\'", "'").replace("\\n", " ").strip())
