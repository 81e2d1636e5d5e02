"""The databases that a restore uses beside the one that it replaces; they outlive a restore that was killed."""

from __future__ import annotations

import hashlib

from dbwarden.core.dialect import OWN_PREFIX, Connection

_STAGING = f"{OWN_PREFIX}restore_"
_REPLACED = f"{OWN_PREFIX}replaced_"


def restore_databases(database: str) -> tuple[str, str]:
    """Names of the database into which a backup of ``database`` is loaded, and of the one for the tables that it replaces."""
    digest = hashlib.sha256(database.encode()).hexdigest()[:12]
    return f"{_STAGING}{digest}", f"{_REPLACED}{digest}"


_STATE = "the tables are all those from before or all those of the backup, and views, routines, triggers and events may be missing"


def restore_in_progress(conn: Connection) -> str:
    """State of the current database if such databases of it exist (``Dialect.restore_in_progress``)."""
    digest = "LEFT(SHA2(DATABASE(), 256), 12)"
    names = f"CONCAT('{_STAGING}', {digest}), CONCAT('{_REPLACED}', {digest})"
    return _STATE if conn.query(f"SELECT 1 FROM information_schema.schemata WHERE schema_name IN ({names})") else ""
