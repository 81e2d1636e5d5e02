"""A database driver (PEP 249) for ClickHouse's native protocol, over ``clickhouse-driver``.

In this protocol a server does not read the rows behind VALUES, which the client would have to send in columns of the table's
types: they are sent as a query instead. The package's own PEP 249 module repeats statements on a new connection, where the
session's settings are lost. Here a connection that broke stays broken. The classes have the members of those in
``http_driver``.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

from clickhouse_driver import Client
from clickhouse_driver import errors as driver_errors
from clickhouse_driver.defines import DBMS_MIN_REVISION_WITH_SETTINGS_SERIALIZED_AS_STRINGS

from dbwarden.core.sqltext import TokenKind
from dbwarden.core.tokens import readable

from .http_driver import PROBE, Error, ServerAnswers, StatementCursor, server_error
from .values import Result
from .words import LEXICAL_RULES

# Without a handler, Python would print the package's tracebacks to stderr.
logging.getLogger("clickhouse_driver").addHandler(logging.NullHandler())

paramstyle = "pyformat"
_SIGNED = frozenset(("distributed_ddl_task_timeout",))
"""Settings of ours that may be negative."""
__all__ = ["Error", "connect", "paramstyle"]


def connect(
    arguments: Mapping[str, Any], settings: Mapping[str, str] | None = None, connect_timeout: float = 5.0
) -> NativeConnection:
    """Open a connection. ``settings`` go with each statement, unless the account may not change any."""
    client = SessionClient(**{"connect_timeout": connect_timeout, **arguments})
    connection = NativeConnection(client, settings or {})
    with ExitStack() as undo:
        undo.callback(connection.close)
        connection.log_in(connect_timeout)
        undo.pop_all()
    return connection


class SessionClient(Client):  # type: ignore[misc]
    """Client that stays connected when the server refuses a statement. The package's own would disconnect, and the settings
    of the session would be lost."""

    def disconnect(self) -> None:
        """Disconnect, unless the error that is being handled is the server's."""
        if isinstance(sys.exc_info()[1], driver_errors.ServerException):
            self.connection.is_query_executing = False
        else:
            super().disconnect()


class NativeConnection:
    """Connection of PEP 249. There are no transactions."""

    def __init__(self, client: Any, settings: Mapping[str, str]) -> None:
        self._client, self.settings = client, dict(settings)
        self.query_id = ""
        """Id of the statement that was sent last."""
        self.closed = False
        self.answers = ServerAnswers("", "", "UTC", False)

    def log_in(self, seconds: float) -> None:
        """Connect and ask the server who it is. Its answer must come within the limit for connecting."""
        self._client.connection.send_receive_timeout = seconds
        (row,) = self.request(PROBE, bare=True).rows
        self.answers = ServerAnswers.of(row)
        self.socket.settimeout(None)
        self._client.connection.send_receive_timeout = None

    @property
    def socket(self) -> Any:
        """The socket, or ``None``."""
        return self._client.connection.socket

    def reopen(self) -> bool:
        """Do nothing: servers do not close native connections that are idle for less than an hour."""
        return False

    def cursor(self) -> StatementCursor:
        """A cursor for one statement at a time."""
        return StatementCursor(self)

    def commit(self) -> None:
        """Do nothing: every statement is applied by itself."""

    def rollback(self) -> None:
        """Do nothing: a statement that was applied stays applied."""

    def forget_session(self) -> None:
        """Connect again: the server's session ends with the connection."""
        self._client.disconnect()
        self._client.connection.connect()

    def close(self) -> None:
        """Close the connection."""
        self.closed = True
        self._client.disconnect()

    def _encoded(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        """Settings as the package must get them: to servers before 20.1 it sends signed numbers as if they were unsigned, and
        5 arrives as -3."""
        if self._client.connection.server_info.used_revision >= DBMS_MIN_REVISION_WITH_SETTINGS_SERIALIZED_AS_STRINGS:
            return settings
        return {name: _zigzag(value) if name in _SIGNED else value for name, value in settings.items()}

    def request(self, sql: str, *, bare: bool = False) -> Result:
        """Send a statement and return its result. ``bare``: without settings. Raises ``Error``."""
        connected = self._client.connection.connected
        if self.closed or (not connected and not bare):
            raise Error("the connection is closed")
        self.query_id = str(uuid4())
        sql = rows_as_query(sql)
        settings = {} if bare else self._encoded(self.answers.accepted(self.settings))
        try:
            rows, columns = self._client.execute(sql, with_column_types=True, query_id=self.query_id, settings=settings)
        except driver_errors.ServerException as error:
            raise server_error(error.message or "", str(error.code)) from error
        except (driver_errors.Error, OSError, EOFError) as error:
            self.close()
            raise Error(_words(error)) from error
        names, types = (tuple(row[at] for row in columns) for at in (0, 1))
        return Result(names, types, tuple(map(tuple, rows)))


def _zigzag(value: str) -> str:
    number = int(value)
    return str((number << 1) ^ (number >> 63))


def rows_as_query(sql: str) -> str:
    """``INSERT ... VALUES (a), (b)`` as ``INSERT ... SELECT a UNION ALL SELECT b``; any other statement as it is."""
    head = LEXICAL_RULES.insert_head.match(sql.lstrip())
    if head is None:
        return sql
    sql = sql.lstrip()
    start, depth, opening = head.end(), 0, 0
    rows = list[str]()
    for token in readable(sql[start:], LEXICAL_RULES):
        if token.text == "(" and token.kind is TokenKind.OPERATOR:
            depth += 1
            opening = token.start + 1 if depth == 1 else opening
        elif token.text == ")" and token.kind is TokenKind.OPERATOR:
            depth -= 1
            if depth == 0:
                rows.append(sql[start + opening : start + token.start])
    into = sql[:start].rstrip()[: -len("VALUES")]
    return into + " UNION ALL ".join(f"SELECT {row}" for row in rows) if rows else sql


def _words(error: Exception) -> str:
    """The reason of an error of the connection; a server of another protocol closes it without one."""
    words = " ".join(str(getattr(error, "message", None) or error).split())
    return f"the server closed the connection {words}".rstrip() if words[:1] in ("", "(") else words
