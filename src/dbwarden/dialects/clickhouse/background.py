"""Work that a statement leaves to the server's background, followed until it is done.

1. *Mutations* rewrite the parts of a table one after the other. The server tries a failed one again until somebody kills it,
   and keeps later ones waiting. A mutation whose failure stays is a failed statement, with the server's reason.
2. *Entries of the DDL queue* (ON CLUSTER) go on after the server has given up waiting for the hosts (``ddl_queue``).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from dbwarden.core.ddl.statements import AlterTable, Delete, Update
from dbwarden.core.dialect import INTERIM_PREFIX, Connection, Server
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError, Failure, HostsAway, MutationFailed, PermissionDenied, StatementCancelled

from . import cluster
from .ddl_queue import host_error, patience, wait_for_hosts
from .failures import is_running_on
from .rebuild_state import interim
from .statements import statement
from .table_copy import TableCopy, copy_of, execute_copy
from .table_exchange import Exchange, exchanged_table
from .versions import FAIL_REASON, has, query_with_column
from .words import quote, string_literal

Report = Callable[[str], None]
"""Takes the progress in words; may raise to end the waiting."""

NOWHERE = Server()
"""A server of which nothing is known: statements concern it alone."""
PATIENCE = 3.0
"""Seconds after which the failure of a mutation counts, if it has made no progress meanwhile."""
_PAUSES = 0.05, 1.0
"""Seconds between the first two questions, and between later ones."""
_PASSING = "^Code: (209|210|234|999),"
"""Errors of a replica that waits for another one or for Keeper."""
_UNFINISHED = "341"
"""UNFINISHED: the server waited for a mutation itself, and it failed."""


def execute(conn: Connection, sql: str, report: Report, server: Server = NOWHERE) -> None:
    """Run a statement to its end (``Dialect.execute``)."""
    if INTERIM_PREFIX in sql and _is_rebuild_step(conn, sql, report, server):
        return
    table = mutated_table(sql)
    try:
        conn.execute(sql)
    except DatabaseError as error:
        if is_running_on(error.sqlstate, error.message):
            wait_for_hosts(conn, error, report)
        elif (refusal := host_error(error)) is not None:
            raise refusal from error
        elif table is None or error.sqlstate != _UNFINISHED:
            raise
    if table is not None:
        wait_for_mutations(conn, table, report, server)


def _is_rebuild_step(conn: Connection, sql: str, report: Report, server: Server) -> bool:
    """Run the copying or the exchange of a rebuild; false for any other statement."""
    if (copy := copy_of(conn, sql)) is not None:
        _ensure_same_rows(copy, server)
        execute_copy(copy, sql, report)
        return True
    table = exchanged_table(sql)
    exchange = Exchange.of(conn, interim(table), report) if table is not None else None
    if exchange is None:
        return False
    exchange.run(sql)
    return True


def _ensure_same_rows(copy: TableCopy, server: Server) -> None:
    """Raise ``DatabaseError`` if other servers of the cluster have rows that would not be copied."""
    reason = cluster.different_rows(server, copy.engine) if cluster.named(server) else ""
    if reason:
        raise DatabaseError(
            f"{reason}: the rows of {copy.source.name} would be copied on one of them only, and the tables exchanged on all;"
            " run the file on each host by itself (`migrate --per-node`)"
        )


def mutated_table(sql: str) -> Ref | None:
    """The table whose parts a statement may rewrite; ``None`` if it rewrites none."""
    parsed = statement(sql)
    return parsed.table if isinstance(parsed, AlterTable | Delete | Update) else None


# -- mutations ------------------------------------------------------------------------------------------------------


class Mutation(NamedTuple):
    """A mutation that is not done."""

    id: str
    parts: int
    """Parts that it has still to rewrite."""
    reason: str
    """Why the last attempt failed; empty if none has."""


def wait_for_mutations(conn: Connection, table: Ref, report: Report, server: Server = NOWHERE) -> None:
    """Wait until the mutations of a table are done on every server of the cluster that answers. Raises ``MutationFailed``, and
    ``HostsAway`` if a server does not even learn of them."""
    pause, limit = _PAUSES
    failing: tuple[Mutation, float] | None = None
    uninformed_since = 0.0
    while (pending := _unfinished(conn, table, report, server)) or (late := _uninformed(conn, table, server)):
        if not pending:
            report(f"{table.name}: {', '.join(late)} has yet to learn of the mutation")
            uninformed_since = uninformed_since or time.monotonic()
            if time.monotonic() - uninformed_since >= patience(conn):
                raise _never_informed(table, late)
            time.sleep(pause)
            pause = min(pause * 1.5, limit)
            continue
        report(f"{table.name}: {_parts(max(mutation.parts for mutation in pending))} to rewrite")
        failed = next((mutation for mutation in pending if mutation.reason), None)
        if failed is None or failing is None or failing[0][:2] != failed[:2]:
            failing = (failed, time.monotonic()) if failed is not None else None
        elif time.monotonic() - failing[1] >= PATIENCE:
            raise _mutation_failed(conn, table, failed, server)
        time.sleep(pause)
        pause = min(pause * 1.5, limit)


def _never_informed(table: Ref, hosts: Sequence[str]) -> HostsAway:
    names = ", ".join(hosts)
    return HostsAway(
        f"The replica of {table.name} on {names} does not learn of the mutation, which the others have",
        hint=f"`SYSTEM RESTART REPLICA {table.name}` there lets it read Keeper again; then the same command goes on.",
        hosts=names,
        done="",
        entry="",
    )


def of_table(table: Ref, current: str = "currentDatabase()") -> str:
    """Condition of a system table for the rows of a table. ``current`` is the current database as SQL."""
    database = string_literal(table.schema) if table.schema else current
    return f"database = {database} AND table = {string_literal(table.name)}"


def _unfinished(conn: Connection, table: Ref, report: Report, server: Server) -> list[Mutation]:
    """The mutations that are not done, in their order."""
    columns = "mutation_id, max(parts_to_do), any({}), min(create_time) AS created"
    source = cluster.everywhere(server, "system.mutations")
    current = string_literal(server.default_schema) if server.default_schema else "currentDatabase()"
    sql = f"SELECT {columns} FROM {source} WHERE {of_table(table, current)} AND NOT is_done GROUP BY mutation_id"
    skipping = f" {cluster.SKIPPING}" if cluster.named(server) else ""
    try:
        sql = f"{sql} ORDER BY created, mutation_id{skipping}"
        rows = query_with_column(conn, sql, "latest_fail_reason", "''")
        if rows and not has(server.version, FAIL_REASON):
            reason = _reason_of_replica(conn, table, server)
            rows = [(number, parts, reason, created) for number, parts, _, created in rows]
    except StatementCancelled:  # a signal came: whoever takes the report raises it
        report("")
        raise
    return [Mutation(str(number), int(parts), str(reason)) for number, parts, reason, _ in rows]


def _uninformed(conn: Connection, table: Ref, server: Server) -> list[str]:
    """Hosts of the cluster whose replica of the table does not list the last mutation yet.

    A mutation of a replicated table is a node in Keeper, of which the other replicas learn a moment later. Until then their
    ``system.mutations`` looks as if all was done.
    """
    if not cluster.named(server):
        return []
    where = of_table(table, string_literal(server.default_schema or "default"))
    late = []
    for host in cluster.answering(conn, server):
        sql = f"SELECT zookeeper_path FROM {cluster.on_host(server, host, 'system.replicas')} WHERE {where}"
        for (path,) in conn.query(sql):
            sql = f"SELECT max(name) FROM system.zookeeper WHERE path = {string_literal(f'{path}/mutations')}"
            try:
                ((last,),) = conn.query(sql)
            except PermissionDenied:  # an account that may not read Keeper: what the hosts list has to do
                return []
            source = cluster.on_host(server, host, "system.mutations")
            known = f"SELECT 1 FROM {source} WHERE {where} AND mutation_id = {string_literal(str(last))} LIMIT 1"
            if last and not conn.query(known):
                late.append(host)
    return late


def _reason_of_replica(conn: Connection, table: Ref, server: Server) -> str:
    """Why a mutation of a replicated table fails, on a server that does not say it in ``system.mutations``; empty for tables
    without replicas, whose failures only the server's log has.

    The part that a mutation makes ends with its block number, by which entries of earlier mutations are told from it.
    """
    where = of_table(table, string_literal(server.default_schema) if server.default_schema else "currentDatabase()")
    sql = f"SELECT arrayJoin(block_numbers.number) FROM {cluster.everywhere(server, 'system.mutations')} WHERE {where}"
    numbers = {str(number) for (number,) in conn.query(f"{sql} AND NOT is_done")}
    failed = f"type = 'MUTATE_PART' AND last_exception <> '' AND NOT match(last_exception, '{_PASSING}')"
    source = cluster.everywhere(server, "system.replication_queue")
    entries = conn.query(f"SELECT new_part_name, last_exception FROM {source} WHERE {where} AND {failed}")
    return next((str(text) for part, text in entries if str(part).rpartition("_")[2] in numbers), "")


def _parts(number: int) -> str:
    return "1 part" if number == 1 else f"{number} parts"


def _mutation_failed(conn: Connection, table: Ref, failed: Mutation, server: Server) -> MutationFailed:
    database = table.schema or str(conn.query("SELECT currentDatabase()")[0][0])
    where = f"database = {string_literal(database)} AND table = {string_literal(table.name)}"
    reason = failed.reason.partition(": while executing")[0].partition(". (")[0].removeprefix("Code: ").strip()
    reason = reason.removesuffix(", e.what() = DB::Exception")
    reason = re.sub(r"^(\d+)(?:\.|, e\.displayText\(\) =) DB::Exception: ", "", reason)
    ends = f"or is killed: KILL MUTATION WHERE {where} AND mutation_id = {string_literal(failed.id)}"
    if not has(server.version, FAIL_REASON):  # there is no KILL MUTATION; what is inserted is newer than the mutation
        alter = f"ALTER TABLE {quote(database)}.{quote(table.name)} DROP PARTITION ..."
        ends = f"or has no older rows: copy them to another table, {alter}, and insert them again"
    return MutationFailed(
        f"The mutation {failed.id} of {quote(table.name)} fails: {reason}",
        hint=f"The server tries it again until it succeeds {ends}.",
        failure=Failure.BACKGROUND,
        sqlstate=_UNFINISHED,
    )
