"""Scratch databases: a temporary database on the same server, a local server, or a container; and how to empty one.

The same server is tried first, because no other behaves exactly like it. A local server or container gets its settings and
a database of the same name, which statements may write before the names of tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from typing import Any

from dbwarden.core.dialect import SCRATCH_PREFIX, Connection, ScratchProvider, ScratchRequest, Server, Transfer
from dbwarden.core.model import Column, Table
from dbwarden.core.types import DataType
from dbwarden.dialects.base import docker_server, local_server
from dbwarden.dialects.base.names import literal
from dbwarden.dialects.base.temporary_database import TemporaryDatabase
from dbwarden.errors import DatabaseError, Unsupported

from . import roles, routine_privileges
from .servers import DOCKER_SERVERS, LOCAL_SERVERS
from .words import quote

_LIKE = SCRATCH_PREFIX.replace("_", r"\\_") + "%"


def scratch_providers(request: ScratchRequest, server: Server) -> Sequence[ScratchProvider]:
    """Scratch providers in order of preference."""

    @contextmanager
    def elsewhere(running: Callable[[], AbstractContextManager[Connection]]) -> Iterator[Connection]:
        with running() as conn:
            _copy_settings(conn, request, server)
            _copy_accounts(conn, request, server)
            with _own_database(conn, request, server) as home:
                yield home

    local = partial(local_server.running, LOCAL_SERVERS[server.flavour], request, server.version)
    in_container = partial(docker_server.running, DOCKER_SERVERS[server.flavour], request, server.version)
    return (
        ScratchProvider("a temporary database on the same server", partial(_temporary(server).open, request)),
        ScratchProvider("a private server", partial(elsewhere, local), own_server=True),
        ScratchProvider("a container", partial(elsewhere, in_container), own_server=True),
    )


# -- on the same server -------------------------------------------------------------------------------------------


def _temporary(server: Server) -> TemporaryDatabase:
    return TemporaryDatabase(
        server.product or server.flavour,
        create=lambda conn, name: f"CREATE DATABASE {name}{database_defaults(conn)}",
        scratch_names=_unused_scratch_names,
        quote=quote,
        end_sessions=_before_drop,
    )


def database_defaults(conn: Connection) -> str:
    """Clauses of CREATE DATABASE for the charset, collation and encryption of the current database.

    Without a current database, they are the server's own and not written.
    """
    rows = conn.query(
        "SELECT s.*, s.default_character_set_name, s.default_collation_name"
        " FROM information_schema.schemata AS s WHERE s.schema_name = DATABASE()"
    )
    if not rows:
        return ""
    *others, charset, collation = rows[0]
    encrypted = others[_ENCRYPTION:] == ["YES"]  # MariaDB has a comment at this place
    return f" CHARACTER SET {charset} COLLATE {collation}" + (" ENCRYPTION 'Y'" if encrypted else "")


_ENCRYPTION = 5
"""Position of DEFAULT_ENCRYPTION in ``information_schema.schemata``, a column of MySQL since 8.0.16."""


def _unused_scratch_names(conn: Connection) -> list[str]:
    """The scratch databases that no session uses."""
    rows = conn.query(
        f"SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '{_LIKE}'"
        " AND schema_name NOT IN (SELECT db FROM information_schema.processlist WHERE db IS NOT NULL)"
    )
    return [name for (name,) in rows]


def _before_drop(conn: Connection, name: str) -> None:
    """End the sessions that still run a statement in a database: DROP DATABASE would wait for them; and drop what it leaves."""
    for (number,) in conn.query(
        "SELECT id FROM information_schema.processlist WHERE db = :name AND id <> CONNECTION_ID()", {"name": name}
    ):
        with suppress(DatabaseError):  # it has ended by itself
            conn.execute(f"KILL {int(number)}")
    routine_privileges.forget(conn, name)


# -- like the database that it stands in for ----------------------------------------------------------------------

_SETTINGS = (
    "sql_mode default_storage_engine character_set_server collation_server default_collation_for_utf8mb4 time_zone"
    " explicit_defaults_for_timestamp innodb_strict_mode innodb_default_row_format log_bin_trust_function_creators"
    " sql_require_primary_key sql_generate_invisible_primary_key div_precision_increment default_week_format"
    " system_versioning_alter_history character_set_collations old_mode foreign_key_checks lower_case_table_names"
).split()
"""Settings that decide what a statement means or whether it is refused. Each server has some of them."""
_CASE = "lower_case_table_names"


def _copy_settings(conn: Connection, request: ScratchRequest, server: Server) -> None:
    """Give new sessions of a server the settings of ``request.conn``.

    Raises ``Unsupported`` if the letter case of names differs, which is decided when a server is installed.
    """
    if request.conn is None:
        return
    names = ", ".join(map(literal, _SETTINGS))
    shown = f"SHOW VARIABLES WHERE Variable_name IN ({names})"
    wanted, present = (dict(where.query(shown)) for where in (request.conn, conn))
    if wanted.get(_CASE) != present.get(_CASE):
        reason = f"its {_CASE} is {present.get(_CASE)}, and that of the database {wanted.get(_CASE)}"
        raise Unsupported(feature="a server of our own", dialect=server.product or server.flavour, reason=reason)
    for name, value in wanted.items():
        if name in present and present[name] != value:
            with suppress(DatabaseError):  # a time zone whose tables are not loaded
                conn.execute(f"SET GLOBAL {name} = {value if value.isdigit() else literal(value)}")


def _copy_accounts(conn: Connection, request: ScratchRequest, server: Server) -> None:
    """Create the accounts and roles of the original server, which statements may name, as far as the session may read them."""
    if request.conn is None:
        return
    with suppress(DatabaseError):
        roles.copy_accounts(request.conn, conn, server)


@contextmanager
def _own_database(conn: Connection, request: ScratchRequest, server: Server) -> Iterator[Connection]:
    """Connection to a new database of another server with the name and defaults of ``request.conn``'s."""
    name, clauses = server.default_schema or request.name, ""
    if request.conn is not None:
        name, clauses = request.conn.query("SELECT DATABASE()")[0][0] or name, database_defaults(request.conn)
    with suppress(DatabaseError):  # a database ``test`` may be there already
        conn.execute(f"DROP DATABASE IF EXISTS {quote(name)}")
    conn.execute(f"CREATE DATABASE {quote(name)}{clauses}")
    opened: Any = conn
    home: Connection = opened.sibling(name)
    try:
        yield home
    finally:
        home.close()


