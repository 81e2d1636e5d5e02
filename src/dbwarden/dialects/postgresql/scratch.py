"""Scratch databases: a temporary database on the same server, a local server, or a container; and how to empty one.

The same server is tried first, because no other behaves exactly like it. A local server or container gets the same roles.
Each gets the search path and the extensions of the database that it stands in for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from typing import Any

from dbwarden.core.dialect import SCRATCH_PREFIX, Connection, ScratchProvider, ScratchRequest, Server, Transfer
from dbwarden.core.model import Column, Table
from dbwarden.dialects.base import docker_server, local_server
from dbwarden.dialects.base.names import literal
from dbwarden.dialects.base.temporary_database import TemporaryDatabase
from dbwarden.errors import DatabaseError

from . import names
from .servers import DOCKER_SERVER, LOCAL_SERVER


def scratch_providers(request: ScratchRequest, server: Server) -> Sequence[ScratchProvider]:
    """Scratch providers in order of preference."""

    @contextmanager
    def temporary() -> Iterator[Connection]:
        with _temporary(server).open(request) as conn, _matching_connection(conn, request, server) as home:
            yield home

    @contextmanager
    def elsewhere(running: Callable[[], AbstractContextManager[Connection]]) -> Iterator[Connection]:
        with running() as conn:
            _copy_roles(conn, request)
            with _matching_connection(conn, request, server) as home:
                yield home

    local = partial(local_server.running, LOCAL_SERVER, request, server.version)
    in_container = partial(docker_server.running, DOCKER_SERVER, request, server.version)
    return (
        ScratchProvider("a temporary database on the same server", temporary),
        ScratchProvider("a private server", partial(elsewhere, local), own_server=True),
        ScratchProvider("a container", partial(elsewhere, in_container), own_server=True),
    )


# -- on the same server -------------------------------------------------------------------------------------------


def _temporary(server: Server) -> TemporaryDatabase:
    return TemporaryDatabase(
        "PostgreSQL",
        create=lambda conn, name: f"CREATE DATABASE {name} TEMPLATE template0{_locale(conn)}{_strategy(conn, server)}",
        copy=lambda name, template: f"CREATE DATABASE {name} TEMPLATE {names.quote(template)}",
        scratch_names=_scratch_names,
        quote=names.quote,
        prepare=_wait_for_ever,
        how=" WITH (FORCE)" if server.version >= (13,) else "",
    )


def _wait_for_ever(conn: Connection) -> None:
    conn.execute("SET lock_timeout = 0; SET statement_timeout = 0")


def _locale(conn: Connection) -> str:
    """Clauses of CREATE DATABASE for the same encoding and collation as the current database."""
    encoding, collate, ctype, provider, locale = conn.query(
        "SELECT pg_encoding_to_char(d.encoding), d.datcollate::text, d.datctype::text,"
        " to_jsonb(d) ->> 'datlocprovider', COALESCE(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')"
        " FROM pg_catalog.pg_database d WHERE d.datname = current_database()"
    )[0]
    text = f" ENCODING {literal(encoding)} LC_COLLATE {literal(collate)} LC_CTYPE {literal(ctype)}"
    if provider == "i" and locale:
        text += f" LOCALE_PROVIDER icu ICU_LOCALE {literal(locale)}"
    elif provider == "b" and locale:
        text += f" LOCALE_PROVIDER builtin BUILTIN_LOCALE {literal(locale)}"
    return text


def _strategy(conn: Connection, server: Server) -> str:
    """STRATEGY file_copy (since version 15) on a server without fsync, as in CI, where it takes a fifth of the time.

    Elsewhere the checkpoints that it requests would disturb other users.
    """
    if server.version < (15,) or conn.query("SELECT current_setting('fsync')")[0][0] != "off":
        return ""
    return " STRATEGY file_copy"


def _scratch_names(conn: Connection) -> list[str]:
    """All scratch databases: one that is in use, or owned by another role, cannot be dropped."""
    rows = conn.query(
        f"SELECT datname::text FROM pg_catalog.pg_database WHERE starts_with(datname::text, {literal(SCRATCH_PREFIX)})"
    )
    return [name for (name,) in rows]


# -- like the database that it stands in for ----------------------------------------------------------------------


@contextmanager
def _matching_connection(conn: Connection, request: ScratchRequest, server: Server) -> Iterator[Connection]:
    """Connection with the search path and extensions of ``request.conn``, except extensions that cannot be created."""
    if request.conn is None:
        yield conn
        return
    with _on_path(conn, request.conn, server.default_schema or "public") as home:
        _extensions(home, request.conn)
        yield home


@contextmanager
def _on_path(conn: Connection, target: Connection, default: str) -> Iterator[Connection]:
    """Connection to ``conn``'s database with the search path of ``target``.

    The path is set on the database, because RESET ALL, which runs after a file, would undo SET.
    """
    path = target.query("SELECT current_setting('search_path')")[0][0]
    if default != "public":
        conn.execute(f"CREATE SCHEMA IF NOT EXISTS {names.quote(default)}")
    if conn.query("SELECT current_setting('search_path')")[0][0] == path:
        yield conn
        return
    database = names.quote(str(conn.query("SELECT current_database()::text")[0][0]))
    conn.query(f"SELECT set_config('search_path', {literal(path)}, false)")
    conn.execute(f"ALTER DATABASE {database} SET search_path FROM CURRENT")
    opened: Any = conn
    home: Connection = opened.sibling()
    try:
        yield home
    finally:
        home.close()


def _extensions(conn: Connection, home: Connection) -> None:
    rows = home.query(
        "SELECT e.extname::text, n.nspname::text FROM pg_catalog.pg_extension e"
        " JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql' ORDER BY e.oid"
    )
    for name, schema in rows:
        with suppress(DatabaseError):
            conn.execute(f"CREATE SCHEMA IF NOT EXISTS {names.quote(schema)}")
            conn.execute(f"CREATE EXTENSION IF NOT EXISTS {names.quote(name)} SCHEMA {names.quote(schema)} CASCADE")


def _copy_roles(conn: Connection, request: ScratchRequest) -> None:
    """Create the roles of the original server, which statements may name."""
    if request.conn is None:
        return
    known = {name for (name,) in conn.query("SELECT rolname::text FROM pg_catalog.pg_roles")}
    for (name,) in request.conn.query("SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_'"):
        if name not in known:
            with suppress(DatabaseError):
                conn.execute(f"CREATE ROLE {names.quote(name)}")


# -- emptying -----------------------------------------------------------------------------------------------------

_MEMBER = (
    "EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = {catalogue}::regclass"
    " AND e.objid = {oid} AND e.deptype = 'e')"
)
_OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_KINDS = (
    "CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'"
    " WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END"
)
_OBJECTS = f"""SELECT CASE c.relkind WHEN 'S' THEN 2 ELSE 1 END, {_KINDS}, format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND NOT {
    _MEMBER.format(catalogue="'pg_catalog.pg_class'", oid="c.oid")
}
UNION ALL
SELECT 2, 'ROUTINE', p.oid::regprocedure::text
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE {_OURS} AND p.prokind <> 'a' AND NOT {_MEMBER.format(catalogue="'pg_catalog.pg_proc'", oid="p.oid")}
UNION ALL
SELECT 3, CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, format('%I.%I', n.nspname, t.typname)
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE {_OURS} AND t.typtype IN ('d', 'e', 'r', 'c') AND COALESCE(c.relkind, 'c') = 'c' AND NOT {
    _MEMBER.format(catalogue="'pg_catalog.pg_type'", oid="t.oid")
}
UNION ALL
SELECT 4, 'SCHEMA', format('%I', n.nspname) FROM pg_catalog.pg_namespace n
WHERE {_OURS} AND n.nspname <> 'public'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE e.extnamespace = n.oid)
ORDER BY 1"""


def first_object(conn: Connection) -> str | None:
    """A table, view, sequence, function, type or schema that does not belong to an extension; ``None`` if there is none."""
    rows = conn.query(f"{_OBJECTS} LIMIT 1")
    return f"{str(rows[0][1]).lower()} {rows[0][2]}" if rows else None


def clear(conn: Connection) -> None:
    """Drop all objects except extensions, which our role may not be allowed to create again."""
    for _, kind, name in conn.query(_OBJECTS):
        conn.execute(f"DROP {kind} IF EXISTS {name} CASCADE")


# -- rows ---------------------------------------------------------------------------------------------------------


def transfer(table: Table) -> Transfer:
    """Transfer of every value as text, which the column's type parses again. Identity columns keep their numbers."""
    columns = tuple(name for name, column in table.columns.items() if column.computed is None)
    where = names.of(table.ref)
    read = ", ".join(f"CAST({names.quote(name)} AS text)" for name in columns)
    listed = ", ".join(names.quote(name) for name in columns)
    identity = any(column.identity is not None for column in table.columns.values())
    counted = [column for column in table.columns.values() if _counts(column)]
    return Transfer(
        columns,
        f"SELECT {read} FROM {where}",
        f"INSERT INTO {where} ({listed}){' OVERRIDING SYSTEM VALUE' if identity else ''}",
        tuple(f":c{at}" for at in range(len(columns))),
        tuple(_setval(where, column.name) for column in counted),
        where,
        _READABLE,
    )


_READABLE = (
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL intervalstyle = 'iso_8601'",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL extra_float_digits = 1",
)
"""Settings under which every value has a text that a session with any settings reads as the same value."""


def _counts(column: Column) -> bool:
    return column.identity is not None or (column.default is not None and "nextval" in column.default.text)


def _setval(where: str, name: str) -> str:
    sequence = f"pg_get_serial_sequence({literal(where)}, {literal(name)})"
    highest, last = f"max({names.quote(name)})", f"COALESCE(pg_sequence_last_value(CAST({sequence} AS regclass)), 0)"
    return f"SELECT setval({sequence}, {highest}) FROM {where} HAVING {highest} > {last}"
