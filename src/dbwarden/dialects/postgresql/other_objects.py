"""Objects of kinds that migrations do not describe: they are listed, so that nobody misses them, and left alone."""

from __future__ import annotations

from dbwarden.core.dialect import Connection, Scope, Server
from dbwarden.core.model import Definition
from dbwarden.core.types import Expression
from dbwarden.dialects.base.catalog import catalog_query
from dbwarden.dialects.base.names import literal


def other_objects(conn: Connection, scope: Scope, server: Server) -> tuple[Definition, ...]:
    """The objects of these namespaces, and those of the whole database, in one query."""
    default = server.default_schema or "public"
    namespaces = ", ".join(sorted({literal(name or default) for name in scope.schemas}))
    text = catalog_query(__package__, "other_objects").replace(":'namespaces'", f"ARRAY[{namespaces}]::text[]")
    return tuple(
        Definition(str(kind), str(name), Expression(""), str(place) if place not in (None, default) else None)
        for kind, place, name in conn.query(text)
    )
