"""The layout of our own tables: created where they are missing, brought up to date where an earlier version made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dbwarden.core.dialect import Connection, Dialect
from dbwarden.core.own_tables import COLUMNS, JOURNAL, LATER, LOCK, MIGRATIONS, OWNER, SEEDS, UNCLAIMED, OwnTables
from dbwarden.core.store import LockTaken
from dbwarden.errors import DatabaseError, Failure, ForeignHistory

TABLES = (LOCK, MIGRATIONS, JOURNAL, SEEDS)
"""Tables in the order of creation and change: the holder of the lock's table has the others to itself."""


# -- tables -------------------------------------------------------------------------------------------------------


def ensure_tables(conn: Connection, dialect: Dialect, tables: OwnTables, *, despite_holder: bool = False) -> None:
    """Create those of our tables that are missing, give those of an earlier version their new columns, and the project its
    row of the lock. Raises ``ForeignHistory`` for a table without the columns we need.

    All of it is one transaction that begins with the lock's table, so that two processes do it one after the other, and so
    that nobody of an earlier version takes the lock meanwhile; ``LockTaken`` where one has, unless ``despite_holder``.
    """
    if all(_missing(conn, dialect, tables, table) == () for table in TABLES):
        return
    try:
        with conn.transaction():
            if tables.schema:
                conn.execute(dialect.ensure_namespace(tables.schema))
            _bring_up_to_date(conn, dialect, tables, despite_holder)
            _claim_row(conn, tables)
    except DatabaseError:
        # Two processes at once: PostgreSQL's CREATE ... IF NOT EXISTS collide in the catalogue, the row in its key. The
        # other one's tables are as good.
        if any(_missing(conn, dialect, tables, table) != () for table in TABLES):
            raise


def _bring_up_to_date(conn: Connection, dialect: Dialect, tables: OwnTables, despite_holder: bool) -> None:
    for table in TABLES:
        missing = _missing(conn, dialect, tables, table)
        if missing is None:
            for sql in dialect.history_ddl(table, tables):
                conn.execute(sql)
            continue
        for sql in (sql for column in missing for sql in dialect.history_upgrade(table, tables, column)):
            conn.execute(sql)
        earlier_lock = table == LOCK and missing and not despite_holder
        if earlier_lock and conn.query(f"SELECT 1 FROM {tables.lock} WHERE locked"):
            raise LockTaken


def _missing(conn: Connection, dialect: Dialect, tables: OwnTables, table: str) -> tuple[str, ...] | None:
    """Columns that the table of an earlier version lacks; ``None`` without a table."""
    columns = dialect.columns_of(conn, tables.name(table))
    if not columns:
        return None
    missing = tuple(name for name, _ in COLUMNS[table] if name not in columns)
    if foreign := [name for name in missing if name not in LATER[table]]:
        raise ForeignHistory(table=tables.plain(table), missing=", ".join(foreign))
    return missing


def ensure_row(conn: Connection, tables: OwnTables) -> None:
    """Give the project its row of the lock where it has none."""
    for _ in range(5):
        try:
            _claim_row(conn, tables)
            return
        except DatabaseError:  # another process was first: with our row, or with the number for its own
            if conn.query(f"SELECT 1 FROM {tables.lock} WHERE {OWNER} = :owner", {"owner": tables.owner}):
                return
    _claim_row(conn, tables)


def _claim_row(conn: Connection, tables: OwnTables) -> None:
    """The row that an earlier version left, or a new one."""
    lock, owner, values = tables.lock, "CAST(:owner AS VARCHAR(255))", {"owner": tables.owner}
    none = f"NOT EXISTS (SELECT 1 FROM {lock} WHERE {OWNER} = {owner})"
    conn.execute(f"UPDATE {lock} SET {OWNER} = {owner} WHERE {OWNER} = '{UNCLAIMED}' AND {none}", values)
    number = f"(SELECT COALESCE(MAX(id), 0) + 1 FROM {lock})"
    conn.execute(f"INSERT INTO {lock} (id, locked, {OWNER}) SELECT {number}, FALSE, {owner} WHERE {none}", values)


def optional(conn: Connection, sql: str, params: Mapping[str, Any] | None = None, table: str = MIGRATIONS) -> Any:
    """The rows, or None where ``table`` does not exist."""
    try:
        return conn.query(sql, params)
    except DatabaseError as error:
        if error.failure is Failure.MISSING_TABLE:
            return None
        if error.failure is Failure.MISSING_COLUMN:
            raise ForeignHistory(table=table, missing=error.message.splitlines()[0]) from error
        raise


def either(conn: Connection, queries: Sequence[str], tables: OwnTables, table: str) -> Any:
    """The rows of the first query whose columns the table has, or None where it does not exist.

    The queries are for the table as it is, then as earlier versions made it; ``:owner`` is the project's name.
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
