"""Scratch databases: a temporary database on the same server, the embedded engine, or a container; and how to empty one.

The same server is tried first, because no other behaves exactly like it. Another server gets a database of the same name,
which statements may write before the names of tables, and the settings of the account.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any
from urllib.parse import quote as encoded

from dbwarden.core.dialect import SCRATCH_PREFIX, Connection, ScratchProvider, ScratchRequest, Server, Transfer
from dbwarden.core.model import Column, Table
from dbwarden.dialects.base import docker_server, local_server
from dbwarden.dialects.base.temporary_database import TemporaryDatabase

from .servers import DOCKER_SERVER, LOCAL_SERVER
from .types import type_text
from .versions import ATOMIC, TABLE_DEPENDENCIES, Version, has
from .words import quote, string_literal


def scratch_providers(request: ScratchRequest, server: Server) -> Sequence[ScratchProvider]:
    """Scratch providers in order of preference."""

    @contextmanager
    def elsewhere(running: Callable[[], AbstractContextManager[Connection]]) -> Iterator[Connection]:
        with running() as conn, _own_database(conn, request, server) as home:
            yield home

    local = partial(local_server.running, LOCAL_SERVER, request, server.version)
    in_container = partial(docker_server.running, DOCKER_SERVER, request, server.version)
    return (
        ScratchProvider("a temporary database on the same server", partial(_temporary(server.version).open, request)),
        ScratchProvider("the embedded engine", partial(elsewhere, local), own_server=True),
        ScratchProvider("a container", partial(elsewhere, in_container), own_server=True),
    )


# -- on the same server -----------------------------------------------------------------------------------------------


def _scratch_names(conn: Connection) -> list[str]:
    rows = conn.query(f"SELECT name FROM system.databases WHERE startsWith(name, {string_literal(SCRATCH_PREFIX)})")
    return [str(name) for (name,) in rows]


def _temporary(version: Version) -> TemporaryDatabase:
    """A database of the engine Atomic, whatever that of the other one is: it exists on this server alone."""
    atomic = has(version, ATOMIC)
    return TemporaryDatabase(
        "ClickHouse",
        create=lambda conn, name: f"CREATE DATABASE {name}" + (" ENGINE = Atomic" if atomic else ""),
        scratch_names=_scratch_names,
        quote=quote,
        how=" SYNC" if atomic else "",
        how_abandoned=" SYNC" if atomic else "",
    )


# -- like the database that it stands in for --------------------------------------------------------------------------

_SETTINGS = re.compile(
    r"(?:allow|enable|flatten|cast|date_time|join|union|except|intersect|describe|input_format|output_format|format"
    r"|data_type|default|compatibility|session_timezone|insert|transform_null|prefer|mutations|alter)\w*"
)
"""Settings that decide what a statement means or whether it is refused, by the beginnings of their names."""
_OURS = frozenset(("date_time_output_format", "database"))
"""Settings that each connection of ours sends."""


@contextmanager
def _own_database(conn: Connection, request: ScratchRequest, server: Server) -> Iterator[Connection]:
    """Connection to a new database of another server, with the name of ``request.conn``'s and its account's settings."""
    name, settings = server.default_schema or request.name, ""
    if request.conn is not None:
        name = str(request.conn.query("SELECT currentDatabase()")[0][0])
        settings = _settings(request.conn)
    if name != "default":
        conn.execute(f"DROP DATABASE IF EXISTS {quote(name)} SYNC")
        conn.execute(f"CREATE DATABASE {quote(name)}")
    opened: Any = conn
    home: Connection = opened.sibling(f"{_address(opened.url)}/{encoded(name)}{settings}")
    try:
        yield home
    finally:
        home.close()


def _address(url: Any) -> str:
    """The URL of a server up to its path."""
    password = f":{encoded(url.password, safe='')}" if url.password else ""
    return f"{url.scheme}://{encoded(url.username or 'default', safe='')}{password}@{url.host}:{url.port}"


def _settings(conn: Connection) -> str:
    """Parameters of a URL for the changed settings of the account of ``conn``."""
    changed = {
        str(name): str(value)
        for name, value in conn.query("SELECT name, value FROM system.settings WHERE changed")
        if _SETTINGS.fullmatch(str(name)) and name not in _OURS
    }
    pairs = "&".join(f"ch_{name}={encoded(value, safe='')}" for name, value in changed.items())
    return f"?{pairs}" if pairs else ""


# -- emptying ---------------------------------------------------------------------------------------------------------

_OBJECTS = """SELECT multiIf(engine LIKE '%View', 'VIEW', engine = 'Dictionary', 'DICTIONARY', 'TABLE') AS kind, name
FROM system.tables WHERE database = currentDatabase() AND NOT is_temporary AND NOT startsWith(name, '.inner')
ORDER BY indexOf(['VIEW', 'DICTIONARY', 'TABLE'], kind), name"""
"""All objects of the current database: views before what they read."""


def first_object(conn: Connection) -> str | None:
    """A table, view or dictionary of this database; ``None`` if there is none."""
    rows = conn.query(f"{_OBJECTS} LIMIT 1")
    return f"{str(rows[0][0]).lower()} {rows[0][1]}" if rows else None


def clear(conn: Connection, version: Version = ()) -> None:
    """Drop all objects in this database, whatever depends on them."""
    ending = " SYNC" if has(version, ATOMIC) else ""
    ending += " SETTINGS check_table_dependencies = 0" if has(version, TABLE_DEPENDENCIES) else ""
    for kind, name in conn.query(_OBJECTS):
        kind = kind if has(version, ATOMIC) else "TABLE"
        conn.execute(f"DROP {kind} IF EXISTS {quote(str(name))}{ending}")


# -- rows -------------------------------------------------------------------------------------------------------------


def transfer(table: Table) -> Transfer:
    """Transfer of every value: times in UTC with all their digits, states of aggregates in hexadecimal digits."""
    columns = tuple(column for column in table.columns.values() if _is_stored(column))
    listed = ", ".join(quote(column.name) for column in columns)
    read = ", ".join(f"{_read(column)} AS {quote(column.name)}" for column in columns)
    where = quote(table.name)
    return Transfer(
        tuple(column.name for column in columns),
        f"SELECT {read} FROM {where} AS t",
        f"INSERT INTO {where} ({listed})",
        tuple(_write(column, f":c{at}") for at, column in enumerate(columns)),
        source="t",
    )


def _is_stored(column: Column) -> bool:
    """Whether INSERT takes a value that SELECT returns."""
    return column.computed is None and not column.options.get("ephemeral")


_PLAIN = re.compile(
    r"(?:LowCardinality\()?(?:Nullable\()?(?:U?Int\d|Float|BFloat|Decimal|Bool|String|FixedString|Date\b|Date32|UUID|Enum)"
)


def _read(column: Column) -> str:
    name = f"t.{quote(column.name)}"
    match column.type.name:
        case "DateTime" | "DateTime64":
            return f"toString(toTimeZone({name}, 'UTC'))"
        case "AggregateFunction":
            return f"hex({name})"
    return name if _is_plain(column) else f"toString({name})"


def _write(column: Column, value: str) -> str:
    match column.type.name:
        case "DateTime":
            return f"toDateTime({value}, 'UTC')"
        case "DateTime64":
            return f"toDateTime64({value}, {(column.type.args or ('3',))[0]}, 'UTC')"
        case "AggregateFunction":
            value = f"unhex({value})"
        case "Map":  # read by VALUES, but not by CAST
            return value
    return value if _is_plain(column) else f"CAST({value}, {string_literal(type_text(column.type, column.nullable))})"


def _is_plain(column: Column) -> bool:
    """Whether the driver returns and takes the values unchanged. Arrays and the like are transferred as text."""
    return _PLAIN.match(type_text(column.type)) is not None


# -- what a database may lack -----------------------------------------------------------------------------------------

_MISSING = (
    re.compile(r"Function with name `(?P<name>[^`]+)` does not exist"),
    re.compile(r"Unknown (?:data type family|table engine|storage policy|disk)[: ]+`?(?P<name>\w+)"),
    re.compile(r"There is no (?:named collection|role|user|settings profile|quota|row policy) `(?P<name>[^`]+)`"),
    re.compile(r"Dictionary \(`(?P<name>[^`]+)`\) not found"),
    re.compile(r"Database (?P<name>\S+) does not exist"),
    re.compile(r"Table (?P<name>\S+) does not exist"),
    re.compile(r"Unknown table expression identifier '(?P<name>[^']+)'"),
)


def missing_dependency(message: str) -> str | None:
    """Name of a missing function, table, database, dictionary, account, policy or collection, by the server's message;
    ``None`` for any other error."""
    for pattern in _MISSING:
        match = pattern.search(message)
        if match is not None:
            return match["name"].rpartition(".")[2].strip("`")
    return None
