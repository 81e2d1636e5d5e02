"""The history: append-only events in ``dbwarden_migrations``. A migration's state is its last event."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from dbwarden.core.dialect import Connection, Dialect
from dbwarden.core.file import Kind
from dbwarden.core.overview import Event, Record
from dbwarden.core.tables import (
    COLUMNS,
    FILE_DIGEST,
    JOURNAL,
    LATER,
    LOCK,
    MIGRATIONS,
    OWNER,
    SEEDS,
    UNCLAIMED,
    OwnTables,
)
from dbwarden.errors import DatabaseError, ForeignHistory, LockLost, NewerHistory

from .rows import Check, check, is_count, is_flag, is_moment, is_optional_text, is_seconds, is_text, moment

TABLES = (LOCK, MIGRATIONS, JOURNAL, SEEDS)
"""In the order in which they are made and changed: whoever has the lock's table has the rest to itself."""

# "There is no such table": PostgreSQL by SQLSTATE, SQLite by its words.
_ABSENT_STATES = ("42P01", "3F000")
_ABSENT_WORDS = ("no such table",)
_UNKNOWN_COLUMN_STATES = ("42703",)
_UNKNOWN_COLUMN_WORDS = ("no such column", "has no column named")


def is_absent(error: DatabaseError) -> bool:
    """Whether a statement failed because the table does not exist."""
    return _speaks_of(error, _ABSENT_STATES, _ABSENT_WORDS)


def _speaks_of(error: DatabaseError, states: Collection[str], words: Collection[str]) -> bool:
    if error.data.get("sqlstate") in states:
        return True
    return any(word in error.message for word in words)


# -- tables -------------------------------------------------------------------------------------------------------


def exists(conn: Connection, tables: OwnTables) -> bool:
    """Whether there is a history; raises ``DatabaseError`` where it may not be read."""
    return optional(conn, f"SELECT 1 FROM {tables.migrations} WHERE 1 = 0") is not None


class LockTaken(Exception):
    """A run of an earlier version holds the lock: its tables must stay as they are."""


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
    """The columns that the table of an earlier version lacks, or ``None`` where there is no table."""
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
        if is_absent(error):
            return None
        if _speaks_of(error, _UNKNOWN_COLUMN_STATES, _UNKNOWN_COLUMN_WORDS):
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


# -- reading ------------------------------------------------------------------------------------------------------

_NAMES = tuple(name for name, _ in COLUMNS[MIGRATIONS])
_LEAN = ", ".join("NULL" if name == "rollback_sql" else name for name in _NAMES)
_KINDS = {kind.value: kind for kind in Kind}
_EVENTS = {event.value: event for event in Event}


def read(conn: Connection, tables: OwnTables, rollback_sql: bool = True) -> tuple[Record, ...]:
    """All events of all projects in their order; none where there is no history. See ``core.overview.divide``.

    Without ``rollback_sql`` that field stays None.
    """
    sql = _select(tables, rollback_sql)
    without_digest = sql.replace(f", {FILE_DIGEST} FROM", ", NULL FROM")
    without_owner = without_digest.replace(f", {OWNER}, NULL FROM", f", '{UNCLAIMED}', NULL FROM")
    return _records(tables, either(conn, (sql, without_digest, without_owner), tables, MIGRATIONS))


def read_locked(conn: Connection, dialect: Dialect, tables: OwnTables, rollback_sql: bool = True) -> tuple[Record, ...]:
    """The same under the lock, where a table of an earlier version gets the columns that it lacks."""
    try:
        rows = optional(conn, _select(tables, rollback_sql), None, tables.plain(MIGRATIONS))
    except ForeignHistory:
        ensure_tables(conn, dialect, tables, despite_holder=True)
        return read(conn, tables, rollback_sql)
    return _records(tables, rows)


def _select(tables: OwnTables, rollback_sql: bool) -> str:
    return f"SELECT {', '.join(_NAMES) if rollback_sql else _LEAN} FROM {tables.migrations} ORDER BY id"


def _records(tables: OwnTables, rows: Sequence[Any] | None) -> tuple[Record, ...]:
    table = tables.plain(MIGRATIONS)
    return tuple(_record(table, row) for row in rows or ())


