"""What the system tables say about a statement that was interrupted, and the end of its execution on the server."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

from dbwarden.core.dialect import Connection, Server
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseBusy

from . import cluster
from .background import of_table
from .table_exchange import rebuilt_form
from .versions import query_with_column
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
        return not self.conn.query(f"SELECT 1 FROM {self.source(qualified(table))} LIMIT 1")


Look: TypeAlias = Callable[[SystemTables], bool | None]
"""Function that looks in the catalogue for the effect of a statement."""


def wait_for_other_connections(conn: Connection, sql: str) -> None:
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


def qualified(ref: Ref) -> str:
    return f"{quote(ref.schema)}.{quote(ref.name)}" if ref.schema else quote(ref.name)
