"""Our own tables: InnoDB, and a binary collation so that names are equal only if they are the same text."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from time import sleep

from dbwarden.core.dialect import Connection
from dbwarden.core.own_tables import LOCK, OWNER, OwnTables, later_type
from dbwarden.dialects.base.own_tables import create_own_table
from dbwarden.errors import DatabaseError, Failure

_OPTIONS = ") ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
"""The row format matters on servers whose default allows only keys up to 767 bytes."""
_ONE_ROW_A_PROJECT = f"UNIQUE KEY {LOCK}_{OWNER} ({OWNER})"


def history_ddl(table: str, tables: OwnTables, types: Mapping[str, str]) -> tuple[str, ...]:
    """CREATE TABLE for one of our own tables."""
    keys = (_ONE_ROW_A_PROJECT,) if table == LOCK else ()
    return (create_own_table(table, tables, types, keys, _OPTIONS),)


def history_upgrade(table: str, tables: OwnTables, column: str, types: Mapping[str, str]) -> tuple[str, ...]:
    """ALTER TABLE for a column that an earlier version lacked. If another process has added it, the server says that it
    already exists: MySQL has no ``ADD COLUMN IF NOT EXISTS``."""
    added = f"ADD COLUMN {column} {types[later_type(table, column)]}"
    if column == OWNER:
        added += " DEFAULT ''"
    if table == LOCK:
        added += f",\n    ADD {_ONE_ROW_A_PROJECT}"
    return (f"ALTER TABLE {tables.name(table)}\n    {added}",)


def columns_of(conn: Connection, name: str) -> frozenset[str]:
    """Names of the columns of a table; empty if there is none. The server's own rules decide which table has that name."""
    for attempt in count(1):
        try:
            return frozenset(str(row[0]) for row in conn.query(f"SHOW COLUMNS FROM {name}"))
        except DatabaseError as error:
            if error.failure is Failure.MISSING_TABLE:
                break
            if error.sqlstate != _BEING_CHANGED or attempt == _ATTEMPTS:
                raise
            _wait_for(conn, name)
            sleep(_PAUSE)  # a table that another session is about to create is not there to wait for
    return frozenset()


_ATTEMPTS = 50
_PAUSE = 0.02
"""Seconds between two attempts."""
_BEING_CHANGED = "1684"
"""ER_WARN_I_S_SKIPPED_TABLE: another session changes or creates the table just now, and SHOW does not wait for it."""


def _wait_for(conn: Connection, name: str) -> None:
    """Wait until no other session changes the definition of a table, by reading it."""
    try:
        conn.query(f"SELECT 1 FROM {name} LIMIT 0")
    except DatabaseError as error:
        if error.failure is not Failure.MISSING_TABLE:  # its creation failed
            raise
