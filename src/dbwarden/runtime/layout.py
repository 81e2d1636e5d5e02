"""Layout of our own tables: creates missing tables, and adds missing columns to the tables of an earlier version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dbwarden.core.own_tables import COLUMNS, JOURNAL, LATER, LOCK, MIGRATIONS, OWNER, SEEDS, UNCLAIMED, OwnTables
from dbwarden.core.store import LockTaken
from dbwarden.errors import DatabaseError, Failure, ForeignHistory

if TYPE_CHECKING:
    from dbwarden.core.dialect import Connection, Dialect

TABLES = (LOCK, MIGRATIONS, JOURNAL, SEEDS)
"""Tables in the order in which they are created and changed. The lock's table comes first: a transaction that has
changed it has the others to itself."""


# -- tables -------------------------------------------------------------------------------------------------------


def ensure_appended_tables(conn: Connection, dialect: Dialect, tables: OwnTables) -> None:
    """Create the missing ones of the append-only tables, whose lock is elsewhere (``core.store.LockCell``), and add missing
    columns."""
    for table in (MIGRATIONS, JOURNAL, SEEDS):
        _complete_table(conn, dialect, tables, table)


def _complete_table(conn: Connection, dialect: Dialect, tables: OwnTables, table: str) -> bool:
    """Create a table, or add the columns that it lacks; return whether columns were added."""
    missing = _missing(conn, dialect, tables, table)
    if missing is None:
        _execute(conn, dialect, dialect.history_ddl(table, tables))
        return False
    _execute(conn, dialect, (sql for name in missing for sql in dialect.history_upgrade(table, tables, name)))
    return bool(missing)


def ensure_tables(conn: Connection, dialect: Dialect, tables: OwnTables, *, despite_holder: bool = False) -> None:
    """Create missing tables, add missing columns, and insert the project's row of the lock.

    All of it is one transaction that begins with the lock's table, so that two processes do it one after the other, and
    no process of an earlier version can take the lock meanwhile. Without transactional DDL, two processes may do it
    at the same time: each statement may already have had its effect. The row comes last, so that a row means that the
    tables are complete. Raises ``LockTaken`` if one already has, unless
    ``despite_holder``; ``ForeignHistory`` for a table without the columns that every version has had.
    """
    if all(_missing(conn, dialect, tables, table) == () for table in TABLES):
        return
    try:
        with conn.transaction():
            if tables.schema and not tables.of_target:
                conn.execute(dialect.ensure_namespace(tables.schema))
            _bring_up_to_date(conn, dialect, tables, despite_holder)
            _claim_row(conn, tables)
    except DatabaseError:
        # Two processes at once: PostgreSQL's CREATE ... IF NOT EXISTS fails with a duplicate key in the catalogue, the
        # row with one in its table. The tables of the other process serve as well.
        if any(_missing(conn, dialect, tables, table) != () for table in TABLES):
            raise


def _bring_up_to_date(conn: Connection, dialect: Dialect, tables: OwnTables, despite_holder: bool) -> None:
    for table in TABLES:
        added = _complete_table(conn, dialect, tables, table)
        earlier_lock = table == LOCK and added and not despite_holder
        if earlier_lock and conn.query(f"SELECT 1 FROM {tables.lock} WHERE locked"):
            raise LockTaken


def _execute(conn: Connection, dialect: Dialect, statements: Iterable[str]) -> None:
    """Run DDL. Where each statement commits by itself, another process may have just run the same one."""
    for sql in statements:
        try:
            dialect.execute(conn, sql, lambda progress: None)
        except DatabaseError as error:
            if dialect.features.transactional_ddl or error.failure is not Failure.ALREADY_EXISTS:
                raise


def _missing(conn: Connection, dialect: Dialect, tables: OwnTables, table: str) -> tuple[str, ...] | None:
    """Columns that a table of an earlier version lacks; ``None`` if there is no such table."""
    columns = dialect.columns_of(conn, tables.name(table))
    if not columns:
        return None
    missing = tuple(name for name, _ in COLUMNS[table] if name not in columns)
    if foreign := [name for name in missing if name not in LATER[table]]:
        raise ForeignHistory(table=tables.plain(table), missing=", ".join(foreign))
    return missing


def ensure_row(conn: Connection, tables: OwnTables) -> None:
    """Insert the project's row of the lock, unless it exists."""
    for _ in range(5):
        try:
            _claim_row(conn, tables)
            return
        except DatabaseError:  # another process was faster: it has inserted our row, or its own row with our id
            if conn.query(f"SELECT 1 FROM {tables.lock} WHERE {OWNER} = :owner", {"owner": tables.owner}):
                return
    _claim_row(conn, tables)


def _claim_row(conn: Connection, tables: OwnTables) -> None:
    """Give the project the row that an earlier version left without an owner, or a new one."""
    lock, values = tables.lock, {"owner": tables.owner}
    if conn.query(f"SELECT 1 FROM {lock} WHERE {OWNER} = :owner", values):
        return
    if conn.execute(f"UPDATE {lock} SET {OWNER} = :owner WHERE {OWNER} = '{UNCLAIMED}'", values):
        return
    number = f"SELECT COALESCE(MAX(id), 0) + 1, FALSE, :owner FROM {lock}"
    conn.execute(f"INSERT INTO {lock} (id, locked, {OWNER}) {number}", values)


def optional(conn: Connection, sql: str, params: Mapping[str, Any] | None = None, table: str = MIGRATIONS) -> Any:
    """Run a query; None if ``table`` does not exist. Raises ``ForeignHistory`` if the table lacks a column."""
    try:
        return conn.query(sql, params)
    except DatabaseError as error:
        if error.failure is Failure.MISSING_TABLE:
            return None
        if error.failure is Failure.MISSING_COLUMN:
            raise ForeignHistory(table=table, missing=error.message.splitlines()[0]) from error
        raise


def run_first_matching(conn: Connection, queries: Sequence[str], tables: OwnTables, table: str) -> Any:
    """Run the first query whose columns ``table`` has; None if the table does not exist.

    ``queries`` are for today's layout, then for those of earlier versions; ``:owner`` is the project's name.
    """
    name = tables.plain(table)
    for sql in queries[:-1]:
        try:
            return optional(conn, sql, _values(tables, sql), name)
        except ForeignHistory:
            continue
    return optional(conn, queries[-1], _values(tables, queries[-1]), name)


def _values(tables: OwnTables, sql: str) -> dict[str, str] | None:
    return {"owner": tables.owner} if ":owner" in sql else None
