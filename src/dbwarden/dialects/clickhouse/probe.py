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

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import NamedTuple, TypeAlias

from dbwarden.core.ddl.alter import clause_tokens
from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.ddl.parse import cursor_at
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
from dbwarden.errors import DatabaseBusy, DatabaseError, Failure, PartlyExecuted

from . import cluster
from .background import mutated_table, of_table, wait_for_mutations
from .ddl_queue import pass_queue
from .definition_reader import read
from .mutations import mutation_key
from .new_objects import copies_rows, new_objects
from .on_cluster import cluster_of, without_cluster
from .rebuild_state import has_been_exchanged
from .statements import grammar, statement
from .table_copy import is_copy
from .table_exchange import Exchange, exchanged_table, rebuilt_form
from .versions import FORMAT_QUERY, has, query_with_column
from .words import quote, string_literal

WAIT = 60.0
"""Seconds to wait for another connection that still executes the statement."""
_PAUSE = 0.1
_CURRENT = "currentDatabase()"


class SentStatement(NamedTuple):
    """The attempt to run a statement."""

    refused: bool
    """Whether the server reported an error."""
    since: datetime | None
    """When the statement was about to be sent; ``None`` if that is not known."""


@dataclass(frozen=True, slots=True)
class SystemTables:
    """What the system tables of one server say about the objects of a statement."""

    conn: Connection
    attempt: SentStatement
    server: Server
    host: str = ""
    """The server, by its name in the cluster; empty for that of the connection."""

    @property
    def since(self) -> datetime | None:
        return self.attempt.since

    @property
    def refused(self) -> bool:
        return self.attempt.refused

    @property
    def database(self) -> str:
        """The current database as SQL."""
        return string_literal(self.server.default_schema) if self.host and self.server.default_schema else _CURRENT

    def source(self, table: str) -> str:
        """FROM item for ``database.table``."""
        return cluster.on_host(self.server, self.host, table) if self.host else table

    def exists(self, sql: str) -> bool:
        table, _, where = sql.partition(" ")
        return bool(self.conn.query(f"SELECT 1 FROM {self.source(f'system.{table}')} {where} LIMIT 1"))

    def column(self, name: str, sql: str) -> list[str]:
        """The values of a column of a system table; ``sql`` is the table with a condition."""
        table, _, where = sql.partition(" ")
        return [
            str(value) for (value,) in self.conn.query(f"SELECT {name} FROM {self.source(f'system.{table}')} {where}")
        ]

    def place(self, ref: Ref) -> str:
        """Condition of ``system.tables`` for a table, view or dictionary."""
        return f"database = {self.database_of(ref)} AND name = {string_literal(ref.name)}"

    def database_of(self, ref: Ref) -> str:
        return string_literal(ref.schema) if ref.schema else self.database

    def engine(self, ref: Ref) -> str:
        """Engine of a table, view or dictionary; empty if there is none."""
        rows = self.conn.query(f"SELECT engine FROM {self.source('system.tables')} WHERE {self.place(ref)}")
        return str(rows[0][0]) if rows else ""

    def definition(self, ref: Ref) -> str:
        """The statement that creates a table; empty if there is none."""
        sql = f"SELECT create_table_query FROM {self.source('system.tables')} WHERE {self.place(ref)}"
        rows = self.conn.query(sql)
        return str(rows[0][0]) if rows else ""

    def columns(self, table: Ref) -> tuple[str, ...]:
        where = of_table(table, self.database)
        sql = f"SELECT name FROM {self.source('system.columns')} WHERE {where} ORDER BY {{}}"
        rows = query_with_column(self.conn, sql, "position", "''")
        return tuple(str(row[0]) for row in rows)

    def empty(self, table: Ref) -> bool:
        if self.host and table.schema is None and self.server.default_schema:
            table = table._replace(schema=self.server.default_schema)
        return not self.conn.query(f"SELECT 1 FROM {self.source(_name(table))} LIMIT 1")


Look: TypeAlias = Callable[[SystemTables], bool | None]
"""Function that looks in the catalogue for the effect of a statement."""


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
    _wait_for_other_connections(conn, sql)
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


def _wait_for_other_connections(conn: Connection, sql: str) -> None:
    """Wait until no other connection executes the statement. Raises ``DatabaseBusy``."""
    same = f"replaceRegexpAll(query, '^\\\\s+|\\\\s+$', '') = {string_literal(sql.strip())}"
    if (form := rebuilt_form(sql)) is not None:  # these are run as other statements than the file has
        same += f" OR query_kind = 'Insert' AND position(query, {string_literal(form.name)}) > 0"
    running = f"SELECT query_id FROM system.processes WHERE {same}"
    deadline = time.monotonic() + WAIT
    while others := conn.query(running):
        if time.monotonic() >= deadline:
            raise DatabaseBusy(f"Query {others[0][0]} still executes the interrupted statement")
        time.sleep(_PAUSE)


# -- statements -----------------------------------------------------------------------------------------------------

