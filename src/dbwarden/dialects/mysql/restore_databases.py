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


def restore_in_progress(conn: Connection) -> bool:
    """Whether those of the current database exist (``Dialect.restore_in_progress``)."""
    digest = "LEFT(SHA2(DATABASE(), 256), 12)"
    names = f"CONCAT('{_STAGING}', {digest}), CONCAT('{_REPLACED}', {digest})"
    return bool(conn.query(f"SELECT 1 FROM information_schema.schemata WHERE schema_name IN ({names})"))
