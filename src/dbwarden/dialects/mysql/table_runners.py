"""gh-ost and pt-online-schema-change: command lines, what they cannot do, and what they leave behind.

Both create a table beside the original, alter that, copy the rows with INSERT IGNORE while they keep up with changes, and put it
in the place of the original by RENAME TABLE. Measured with pt-online-schema-change 3.2 on MySQL 9.7 and MariaDB 10.11; gh-ost
by its documentation ("Command line flags", "Requirements and limitations").
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from dbwarden.core.ddl.parse import cursor_at
from dbwarden.core.ddl.statements import (
    Action,
    AddColumn,
    AddConstraint,
    AlterTable,
    CreateIndex,
    DropConstraint,
    OtherClause,
    RenameColumn,
    RenameTable,
)
from dbwarden.core.dialect import Connection, Server
from dbwarden.core.table_runner import RunnerAccess, TableChange, Words
from dbwarden.core.types import Ref

from .backup import option_file
from .probe_alter import ClauseText, clauses_of
from .probe_catalog import database, qualified, text
from .statements import grammar, statement
from .words import quote

GH_OST, PT = "gh-ost", "pt-online-schema-change"

_GH_OST: Words = (
    GH_OST, "--conf={credentials_file}", "--host={host}", "--port={port}", "--ssl={tls}", "--ssl-ca={ssl_ca}",
    "--ssl-cert={ssl_cert}", "--ssl-key={ssl_key}", "--database={database}", "--table={table}", "--alter={alter}",
    "--allow-on-master", "--ok-to-drop-table", "--verbose", "--execute",
)  # fmt: skip
# The other way to look for replicas, SHOW SLAVE HOSTS, is a syntax error from MySQL 8.4 on.
_PT: Words = (
    PT, "--alter={alter}", "--execute", "--no-version-check", "--recursion-method=processlist",
    "--set-vars=lock_wait_timeout={lock_timeout}", "F={defaults_file},D={database},t={table}",
)  # fmt: skip
_TRADITIONAL = ",explain_format=TRADITIONAL"
"""Setting for pt-online-schema-change, which estimates the size of a table by EXPLAIN. MySQL 9 prints a tree by default: every
table would count as empty, and be copied by one statement."""
_EXPLAIN_FORMAT = (8, 0, 32)
"""Version of MySQL from which ``explain_format`` is a variable."""

_GHOST = re.compile(r"_+(?P<table>.+?)_(?:gho|ghc|new|old|(?:\d{14}_)?del)")
_AT_WORK = ("gho", "ghc", "new")
"""Endings of the tables that a program has while it works; the others hold the former table."""
_TRIGGER = "pt_osc_"
_PLAIN = re.compile(r"[^\s,=\\'\"`;{}]+")
"""A name that may stand in a DSN of pt-online-schema-change."""
_WITHOUT_LIMIT = 31_536_000


class Runners:
    """``core.table_runner.TableRunners`` of both flavours."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @property
    def commands(self) -> Mapping[str, Words]:
        if self._server.flavour != "mysql" or self._server.version < _EXPLAIN_FORMAT:
            return {GH_OST: _GH_OST, PT: _PT}
        words = (f"{word}{_TRADITIONAL}" if word.startswith("--set-vars=") else word for word in _PT)
        return {GH_OST: _GH_OST, PT: tuple(words)}

    def change(self, sql: str) -> TableChange | str:
        if not isinstance(statement(sql), AlterTable):
            return "it is not an ALTER TABLE"
        at = cursor_at(sql, grammar())
        at.find("ALTER")
        at.skip("ONLINE")
        if at.word() == "IGNORE":
            return "IGNORE deletes rows"
        table, clauses = clauses_of(sql)
        clauses = [clause for clause in clauses if clause.words[:1] not in (("ALGORITHM",), ("LOCK",))]
        if not clauses:
            return "it has no clause besides ALGORITHM and LOCK"
        names = (table.name, table.schema or "x")
        if not all(map(_PLAIN.fullmatch, names)):
            return f"the name {table.name} cannot stand on a command line"
        reason = next(filter(None, map(_refusal, clauses)), None)
        return reason or TableChange(table, ", ".join(clause.text for clause in clauses))

    def obstacle(self, conn: Connection, runner: str, table: Ref) -> str | None:
        kinds = [str(row[0]) for row in conn.query(f"{_TYPE} WHERE {_of(table)}")]
        if not kinds:
            return None
        if kinds[0] == "SYSTEM VERSIONED":
            return "the copy of a system-versioned table would lose its history"
        if runner == GH_OST and conn_socket(conn):
            return "gh-ost connects by TCP, and the URL names a Unix socket"
        for condition, reason in _OBSTACLES:
            rows = conn.query(condition.format(database=database(table), table=text(table.name)))
            if rows:
                return reason.format(*rows[0])
        return (
            None if _has_row_key(conn, table) else "it copies rows by a unique key without NULL, and the table has none"
        )

    def access(self, conn: Connection, change: TableChange) -> RunnerAccess:
        opened: Any = conn
        url, parameters = opened.url, opened.parameters
        socket = conn_socket(conn)
        timeout = opened.settings.lock_timeout
        tls = {name: parameters.get(name, "") for name in ("ssl_ca", "ssl_cert", "ssl_key")}
        strict = parameters.get("ssl_mode", "").upper() not in ("", "DISABLED", "PREFERRED")
        values = {
            "host": "" if socket else url.host or "127.0.0.1",
            "port": "" if socket else str(url.port or 3306),
            "socket": socket,
            "user": url.username or "",
            "database": change.table.schema or url.database or "",
            "table": change.table.name,
            "alter": change.alter,
            "lock_timeout": str(max(1, math.ceil(timeout)) if timeout else _WITHOUT_LIMIT),
            "tls": "true" if strict or any(tls.values()) else "",
            **tls,
        }
        whole = option_file(conn, self._server.flavour)
        login = [line for line in whole.splitlines() if line.startswith(("[client]", "user=", "password="))]
        files = {"defaults_file": whole, "credentials_file": "\n".join((*login, ""))}
        return RunnerAccess(values, files, (url.password,) if url.password else ())

    def unfinished(self, conn: Connection, table: Ref) -> tuple[str, ...]:
        triggers = conn.query(
            f"SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = {database(table)}"
            f" AND EVENT_OBJECT_TABLE = {text(table.name)} AND TRIGGER_NAME LIKE '{_TRIGGER.replace('_', '!_')}%' ESCAPE '!'"
        )
        tables = conn.query(
            f"SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = {database(table)}"
            " AND TABLE_NAME LIKE '!_%' ESCAPE '!'"
        )
        ghosts = [str(name) for (name,) in tables if _original(str(name), _AT_WORK) == table.name]
        prefix = f"{quote(table.schema)}." if table.schema else ""
        return (
            *(f"DROP TRIGGER {prefix}{quote(str(name))}" for (name,) in triggers),
            *(f"DROP TABLE {qualified(Ref('table', name, table.schema))}" for name in ghosts),
        )

    def original(self, ref: Ref) -> str | None:
        if ref.kind == "trigger":
            return (ref.table or "") if ref.name.startswith(_TRIGGER) else None
        return _original(ref.name)