_SHOWN, _AGAIN, _NONE = Evidence.CATALOGUE, Evidence.REPEATABLE, Evidence.NONE
_REPEATED = frozenset(("SYSTEM", "KILL", "USE", "SET"))
"""First words of statements that may run again."""


def _row(sql: str) -> tuple[Evidence, Look | None]:
    """Evidence and probing function of a statement."""
    parsed = statement(sql)
    match parsed:
        case AlterTable():
            looks = list(_clauses(sql, parsed))
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
            return _SHOWN, partial(_mutated, parsed.table, _lightweight(sql, parsed))
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
            catalog.conn.execute(f"DROP TABLE {_name(table)}")
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


# -- mutations ------------------------------------------------------------------------------------------------------


def _mutated(table: Ref, command: str, catalog: SystemTables) -> bool | None:
    """Whether a command is among the mutations since the statement was about to be sent; all of them are done by now.

    A mutation that was killed is gone from there. If the server has reported its failure, some parts may be rewritten.
    """
    later = "" if catalog.since is None else f" AND create_time >= toDateTime({int(catalog.since.timestamp())})"
    where = f"mutations WHERE {of_table(table, catalog.database)}{later}"
    if has(catalog.server.version, FORMAT_QUERY):
        formatted = "formatQuerySingleLine(concat('ALTER TABLE t ', command))"
        wanted = f"formatQuerySingleLine({string_literal(f'ALTER TABLE t {command}')})"
        there = catalog.exists(f"{where} AND {formatted} = {wanted}")
    else:
        there = any(mutation_key(text) == mutation_key(command) for text in catalog.column("command", where))
    if there:
        return True if catalog.since is not None else None
    return None if catalog.refused else False


def _lightweight(sql: str, parsed: Update | Delete) -> str:
    """The command that the server makes of UPDATE and DELETE."""
    at = cursor_at(sql, grammar())
    at.find("WHERE")
    condition = at.source(at.rest())
    if isinstance(parsed, Delete):
        return f"UPDATE _row_exists = 0 WHERE {condition}"
    at = cursor_at(sql, grammar())
    at.find("SET")
    return f"UPDATE {at.source(at.rest())}"


# -- ALTER TABLE ----------------------------------------------------------------------------------------------------


_MUTATIONS = ("UPDATE", "DELETE")
_ELEMENTS = ("INDEX", "PROJECTION", "CONSTRAINT")
_ONCE = frozenset(("DETACH", "ATTACH", "MOVE", "REPLACE", "FETCH"))
"""First words of clauses on partitions that nothing shows and that do harm twice."""


def _clauses(sql: str, parsed: AlterTable) -> Iterator[Look]:
    """Probing functions of the clauses that show whether they had their effect; the others may run again."""
    at = cursor_at(sql, grammar())
    at.find("ALTER")
    at.skip("TABLE")
    at.skip("IF", "EXISTS")
    at.table_name()
    while not at.at_end:
        if at.word() in _MUTATIONS:
            start = at.at
            at.until("WHERE")
            at.until(",")
            yield partial(_mutated, parsed.table, at.source(at.between(start)))
        elif tokens := clause_tokens(at):
            look = _clause(at.inner(tokens), parsed.table)
            if look is not None:
                yield look
        at.skip(",")


def _clause(at: Cursor, table: Ref) -> Look | None:
    """Probing function of a clause; ``None`` if it may run again."""
    verb = at.word()
    if verb in _ONCE:
        return lambda catalog: False if catalog.refused else None
    at.take()
    if at.word() not in ("COLUMN", *_ELEMENTS) or verb not in ("ADD", "DROP", "RENAME"):
        return None
    kind = at.word()
    at.take()
    if at.skip("IF", "NOT", "EXISTS") or at.skip("IF", "EXISTS"):
        return None
    name = at.name()
    if verb == "RENAME":
        at.skip("TO")
        return partial(_column_renamed, table, name, at.name())
    return partial(
        _column_is_there if kind == "COLUMN" else partial(_element_is_there, kind), table, name, verb == "ADD"
    )


def _column_is_there(table: Ref, name: str, wanted: bool, catalog: SystemTables) -> bool:
    return any(column == name or column.startswith(f"{name}.") for column in catalog.columns(table)) is wanted


def _column_renamed(table: Ref, old: str, new: str, catalog: SystemTables) -> bool:
    return _column_is_there(table, new, True, catalog) and _column_is_there(table, old, False, catalog)


def _element_is_there(kind: str, table: Ref, name: str, wanted: bool, catalog: SystemTables) -> bool:
    at = cursor_at(catalog.definition(table), grammar())
    at.find("(")
    at.at -= 1
    elements = at.items(at.group())
    return any(element.skip(kind) and element.name() == name for element in elements) is wanted


# -- names ----------------------------------------------------------------------------------------------------------


def _name(ref: Ref) -> str:
    return f"{quote(ref.schema)}.{quote(ref.name)}" if ref.schema else quote(ref.name)
