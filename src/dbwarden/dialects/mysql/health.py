"""Diagnoses of a MySQL or MariaDB server and of the account that connects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from dbwarden.core.diagnosis import Diagnosis, Grade
from dbwarden.core.dialect import Connection, Server
from dbwarden.dialects.base import health
from dbwarden.dialects.base.catalog import catalog_query
from dbwarden.dialects.base.names import literal
from dbwarden.errors import DatabaseError, PermissionDenied

from .server_version import as_text
from .words import quote

_OLDEST = {"mysql": (8, 0), "mariadb": (10, 6)}
_NEEDED = ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "INDEX", "REFERENCES")
_STRICT = ("STRICT_TRANS_TABLES", "STRICT_ALL_TABLES", "TRADITIONAL")


def diagnose(conn: Connection, server: Server) -> Iterator[Diagnosis]:
    """Version, privileges, modes and open transactions, in four queries. Raises ``DatabaseError``."""
    row = conn.query(catalog_query(__package__, "health"))[0]
    account, database, read_only, mode, logged, trusted, seconds = row
    yield health.version(server, _OLDEST[server.flavour])
    yield health.clock(float(seconds))
    if int(read_only):
        yield Diagnosis(
            "writing", Grade.PROBLEM, "the server is read-only (read_only)", "name the primary server in the URL"
        )
    yield from _privileges(conn, as_text(account), as_text(database))
    if not any(word in as_text(mode) for word in _STRICT):
        yield Diagnosis(
            "sql_mode",
            Grade.WARNING,
            "sql_mode is not strict: applications store values that do not fit, cut off or as 0",
            "`SET GLOBAL sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES');`, and in the server's configuration",
        )
    if int(logged) and not int(trusted):
        yield Diagnosis(
            "binary log",
            Grade.NOTE,
            "with a binary log, only an account with SUPER (MySQL 8: SET_USER_ID too) creates functions and triggers",
            "`SET GLOBAL log_bin_trust_function_creators = ON;` if models declare some",
        )
    yield _open_transactions(conn)


# -- privileges ---------------------------------------------------------------------------------------------------


def _privileges(conn: Connection, account: str, database: str) -> Iterator[Diagnosis]:
    user, _, host = account.rpartition("@")
    grantee = f"{literal(user)}@{literal(host)}"
    rows = conn.query(catalog_query(__package__, "health_privileges"), {"grantee": f"'{user}'@'{host}'"})
    everywhere = {privilege for scope, privilege in map(_texts, rows) if scope == "*"}
    here = everywhere | {privilege for scope, privilege in map(_texts, rows) if _covers(scope, database)}
    missing = [name for name in _NEEDED if name not in here]
    if missing and _has_roles(conn):
        text = f"{account} has roles, whose privileges are not examined; by itself it lacks {', '.join(missing)}"
        yield Diagnosis("privileges", Grade.NOTE, text)
    else:
        grant = f"`GRANT {', '.join(missing)} ON {quote(database)}.* TO {grantee};`"
        yield health.privileges(account, f"the database {database}", missing, grant)
    yield health.scratch({"CREATE", "DROP"} <= everywhere, "CREATE and DROP on *.*")


def _texts(row: Sequence[Any]) -> tuple[str, str]:
    return as_text(row[0]), as_text(row[1])


def _covers(scope: str, database: str) -> bool:
    """Whether a database's name is that of a grant, in which ``%`` and ``_`` are wildcards (manual, GRANT)."""
    if scope == "*":
        return False
    pattern = scope.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")
    pattern = pattern.replace("\\_", "\0").replace("\\%", "\1").replace("_", "?").replace("%", "*")
    return fnmatchcase(database, pattern.replace("\0", "_").replace("\1", "%"))


def _has_roles(conn: Connection) -> bool:
    try:
        return bool(conn.query("SELECT 1 FROM information_schema.applicable_roles LIMIT 1"))
    except DatabaseError:  # a proxy that does not know the view
        return True


# -- sessions -----------------------------------------------------------------------------------------------------


def _open_transactions(conn: Connection) -> Diagnosis:
    try:
        rows = conn.query(catalog_query(__package__, "health_sessions"), {"seconds": health.LONG})
    except PermissionDenied:
        text = "open transactions are not shown to an account without the privilege PROCESS"
        return Diagnosis("sessions", Grade.NOTE, text)
    sessions = [
        (f"connection {number} of {as_text(user)} ({as_text(db) or 'no database'})", float(age))
        for number, user, db, age in rows
    ]
    return health.open_transactions(sessions, f"KILL {rows[0][0]};" if rows else "")
