"""Role of a dialect: DBWarden's own tables in the user's database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .identity import DialectIdentity

if TYPE_CHECKING:  # what the interfaces only name: a command that connects needs none of it
    from ..own_tables import OwnTables
    from ..store import LockCell
    from .connection import Connection


class StoreDialect(DialectIdentity, Protocol):
    """DBWarden's own tables in the user's database."""

    def history_ddl(self, table: str, tables: OwnTables) -> tuple[str, ...]:
        """DDL that creates one of the own tables (``core.own_tables``) if it is missing."""

    def history_upgrade(self, table: str, tables: OwnTables, column: str) -> tuple[str, ...]:
        """DDL that adds one of the columns ``LATER`` to an own table of an earlier version: ``OWNER`` filled with
        ``UNCLAIMED``, the others with NULL.

        Must be repeatable: a second process may have waited for the first one's transaction.
        """

    def columns_of(self, conn: Connection, name: str) -> frozenset[str]:
        """Names of a table's columns; empty if it does not exist, without an error that would end a transaction."""

    def lock_cell(self, conn: Connection, tables: OwnTables) -> LockCell | None:
        """Where the migration lock is kept on an engine without row counts, whose own tables are append-only; ``None`` if the
        lock is a row of ``tables.lock``."""

    def missing_schema(self, conn: Connection, schema: str) -> str | None:
        """Why unqualified names do not belong to ``schema``, in words; ``None`` if they do."""

    def ensure_namespace(self, name: str) -> str:
        """CREATE SCHEMA IF NOT EXISTS for ``history_schema``. Raises ``Unsupported``."""
