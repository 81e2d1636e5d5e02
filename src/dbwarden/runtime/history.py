"""The history: append-only events in ``dbwarden_migrations``. A migration's state is its last event."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from dbwarden.core.dialect import Connection, Dialect
from dbwarden.core.file import Kind
from dbwarden.core.overview import Event, Record
from dbwarden.core.tables import COLUMNS, JOURNAL, LOCK, MIGRATIONS, SEEDS
from dbwarden.errors import DatabaseError, ForeignHistory, LockLost

TABLES = (MIGRATIONS, JOURNAL, SEEDS, LOCK)
"""In the order they are made: where there is a lock, there is the rest."""

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


def exists(conn: Connection) -> bool:
    """Whether there is a history; raises ``DatabaseError`` where it may not be read."""
    return optional(conn, f"SELECT 1 FROM {MIGRATIONS} WHERE 1 = 0") is not None


def ensure_tables(conn: Connection, dialect: Dialect) -> None:
    """Create those of our tables that are missing. Raises ``ForeignHistory`` for one without the columns we need.

    Safe when two processes do it at once.
    """
    missing = [name for name in TABLES if _absent(conn, name)]
    if not missing:
        return
    try:
        with conn.transaction():
            for name in missing:
                conn.execute(dialect.history_ddl(name))
            conn.execute(FIRST_ROW)
    except DatabaseError:
        # Two processes at once: PostgreSQL's CREATE TABLE IF NOT EXISTS collide in the catalogue, the row in its key. The
        # other one's tables are as good.
        if any(_absent(conn, name) for name in missing):
            raise


FIRST_ROW = f"INSERT INTO {LOCK} (id, locked) SELECT 1, FALSE WHERE NOT EXISTS (SELECT 1 FROM {LOCK} WHERE id = 1)"
"""The lock's row, where it is not there yet."""


def _absent(conn: Connection, name: str) -> bool:
    columns = ", ".join(column for column, _ in COLUMNS[name])
    return optional(conn, f"SELECT {columns} FROM {name} WHERE 1 = 0") is None


def optional(conn: Connection, sql: str, params: Mapping[str, Any] | None = None) -> Any:
    """The rows, or None where the table does not exist."""
    try:
        return conn.query(sql, params)
    except DatabaseError as error:
        if is_absent(error):
            return None
        if _speaks_of(error, _UNKNOWN_COLUMN_STATES, _UNKNOWN_COLUMN_WORDS):
            table = next((name for name in TABLES if name in sql), MIGRATIONS)
            raise ForeignHistory(table=table, missing=error.message.splitlines()[0]) from error
        raise


# -- reading ------------------------------------------------------------------------------------------------------

_NAMES = tuple(name for name, _ in COLUMNS[MIGRATIONS])
_ALL = f"SELECT {', '.join(_NAMES)} FROM {MIGRATIONS} ORDER BY id"
_LEAN = f"SELECT {', '.join(_NAMES[:-1])} FROM {MIGRATIONS} ORDER BY id"
_KINDS = {kind.value: kind for kind in Kind}
_EVENTS = {event.value: event for event in Event}


def read(conn: Connection, rollback_sql: bool = True) -> tuple[Record, ...]:
    """All events in their order; none where there is no history. Without ``rollback_sql`` that field stays None."""
    rows = optional(conn, _ALL if rollback_sql else _LEAN) or ()
    kinds, events = _KINDS, _EVENTS
    try:
        return tuple(
            Record(
                row[0], row[1], kinds[row[2]], row[3], row[4], row[5], events[row[6]], row[7], row[8],
                moment(row[9]), row[10], row[11], row[12], bool(row[13]), *row[14:],
            )
            for row in rows
        )  # fmt: skip
    except KeyError as word:
        raise ForeignHistory(table=MIGRATIONS, missing=f"{word} is no kind or event that this version knows;") from None


def moment(value: Any) -> datetime:
    """A time as a driver gives it, in UTC where the engine keeps no zone."""
    when = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


# -- writing ------------------------------------------------------------------------------------------------------

_WRITTEN = tuple(name for name in _NAMES if name != "id")


def place(dialect: Dialect) -> str:
    """What stands before the names of our tables when a file's statements may have changed the search path."""
    schema = dialect.server.default_schema if dialect.features.schemas else None
    return f"{dialect.quote(schema)}." if schema else ""


@lru_cache(maxsize=16)
def _insert(place: str, share: bool) -> str:
    return (
        f"INSERT INTO {place}{MIGRATIONS} ({', '.join(_WRITTEN)})"
        f" SELECT {', '.join('CURRENT_TIMESTAMP' if name == 'at' else f':{name}' for name in _WRITTEN)}"
        f" FROM {place}{LOCK} WHERE id = 1 AND locked AND token = :token" + (" FOR SHARE" if share else "")
    )


def append(conn: Connection, dialect: Dialect, record: Record, token: str) -> None:
    """Write an event (its ``id`` and ``at`` are the server's) in one statement that also checks that we hold the lock.

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
        "token": token,
    }
    if conn.execute(_insert(place(dialect), dialect.features.for_share), values) == 0:
        raise LockLost()


def fence(conn: Connection, dialect: Dialect, token: str) -> None:
    """Raises ``LockLost`` if the lock is no longer ours; for statements that record nothing themselves."""
    held = f"SELECT 1 FROM {place(dialect)}{LOCK} WHERE id = 1 AND locked AND token = :token"
    if not conn.query(held + (" FOR SHARE" if dialect.features.for_share else ""), {"token": token}):
        raise LockLost()