# -- emptying -----------------------------------------------------------------------------------------------------

_OBJECTS = """SELECT CASE table_type WHEN 'VIEW' THEN 1 WHEN 'SEQUENCE' THEN 3 ELSE 2 END AS turn,
  CASE table_type WHEN 'VIEW' THEN 'VIEW' WHEN 'SEQUENCE' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, table_name AS name
FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type <> 'TEMPORARY'
UNION ALL
SELECT 4, routine_type, routine_name FROM information_schema.routines
WHERE routine_schema = DATABASE() AND routine_type <> 'PACKAGE BODY'
UNION ALL
SELECT 5, 'EVENT', event_name FROM information_schema.events WHERE event_schema = DATABASE()
ORDER BY 1, 3"""
"""All objects of the current database but triggers, which are dropped with their tables."""
_SEVERAL = frozenset(("VIEW", "TABLE", "SEQUENCE"))
"""Kinds of which one DROP takes several."""


def first_object(conn: Connection) -> str | None:
    """A table, view, sequence, routine or event of this database; ``None`` if there is none."""
    rows = conn.query(f"{_OBJECTS} LIMIT 1")
    return f"{str(rows[0][1]).lower()} {rows[0][2]}" if rows else None


def clear(conn: Connection) -> None:
    """Drop all objects in this database. Foreign keys are not checked meanwhile, in this session only."""
    names: dict[str, list[str]] = {}
    for _, kind, name in conn.query(_OBJECTS):
        names.setdefault(str(kind), []).append(quote(name))
    with unchecked_foreign_keys(conn):
        for kind, objects in names.items():
            for several in [", ".join(objects)] if kind in _SEVERAL else objects:
                conn.execute(f"DROP {kind} IF EXISTS {several}")