def _original(name: str, endings: Iterable[str] = ()) -> str | None:
    match = _GHOST.fullmatch(name)
    if match is None or (endings and not name.endswith(tuple(f"_{ending}" for ending in endings))):
        return None
    return match["table"]


def conn_socket(conn: Connection) -> str:
    """Path of the Unix socket in the URL of a connection; empty for a network connection."""
    opened: Any = conn
    return opened.parameters.get("unix_socket") or opened.parameters.get("socket") or ""


# -- clauses ------------------------------------------------------------------------------------------------------

_NEW_KEY = "rows that a new unique key refuses would be lost without an error, as both programs copy with INSERT IGNORE"
_FOREIGN_KEY = "a foreign key of the copy would have another name, or refer to the table that is replaced"
_AT_ONCE = "the server does that at once, without a copy"


def _refusal(clause: ClauseText) -> str | None:
    """Why a runner cannot be given this clause."""
    if clause.words[1:2] in (("SYSTEM",), ("PERIOD",)):
        return "the history of a system-versioned table does not survive a copy"
    return next(filter(None, map(_refusal_of, clause.actions)), None)


def _refusal_of(action: Action) -> str | None:
    match action:
        case RenameTable():
            return f"it renames the table: {_AT_ONCE}"
        case RenameColumn(_, old, new):
            return f"it renames {old} to {new}, whose values the copy may lose: {_AT_ONCE}"
        case AddConstraint(_, constraint) if constraint.kind == "foreign key":
            return _FOREIGN_KEY
        case AddConstraint(_, constraint) if constraint.kind in ("unique", "primary key"):
            return _NEW_KEY
        case CreateIndex(unique=True):
            return _NEW_KEY
        case AddColumn(_, column) if column.references is not None:
            return _FOREIGN_KEY
        case AddColumn(_, column) if column.unique or column.primary:
            return _NEW_KEY
        case DropConstraint(kind="foreign key"):
            return _FOREIGN_KEY
        case DropConstraint(kind="primary key"):
            return "it drops the key by which rows are copied"
        case OtherClause(_, words) if "PARTITION" in words[:2] and words[:2] != ("PARTITION", "BY"):
            return "it changes partitions, of which a copy has no use"
    return None


# -- the catalogue ------------------------------------------------------------------------------------------------

_TYPE = "SELECT TABLE_TYPE FROM information_schema.TABLES"


def _of(table: Ref) -> str:
    return f"TABLE_SCHEMA = {database(table)} AND TABLE_NAME = {text(table.name)}"


_OBSTACLES = (
    (
        "SELECT CONSTRAINT_NAME, TABLE_NAME, REFERENCED_TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS"
        " WHERE (CONSTRAINT_SCHEMA = {database} AND TABLE_NAME = {table})"
        " OR (UNIQUE_CONSTRAINT_SCHEMA = {database} AND REFERENCED_TABLE_NAME = {table}) LIMIT 1",
        "the foreign key {0} leads from {1} to {2}, and a copy would give it another name or leave it behind",
    ),
    (
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = {database}"
        " AND EVENT_OBJECT_TABLE = {table} AND TRIGGER_NAME NOT LIKE 'pt!_osc!_%' ESCAPE '!' LIMIT 1",
        "the table has the trigger {0}, which a copy does not have",
    ),
)
"""Queries for what prevents a copy, and the reasons."""


def _has_row_key(conn: Connection, table: Ref) -> bool:
    """Whether a unique index has only columns that are NOT NULL."""
    rows = conn.query(
        f"SELECT 1 FROM information_schema.STATISTICS WHERE {_of(table)} AND NON_UNIQUE = 0"
        " GROUP BY INDEX_NAME HAVING SUM(NULLABLE = 'YES' OR COLUMN_NAME IS NULL) = 0 LIMIT 1"
    )
    return bool(rows)
