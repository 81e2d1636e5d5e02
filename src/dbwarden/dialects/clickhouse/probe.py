"""Probing whether a statement that was interrupted took effect.

Every statement is applied by itself. ``_row`` has a case for each kind, with a function that looks in the catalogue. Before
it looks, ``probe`` waits until the server no longer executes the statement, and until the mutations of its table are done:
the server goes on after its client has died.

One ALTER TABLE changes the definition atomically. UPDATE and DELETE are found in ``system.mutations`` by their text, as the
server formats it, and the time since which it can be there. INSERT ... SELECT is not atomic: only an empty table shows that
nothing of it remains. Nothing shows whether two tables have changed places.

A statement ON CLUSTER is probed on every server of the cluster. If their answers differ, all entries of the DDL queue are
waited for (``ddl_queue.pass_queue``), after which no server will still execute the statement, and the servers are asked again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from dbwarden.core.ddl.statements import (
    AlterObject,
    AlterTable,
    CreateObject,
    CreateTable,
    Delete,
    DropObject,
    DropTable,
    Grant,
    Insert,
    Maintain,
    RenameTables,
    Select,
    Set,
    Truncate,
    Update,
    Utility,
)
from dbwarden.core.dialect import Connection, Server
from dbwarden.core.statement import Evidence, Recovery
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError, Failure, PartlyExecuted

from . import cluster
from .background import mutated_table, wait_for_mutations
from .ddl_queue import pass_queue
from .definition_reader import read
from .new_objects import copies_rows, new_objects
from .on_cluster import cluster_of, without_cluster
from .probe_alter import lightweight_command, mutated, probes_of_clauses
from .probe_catalog import Look, SentStatement, SystemTables, qualified, wait_for_other_connections
from .rebuild_state import has_been_exchanged
from .statements import statement
from .table_copy import is_copy
from .table_exchange import Exchange, exchanged_table
from .words import string_literal


def recovery(sql: str, server: Server) -> Recovery:
    """How a later run recovers from an interruption of the statement. Where a statement runs on several servers, each of them
    has to be asked, so that it is not announced with others."""
    parsed = statement(sql)
    evidence = _row(sql)[0]
    match parsed:
        case Insert(source=Ref()) if evidence is not _AGAIN:
            return Recovery(evidence, "rows that it had inserted before")
        case DropTable(others=(_, *_)):
            return Recovery(evidence, "some of its tables dropped")
        case AlterTable(mutations=(_, *_)) | Delete() | Update():
            return Recovery(evidence, "a mutation")
        case _:
            several = cluster.named(server) or cluster.is_replicated(server)
            return Recovery(evidence, creates=() if several else new_objects(sql))


def probe(conn: Connection, sql: str, attempt: SentStatement, server: Server) -> bool | None:
    """Whether the statement took effect (``Dialect.probe``). Raises ``PartlyExecuted`` if servers of the cluster differ."""
    evidence, look = _row(sql)
    wait_for_other_connections(conn, sql)
    table = mutated_table(sql)
    if table is not None:
        wait_for_mutations(conn, table, lambda words: None, server)
    if evidence is Evidence.REPEATABLE:
        return False
    if look is None:
        return False if attempt.refused and not isinstance(statement(sql), Insert) else None
    try:
        if cluster_of(sql) is not None and cluster.named(server):
            return _on_every_host(SystemTables(conn, attempt, server), look, sql)
        return look(SystemTables(conn, attempt, server))
    except DatabaseError as error:
        if error.failure not in (Failure.PERMISSION, Failure.MISSING_OBJECT):  # an earlier server lacks a function
            raise
        return None


def _on_every_host(catalog: SystemTables, look: Look, sql: str) -> bool | None:
    """The common answer of all servers of the cluster. Raises ``PartlyExecuted`` if there is none."""
    conn, server = catalog.conn, catalog.server
    cluster.ensure_answering(conn, server)
    answers = _ask(catalog, look)
    if len({*answers.values()}) > 1:
        pass_queue(conn, server, lambda words: None)
        answers = _ask(catalog, look)
    if len({*answers.values()}) == 1:
        return next(iter(answers.values()))
    done, left, unknown = ([host for host, answer in answers.items() if answer is kind] for kind in (True, False, None))
    raise PartlyExecuted.of(without_cluster(sql), done, left, unknown)


def _ask(catalog: SystemTables, look: Look) -> dict[str, bool | None]:
    """What each server of the cluster shows."""
    return {host: look(replace(catalog, host=host)) for host in cluster.hosts(catalog.server)}


# -- statements -----------------------------------------------------------------------------------------------------

_SHOWN, _AGAIN, _NONE = Evidence.CATALOGUE, Evidence.REPEATABLE, Evidence.NONE
_REPEATED = frozenset(("SYSTEM", "KILL", "USE", "SET"))
"""First words of statements that may run again."""


def _row(sql: str) -> tuple[Evidence, Look | None]:
    """Evidence and probing function of a statement."""
    parsed = statement(sql)
    match parsed:
        case AlterTable():
            looks = list(probes_of_clauses(sql, parsed))
            return (_SHOWN, partial(_together, looks)) if looks else (_AGAIN, None)
        case CreateTable() if copies_rows(sql):
            return _SHOWN, partial(_filled, parsed.table)
        case CreateTable():
            return _SHOWN, partial(_table_created, parsed)
        case DropTable():
            return _SHOWN, partial(_dropped, parsed.tables)
        case RenameTables() if (exchanged := exchanged_table(sql)) is not None:
            return _SHOWN, partial(_exchanged, exchanged)
        case RenameTables((first, second)) if (first.table, first.new) == (second.new, second.table):  # EXCHANGE
            return _NONE, lambda catalog: False if catalog.refused else None
        case RenameTables():
            return _SHOWN, partial(_renamed, parsed)
        case Truncate((table, *_)):
            return _SHOWN, partial(_emptied, table)
        case Insert() if is_copy(sql):
            return _AGAIN, None  # what is already copied is not copied again
        case Insert():
            return _SHOWN, partial(_inserted, parsed)
        case Update() | Delete():
            return _SHOWN, partial(mutated, parsed.table, lightweight_command(sql, parsed))
        case CreateObject("materialized_view", Ref() as view) if "populate" in read(sql).clauses:
            return _SHOWN, partial(_filled, view)
        case CreateObject() | DropObject() | AlterObject():
            return _object(parsed)
        case Maintain() | Set() | Select() | Grant():
            return _AGAIN, None
        case Utility((word, *_)) if word in _REPEATED:
            return _AGAIN, None
        case _:
            return _NONE, None


def _together(looks: Sequence[Look], catalog: SystemTables) -> bool | None:
    """The common answer about the clauses of one statement; ``None`` if they differ."""
    answers = {look(catalog) for look in looks}
    return answers.pop() if len(answers) == 1 else None


_PLACES = {
    "view": "tables WHERE database = {database} AND name = {name}",
    "materialized_view": "tables WHERE database = {database} AND name = {name}",
    "dictionary": "dictionaries WHERE database = {database} AND name = {name}",
    "function": "functions WHERE name = {name} AND origin <> 'System'",
    "database": "databases WHERE name = {name}",
    "user": "users WHERE name = {name}",
    "role": "roles WHERE name = {name}",
    "quota": "quotas WHERE name = {name}",
    "settings profile": "settings_profiles WHERE name = {name}",
    "row policy": "row_policies WHERE short_name = {name}",
    "named collection": "named_collections WHERE name = {name}",
}
"""System table and condition of an object, by kind."""


def _object(parsed: CreateObject | DropObject | AlterObject) -> tuple[Evidence, Look | None]:
    match parsed:
        case CreateObject(repeatable=True):
            return _AGAIN, None
        case CreateObject(kind, Ref() as ref) if kind in _PLACES:
            return _SHOWN, partial(_is_there, kind, ref, True)
        case DropObject(kind, (ref, *_)) if kind in _PLACES:
            return _SHOWN, partial(_is_there, kind, ref, False)
        case AlterObject(kind, Ref(), ("RENAME", *_), Ref() as new) if kind in _PLACES:
            return _SHOWN, partial(_is_there, kind, new, True)
        case AlterObject(words=("DETACH", *_)):
            return _NONE, None
        case AlterObject():
            return _AGAIN, None
        case _:
            return _NONE, None


def _is_there(kind: str, ref: Ref, wanted: bool, catalog: SystemTables) -> bool:
    place = _PLACES[kind].format(name=string_literal(ref.name), database=catalog.database_of(ref))
    return catalog.exists(place) is wanted


# -- tables ---------------------------------------------------------------------------------------------------------


def _table_created(created: CreateTable, catalog: SystemTables) -> bool | None:
    """Whether the table exists with the columns of the statement. With OR REPLACE, the one before may have had the same."""
    if not catalog.engine(created.table):
        return False
    listed = [column.name for column in created.columns]
    alike = created.if_not_exists or _begin_with(catalog.columns(created.table), listed)
    return None if alike and created.replaces else alike


def _begin_with(present: Sequence[str], listed: Sequence[str]) -> bool:
    """Whether the first columns are the listed ones. A column ``n`` of type Nested is stored as ``n.a``, ``n.b`` and so on."""
    left = deque(present)
    for name in listed:
        if left and left[0] == name:
            left.popleft()
        elif left and left[0].startswith(f"{name}."):
            while left and left[0].startswith(f"{name}."):
                left.popleft()
        else:
            return False
    return True


def _filled(created: Ref, catalog: SystemTables) -> bool | None:
    """CREATE TABLE ... AS SELECT and CREATE MATERIALIZED VIEW ... POPULATE create the object first, and then insert: one that
    exists may lack rows."""
    return None if catalog.engine(created) else False


def _dropped(tables: Sequence[Ref], catalog: SystemTables) -> bool:
    """Whether all tables are gone. If some of a list are, the rest follows."""
    left = [table for table in tables if catalog.engine(table)]
    if left and len(left) < len(tables) and not catalog.host:
        for table in left:
            catalog.conn.execute(f"DROP TABLE {qualified(table)}")
        return True
    return not left


def _renamed(statement: RenameTables, catalog: SystemTables) -> bool | None:
    """Whether the names that only exist before the statement are gone and those that only exist after it are there.

    ``None`` if the names are the same before and after.
    """
    before: dict[Ref, bool] = {}
    after: dict[Ref, bool] = {}
    for rename in statement.renames:
        before.setdefault(rename.table, True)
        before.setdefault(rename.new, False)
        after[rename.table], after[rename.new] = after.get(rename.table, False), True
    places = {ref: bool(catalog.engine(ref)) for ref in before if before[ref] is not after[ref]}
    if not places:
        return False if catalog.refused else None
    if all(there is after[ref] for ref, there in places.items()):
        return True
    return False if all(there is before[ref] for ref, there in places.items()) else None


def _exchanged(table: Ref, catalog: SystemTables) -> bool | None:
    """Whether the tables have been exchanged; then what the interrupted run had still to do is done."""
    answer = has_been_exchanged(catalog.conn, table)
    exchange = Exchange.of(catalog.conn, table, lambda words: None) if answer else None
    if exchange is not None:
        exchange.finish()
    return answer


def _emptied(table: Ref, catalog: SystemTables) -> bool | None:
    """True for an empty table. One with rows may have got them since."""
    return True if catalog.empty(table) else False if catalog.refused else None


def _inserted(inserted: Insert, catalog: SystemTables) -> bool | None:
    """False if the table is empty: nothing of the statement remains.

    Rows for a Distributed table may still wait on the server for their shards, unless it waits for these (``connector``).
    """
    if catalog.engine(inserted.table) == "Distributed" and not catalog.exists(
        "settings WHERE name IN ('insert_distributed_sync', 'distributed_foreground_insert') AND value = '1'"
    ):
        return None
    return False if catalog.engine(inserted.table) and catalog.empty(inserted.table) else None
