"""Diagnoses of a PostgreSQL server and of the role that connects."""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core.diagnosis import Diagnosis, Grade
from dbwarden.core.dialect import Connection, Server
from dbwarden.dialects.base import health
from dbwarden.dialects.base.catalog import catalog_query

from .names import quote

_OLDEST = (15,)


def diagnose(conn: Connection, server: Server) -> Iterator[Diagnosis]:
    """Version, privileges, owners, open transactions and broken indexes, in four queries. Raises ``DatabaseError``."""
    row = conn.query(catalog_query(__package__, "health"))[0]
    role, database, schema, standby, read_only, creates_schemas, creates_objects, creates_databases, seconds = row
    yield health.version(server, _OLDEST)
    yield health.clock(float(seconds))
    if standby or read_only == "on":
        why = "is a standby" if standby else "begins every transaction read-only (default_transaction_read_only)"
        yield Diagnosis("writing", Grade.PROBLEM, f"the server {why}", "name the primary server in the URL")
    yield _privileges(str(role), str(database), schema, bool(creates_objects))
    if not creates_schemas:
        yield Diagnosis(
            "privileges",
            Grade.NOTE,
            f"{role} cannot create schemas: declared views and functions are compared by their text",
            f"`GRANT CREATE ON DATABASE {quote(str(database))} TO {quote(str(role))};`",
        )
    yield from _others(conn, str(role))
    yield health.scratch(bool(creates_databases), "CREATEDB")
    yield _open_transactions(conn)
    yield from _invalid_indexes(conn)


def _privileges(role: str, database: str, schema: str | None, able: bool) -> Diagnosis:
    if schema is None:
        text = f"no schema of the search path exists in {database}, so that a new table has no place"
        return Diagnosis("privileges", Grade.PROBLEM, text, f"`CREATE SCHEMA AUTHORIZATION {quote(role)};`")
    grant = f"`GRANT USAGE, CREATE ON SCHEMA {quote(schema)} TO {quote(role)};`"
    return health.privileges(role, f"schema {schema} of {database}", [] if able else ["CREATE"], grant)


def _others(conn: Connection, role: str) -> Iterator[Diagnosis]:
    """Tables of other owners, which only these can alter (manual, ALTER TABLE, Description)."""
    rows = conn.query(catalog_query(__package__, "health_owners"))
    if rows:
        owner, _, example = rows[0]
        tables = sum(int(row[1]) for row in rows)
        text = f"{role} is not a member of {owner}, the owner of {example}: it cannot alter {tables} of the tables"
        grant = f"`GRANT {quote(str(owner))} TO {quote(role)};`, or migrate as {owner}"
        yield Diagnosis("owners", Grade.WARNING, text, grant)


def _open_transactions(conn: Connection) -> Diagnosis:
    rows = conn.query(catalog_query(__package__, "health_sessions"), {"seconds": health.LONG})
    sessions = [
        (f"session {pid} of {user or 'another role'} ({name or 'no application name'})", float(age))
        for pid, user, name, age in rows
    ]
    return health.open_transactions(sessions, f"SELECT pg_terminate_backend({rows[0][0]});" if rows else "")


def _invalid_indexes(conn: Connection) -> Iterator[Diagnosis]:
    for table, index in conn.query(catalog_query(__package__, "health_indexes")):
        text = f"{index} of {table} is invalid: a CREATE INDEX CONCURRENTLY failed, and writers maintain it for nothing"
        yield Diagnosis("indexes", Grade.WARNING, text, f"`REINDEX INDEX CONCURRENTLY {index};`, or drop it")