@contextmanager
def unchecked_foreign_keys(conn: Connection) -> Iterator[None]:
    """Without checks of foreign keys in this session."""
    checked = conn.query("SELECT @@SESSION.foreign_key_checks")[0][0]
    conn.execute("SET SESSION foreign_key_checks = 0")
    try:
        yield
    finally:
        with suppress(DatabaseError):
            conn.execute(f"SET SESSION foreign_key_checks = {int(checked)}")


# -- rows ---------------------------------------------------------------------------------------------------------

_BYTES = frozenset(
    "binary varbinary tinyblob blob mediumblob longblob vector geometry point linestring polygon multipoint"
    " multilinestring multipolygon geometrycollection geomcollection".split()
)
"""Types whose values are transferred in hexadecimal digits; a geometry as the server stores it, with its SRID."""
_MODE = "STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO"
"""SQL mode that stores zero dates and the number 0 in a column with AUTO_INCREMENT, and refuses what does not fit."""
_EPOCH = "TIMESTAMP'1970-01-01 00:00:00'"


def transfer(table: Table, server: Server) -> Transfer:
    """Transfer of every value as text: bytes in hexadecimal digits, bits as 0 and 1, TIMESTAMP in UTC.

    The mode and time zone of INSERT are those of the statement, not of the session.
    """
    columns = tuple(column for column in table.columns.values() if column.computed is None)
    where = quote(table.name)
    read = ", ".join(f"{_read(column)} AS {quote(column.name)}" for column in columns)
    listed = ", ".join(quote(column.name) for column in columns)
    return Transfer(
        tuple(column.name for column in columns),
        f"SELECT {read} FROM {where}",
        f"{_insert(server)} INTO {where} ({listed})",
        tuple(_write(column.type, f":c{at}") for at, column in enumerate(columns)),
        source=where,
    )


def _insert(server: Server) -> str:
    if server.flavour == "mariadb":
        return f"SET STATEMENT sql_mode = '{_MODE}', time_zone = '+00:00' FOR INSERT"
    return f"INSERT /*+ SET_VAR(sql_mode = '{_MODE}') SET_VAR(time_zone = '+00:00') */"


def _read(column: Column) -> str:
    name = quote(column.name)
    match column.type.name:
        case kind if kind in _BYTES:
            return f"HEX({name})"
        case "bit":
            return f"BIN({name})"
        case "float":  # as text it would have only six digits
            return f"CAST(CAST({name} AS DOUBLE) AS CHAR)"
        case "timestamp":
            seconds = f"UNIX_TIMESTAMP({name})"
            instant = f"CAST({_EPOCH} + INTERVAL {seconds} SECOND AS CHAR)"
            return f"IF({seconds} = 0, CAST({name} AS CHAR), {instant})"  # 0 is the zero date
    return f"CAST({name} AS CHAR)"


def _write(datatype: DataType, value: str) -> str:
    if datatype.name in _BYTES:
        return f"UNHEX({value})"
    return f"CAST(CONV({value}, 2, 10) AS UNSIGNED)" if datatype.name == "bit" else value


# -- what a database may lack -------------------------------------------------------------------------------------

_MISSING = re.compile(
    r"(?:FUNCTION|PROCEDURE) (?P<routine>\S+) does not exist"
    r"|Function '(?P<function>[^']+)' is not defined"
    r"|Unknown (?:database|collation:|character set:|storage engine|system variable|SEQUENCE:) '(?P<unknown>[^']+)'"
    r"|Unknown or incorrect time zone: '(?P<zone>[^']+)'"
    r"|specified as a definer \((?P<account>[^)]+)\) does not exist"
    r"|Can't find any matching row in the user table|Unknown authorization ID (?P<role>\S+)"
    r"|Plugin '(?P<plugin>[^']+)' is not loaded"
    r"|Table '(?P<table>[^']+)' doesn't exist"
)


def missing_dependency(message: str) -> str | None:
    """Name of a missing function, table, account, collation, time zone or plugin, by the English message; ``None`` for any
    other error."""
    match = _MISSING.search(message)
    if match is None:
        return None
    name = next(filter(None, match.groups()), "an account")
    return name if match["account"] or match["role"] else name.rpartition(".")[2]
