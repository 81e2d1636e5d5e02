"""Choice of the implementation of a project's history, lock and journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dbwarden.core.own_tables import OwnTables
from dbwarden.core.store import HistoryStore, Journal, LockStore

from .history import SqlHistory
from .journal import SqlJournal
from .lock_row import SqlLock

if TYPE_CHECKING:
    from dbwarden.core.dialect import Connection, Dialect


def history_store(conn: Connection, dialect: Dialect, tables: OwnTables) -> HistoryStore:
    """The history behind ``conn``: events of all projects are read, those of the project of ``tables`` are written."""
    cell = dialect.lock_cell(conn, tables)
    if cell is not None:
        from .append_only import AppendOnlyHistory, AppendOnlyTables  # deferred: other engines need none of it

        return AppendOnlyHistory(AppendOnlyTables(conn, dialect, tables, cell))
    return SqlHistory(conn, dialect, tables)


def journal_store(conn: Connection, dialect: Dialect, tables: OwnTables) -> Journal:
    """The journal of one project."""
    cell = dialect.lock_cell(conn, tables)
    if cell is not None:
        from .append_only import AppendOnlyJournal, AppendOnlyTables  # deferred, as above

        return AppendOnlyJournal(AppendOnlyTables(conn, dialect, tables, cell))
    return SqlJournal(conn, dialect, tables)


def lock_store(conn: Connection, dialect: Dialect, tables: OwnTables) -> LockStore:
    """The lock of one project. To take it, ``conn`` must be a connection that is used for nothing else."""
    cell = dialect.lock_cell(conn, tables)
    if cell is not None:
        from .lock_cell import CellLock  # deferred, as above

        return CellLock(conn, dialect, tables, cell)
    return SqlLock(conn, dialect, tables)


def lock_opener(connect: Callable[[], Connection], dialect: Dialect, tables: OwnTables) -> Callable[[], LockStore]:
    """Function that opens the lock of one project on a new connection; called again after that connection is lost."""
    return lambda: lock_store(connect(), dialect, tables)
