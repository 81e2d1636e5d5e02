"""Privileges on routines, which the servers forget when a routine is dropped.

``mysql.procs_priv`` has them, and most accounts may not read it. Then they are unknown, and a routine that MySQL drops and
creates again loses them: the rule ``replace-in-place`` says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from dbwarden.core.dialect import Connection
from dbwarden.dialects.base.catalog import catalog_query
from dbwarden.errors import DatabaseError, PermissionDenied

from .words import quote

_GRANTABLE = "GRANT"


def privileges(conn: Connection) -> Mapping[tuple[str, str], Sequence[str]]:
    """GRANT statements by type, in upper case, and name of the routine; empty if this account may not read them."""
    try:
        rows = conn.query(catalog_query(__package__, "routine_privileges"))
    except PermissionDenied:
        return {}
    statements: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        kind, name, user, host, granted = (value.decode() if isinstance(value, bytes) else value for value in row)
        words = sorted(granted.upper().split(",") if isinstance(granted, str) else map(str.upper, granted))
        named = [word for word in words if word and word != _GRANTABLE]
        grantee = f"{_quoted(user)}@{_quoted(host)}" if host else _quoted(user)
        option = " WITH GRANT OPTION" if _GRANTABLE in words else ""
        statements.setdefault((kind, name), []).append(
            f"GRANT {', '.join(reversed(named)) or 'USAGE'} ON {kind} {quote(name)} TO {grantee}{option}"
        )
    return statements


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def forget(conn: Connection, database: str) -> None:
    """Drop the routines of a scratch database with their privileges: DROP DATABASE would leave these behind (measured on
    MySQL 9.7 and MariaDB 10.11)."""
    with suppress(DatabaseError):
        for kind, name in conn.query(
            "SELECT DISTINCT routine_type, routine_name FROM mysql.procs_priv WHERE db = :name", {"name": database}
        ):
            conn.execute(f"DROP {_text(kind)} IF EXISTS {quote(database)}.{quote(_text(name))}")


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
