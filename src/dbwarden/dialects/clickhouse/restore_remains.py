"""The databases that a restore uses beside the one that it replaces; they outlive a restore that was killed."""

from __future__ import annotations

from dbwarden.core.dialect import OWN_PREFIX, Connection
from dbwarden.errors import DatabaseError, Failure

COMMENT = "DBWarden: restore of "
"""Comment of such a database, before the name of the one that it is for."""
_DATABASES = f"""SELECT name FROM system.databases
WHERE startsWith(name, '{OWN_PREFIX}restore_') AND comment = '{COMMENT}' || currentDatabase() ORDER BY name"""


def databases(conn: Connection) -> tuple[str, ...]:
    """Names of those for the current database."""
    try:
        return tuple(str(name) for (name,) in conn.query(_DATABASES))
    except DatabaseError as error:
        if error.failure is not Failure.MISSING_COLUMN:
            raise
        return ()  # a server before 21.6: databases have no comments, and a restore is refused


def restore_in_progress(conn: Connection) -> str:
    """State of the current database if such databases of it exist (``Dialect.restore_in_progress``)."""
    names = databases(conn)
    if not names:
        return ""
    dropped = "; ".join(f"DROP DATABASE {name} SYNC" for name in names)
    return (
        "each table is the one from before or the one of the backup, and views and dictionaries may be missing; what was replaced"
        f" is in {' and '.join(names)} or has a name that begins with {OWN_PREFIX}replaced_ (if all is as it was, and nothing"
        f" has that name, `{dropped}` is enough)"
    )