_CHECKS: tuple[Check, ...] = (
    is_count, is_text, is_text, is_text, is_text, is_text, is_text, is_count, is_count, is_moment, is_seconds, is_text, is_text,
    is_flag, is_optional_text, is_optional_text, is_text, is_optional_text,
)  # fmt: skip
"""What each column of ``_NAMES`` holds."""


def _record(table: str, row: Any) -> Record:
    check(table, _NAMES, _CHECKS, row)
    kind, event = _KINDS.get(row[2]), _EVENTS.get(row[6])
    if kind is None or event is None:
        word, what = (row[2], "kind") if kind is None else (row[6], "event")
        raise NewerHistory(table=table, unknown=f"the {what} {word!r}")
    if kind is Kind.VERSIONED and not (row[1].isascii() and row[1].isdecimal() and len(row[1]) < _LONGEST_VERSION):
        check(table, ("migration",), (is_count,), (row[1],))
    return Record(
        row[0], row[1], kind, row[3], row[4], row[5], event, row[7], row[8],
        moment(row[9]), row[10], row[11], row[12], bool(row[13]), *row[14:],
    )  # fmt: skip


_LONGEST_VERSION = 100


# -- writing ------------------------------------------------------------------------------------------------------

_WRITTEN = tuple(name for name in _NAMES if name != "id")
_OF_LOCK = {"at": "CURRENT_TIMESTAMP", OWNER: OWNER}


def placed(tables: OwnTables, dialect: Dialect) -> OwnTables:
    """``tables`` with their schema, for statements behind those of a file, which may have changed the search path."""
    if tables.schema or not dialect.features.schemas:
        return tables
    return replace(tables, schema=dialect.server.default_schema)


@lru_cache(maxsize=16)
def _insert(tables: OwnTables, share: bool) -> str:
    return (
        f"INSERT INTO {tables.migrations} ({', '.join(_WRITTEN)})"
        f" SELECT {', '.join(_OF_LOCK.get(name, f':{name}') for name in _WRITTEN)}"
        f" FROM {tables.lock} WHERE locked AND token = :token" + (" FOR SHARE" if share else "")
    )


def append(conn: Connection, dialect: Dialect, tables: OwnTables, record: Record, token: str) -> None:
    """Write an event (its ``id`` and ``at`` are the server's, its project the lock's) in one statement that also checks that
    we hold the lock.

    Where the engine has row locks, nobody can release the migration lock between this and the end of the transaction.
    Raises ``LockLost``.
    """
    values = {
        "migration": record.key,
        "kind": record.kind.value,
        "file_name": record.file,
        "description": record.description,
        "checksum": record.checksum,
        "event": record.event.value,
        "statements_done": record.statements_done,
        "statements_total": record.statements_total,
        "duration": record.duration,
        "applied_by": record.by,
        "tool_version": record.tool_version,
        "seed": record.seed,
        "error": record.error,
        "rollback_sql": record.rollback_sql,
        "file_digest": record.file_digest,
        "token": token,
    }
    if conn.execute(_insert(placed(tables, dialect), dialect.features.for_share), values) == 0:
        raise LockLost()


def fence(conn: Connection, dialect: Dialect, tables: OwnTables, token: str) -> None:
    """Raises ``LockLost`` if the lock is no longer ours; for statements that record nothing themselves."""
    held = f"SELECT 1 FROM {placed(tables, dialect).lock} WHERE locked AND token = :token"
    if not conn.query(held + (" FOR SHARE" if dialect.features.for_share else ""), {"token": token}):
        raise LockLost()


def claim(conn: Connection, dialect: Dialect, tables: OwnTables, token: str) -> None:
    """Make the rows that an earlier version left ours, where there are any. Raises ``LockLost``."""
    names = [placed(tables, dialect).name(table) for table in (MIGRATIONS, JOURNAL, SEEDS)]
    nameless = f"WHERE {OWNER} = '{UNCLAIMED}'"
    if not conn.query(" UNION ALL ".join(f"SELECT 1 FROM {name} {nameless}" for name in names)):
        return
    with conn.transaction():
        for name in names:
            conn.execute(f"UPDATE {name} SET {OWNER} = :owner {nameless}", {"owner": tables.owner})
        fence(conn, dialect, tables, token)
