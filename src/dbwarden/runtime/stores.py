"""Choice of the implementation of a project's history, lock and journal."""

from __future__ import annotations

from collections.abc import Callable

from dbwarden.core.dialect import Connection, Dialect
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.store import HistoryStore, Journal, LockStore

from .history import SqlHistory
from .journal import SqlJournal
from .lock_row import SqlLock


def history_store(conn: Connection, dialect: Dialect, tables: OwnTables) -> HistoryStore:
    """The history behind ``conn``; what is written for the project of ``tables``."""
    return SqlHistory(conn, dialect, tables)


def journal_store(conn: Connection, dialect: Dialect, tables: OwnTables) -> Journal:
    """The journal of one project."""
    return SqlJournal(conn, dialect, tables)


def lock_store(conn: Connection, dialect: Dialect, tables: OwnTables) -> LockStore:
    """The lock of one project, over a connection of its own where it is taken."""
    return SqlLock(conn, dialect, tables)


def lock_opener(connect: Callable[[], Connection], dialect: Dialect, tables: OwnTables) -> Callable[[], LockStore]:
    """Function that opens the lock of one project, and again after a lost connection."""
    return lambda: lock_store(connect(), dialect, tables)
