"""Verifies the schema to which the unqualified names of a session belong."""

from __future__ import annotations

from dbwarden.core.dialect import Connection
from dbwarden.dialects.base.names import literal

_LOOK = """SELECT pg_catalog.current_schema()::text, EXISTS (
    SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = {schema} )"""


def missing_schema(conn: Connection, schema: str) -> str | None:
    """Why unqualified names do not belong to ``schema``; ``None`` if they do.

    The server skips schemas of the search path that do not exist, and those on which the role has no USAGE: a new table would
    be created in the next one.
    """
    ((current, exists),) = conn.query(_LOOK.format(schema=literal(schema)))
    if current == schema:
        return None
    return "the role has no USAGE on it" if exists else "it does not exist"
