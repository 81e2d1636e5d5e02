"""Rows that the server saves itself (``BACKUP ... TO``), in the place that the setting ``backup_to`` names.

Tables of the MergeTree family go there: the server copies or links their parts, and nothing passes through this process. The
backup file names the backup, not its place, whose keys stay in the configuration. Everything else is in the file as always.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from dbwarden.core.dialect import OWN_PREFIX, Connection
from dbwarden.errors import ArchiveFailed

from .backup_file import SavedObject
from .definition_reader import read
from .engines import family, is_merge_tree
from .words import quote

KIND = "server backup"
"""Kind of the entry that names the backup (``name``), its database (``sql``) and its tables (``columns``)."""
_NAME = "{name}"
_ANY_ORDER = "SETTINGS check_table_dependencies = 0, check_referential_table_dependencies = 0"


def saved_by_server(items: Sequence[SavedObject]) -> tuple[str, ...]:
    """Names of the tables whose rows the server saves."""
    return tuple(
        item.name
        for item in items
        if item.kind == "table" and item.columns and is_merge_tree(family(read(item.sql).clauses.get("engine", "")))
    )


def save(conn: Connection, place: str, tables: Sequence[str]) -> SavedObject:
    """Save the tables, and read the definitions back. Raises ``ArchiveFailed``, ``DatabaseError``."""
    database = str(conn.query("SELECT currentDatabase()")[0][0])
    name = f"{re.sub(r'[^A-Za-z0-9]', '_', database)}_{datetime.now(UTC):%Y%m%dT%H%M%SZ}_{secrets.token_hex(4)}"
    entry = SavedObject(KIND, name, database, tuple(tables))
    if tables:
        listed = ", ".join(f"TABLE {quote(database)}.{quote(table)}" for table in tables)
        ((_, status),) = conn.query(f"BACKUP {listed} TO {place.replace(_NAME, name)}")
        if status != "BACKUP_CREATED":
            raise ArchiveFailed(reason=f"the server's BACKUP ended with the status {status}", advice="")
        _read_back(conn, entry, place)
    return entry


def _read_back(conn: Connection, entry: SavedObject, place: str) -> None:
    """Restore the definitions to a database of their own, which is dropped."""
    scratch = f"{OWN_PREFIX}backup_{secrets.token_hex(4)}"
    conn.execute(f"CREATE DATABASE {scratch} ENGINE = Atomic COMMENT 'DBWarden: reads a backup back'")
    try:
        _restore(conn, entry, place, scratch, "structure_only = 1")
    finally:
        conn.execute(f"DROP DATABASE IF EXISTS {scratch} SYNC {_ANY_ORDER}")


@contextmanager
def restored(conn: Connection, entry: SavedObject, place: str, target: str) -> Iterator[None]:
    """Restore the tables to the database ``target``, whose merges wait until the end of the block, which counts the rows. Raises
    ``ArchiveFailed``, ``DatabaseError``."""
    _restore(conn, entry, place, target, "structure_only = 1")
    for table in entry.columns:
        conn.execute(f"SYSTEM STOP MERGES {target}.{quote(table)}")
    _restore(conn, entry, place, target, "allow_non_empty_tables = 1")
    yield
    for table in entry.columns:
        conn.execute(f"SYSTEM START MERGES {target}.{quote(table)}")


def _restore(conn: Connection, entry: SavedObject, place: str, target: str, settings: str) -> None:
    if not entry.columns:
        return
    if not place:
        raise ArchiveFailed(
            reason=f"its rows are in the server's backup {entry.name}, and the configuration does not say where those are",
            advice=" Set backup_to as it was when the backup was made.",
        )
    origin = quote(entry.sql)
    listed = ", ".join(f"TABLE {origin}.{quote(table)} AS {target}.{quote(table)}" for table in entry.columns)
    ((_, status),) = conn.query(f"RESTORE {listed} FROM {place.replace(_NAME, entry.name)} SETTINGS {settings}")
    if status != "RESTORED":
        raise ArchiveFailed(reason=f"the server's RESTORE ended with the status {status}", advice="")
