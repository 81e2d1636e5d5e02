"""A database driver (PEP 249) for ClickHouse's HTTP interface, so that a statement is sent byte for byte.

The drivers of SQLAlchemy's dialects rewrite statements and repeat requests. Each statement is one request with an id of its
own, by which another connection can cancel it. The server answers when the statement is done, so that an error is never the
second half of a result.

A session of the server exists only after a statement that needs one (``SET``, ``USE``, ``CREATE TEMPORARY TABLE``): behind a
load balancer, requests without a session may go to any replica.
"""

from __future__ import annotations

import http.client
import re
import select
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import uuid4

from .endpoint import Endpoint, proxy_address
from .literals import literal_for
from .session import changes_session, chooses_database
from .values import FORMAT, Result, read
from .versions import parsed

paramstyle = "pyformat"
OUTPUT = {"date_time_output_format": "simple", "bool_true_representation": "true"}
"""Settings that the values of results are read with."""
_OPTIONAL = (
    *OUTPUT,
    *("lock_acquire_timeout", "alter_sync", "mutations_sync", "distributed_ddl_output_mode", "insert_distributed_sync"),
)
"""Settings of ours that earlier servers do not have."""
PROBE = (
    "SELECT version(), currentDatabase(), timezone(), max(if(name = 'readonly', value, '')), groupArray(name)"
    f" FROM system.settings WHERE name IN {('readonly', *_OPTIONAL)}"
)
"""First statement of a connection; its answer ends the login."""

_SESSION_TIMEOUT = 3600
"""Seconds, the longest that a server allows by default (``max_session_timeout``)."""
_PIECE = 1 << 18
_REQUEST = {"wait_end_of_query": "1", "default_format": FORMAT}
_KEPT_OPEN = re.compile(r"timeout=(\d+)")


class Error(Exception):
    """An error of the server, or of the connection to it (without a code)."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


def connect(
    endpoint: Endpoint, settings: Mapping[str, str] | None = None, connect_timeout: float = 5.0, agent: str = "dbwarden"
) -> HttpConnection:
    """Open a connection. ``settings`` go with each statement, unless the account may not change any."""
    connection = HttpConnection(endpoint, {**endpoint.settings, **(settings or {})}, connect_timeout, agent)
    with ExitStack() as failed:
        failed.callback(connection.close)
        connection.log_in()
        failed.pop_all()
    return connection


@dataclass(frozen=True, slots=True)
class ServerAnswers:
    """What the server says of itself and the account."""

    version: str
    database: str
    timezone: str
    settings_are_fixed: bool
    """Whether the account may change no setting (``readonly = 1``)."""
    unknown_settings: frozenset[str] = frozenset(_OPTIONAL)
    """Settings of ours that the server does not have."""

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> ServerAnswers:
        """The answers in the row of ``PROBE``."""
        version, database, timezone, readonly, names = row
        return cls(version, database, timezone, str(readonly) == "1", frozenset(_OPTIONAL) - {*names})

    def accepted(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Those of our settings that the server takes."""
        if self.settings_are_fixed:
            return {}
        return {name: value for name, value in settings.items() if name not in self.unknown_settings}


class HttpConnection:
    """Connection of PEP 249. There are no transactions."""

    def __init__(self, endpoint: Endpoint, settings: Mapping[str, str], connect_timeout: float, agent: str) -> None:
        self.endpoint = endpoint
        self.settings = dict(settings)
        self.session_id = ""
        self._has_used_database = False  # the session's own database, which a parameter would override
        self.query_id = ""
        """Id of the statement that was sent last."""
        self.closed = False
        self.answers = ServerAnswers("", endpoint.database, "UTC", False)
        self._connect_timeout = connect_timeout
        self._headers = {**endpoint.headers, "User-Agent": agent, "Content-Type": "text/plain; charset=utf-8"}
        self._http = _transport(endpoint, connect_timeout)
        self._idle_limit, self._idle_since = 3.0, time.monotonic()

    def log_in(self) -> None:
        """Connect and ask the server who it is. Its answer must come within the limit for connecting."""
        try:
            self._http.connect()
        except OSError as error:
            raise Error(_reason(error, self._connect_timeout)) from error
        (row,) = self.request(PROBE, bare=True).rows
        self.answers = ServerAnswers.of(row)
        self._http.sock.settimeout(None)

    @property
    def socket(self) -> Any:
        """The socket, or ``None``."""
        return self._http.sock

    def reopen(self) -> bool:
        """Open the connection again if the server closed it while it was idle. Returns whether it did."""
        if self.closed or not self._is_stale():
            return False
        self._http.close()
        self._http = _transport(self.endpoint, self._connect_timeout)
        try:
            self._http.connect()
        except OSError as error:
            self.closed = True
            raise Error(_reason(error, self._connect_timeout)) from error
        self._http.sock.settimeout(None)
        self._idle_since = time.monotonic()
        return True

    def _is_stale(self) -> bool:
        if self._http.sock is None or time.monotonic() - self._idle_since > self._idle_limit:
            return True
        try:
            readable, _, _ = select.select([self._http.sock], [], [], 0)
        except (OSError, ValueError):
            return True
        return bool(readable)

    def cursor(self) -> StatementCursor:
        """A cursor for one statement at a time."""
        return StatementCursor(self)

    def commit(self) -> None:
        """Do nothing: every statement is applied by itself."""

    def rollback(self) -> None:
        """Do nothing: a statement that was applied stays applied."""

    def forget_session(self) -> None:
        """Leave the server's session, and with it all that statements have set."""
        self.session_id, self._has_used_database = "", False

    def close(self) -> None:
        """Close the connection."""
        self.closed = True
        self._http.close()

    def request(self, sql: str, *, bare: bool = False) -> Result:
        """Send a statement and return its result. ``bare``: without settings. Raises ``Error``."""
        if self.closed:
            raise Error("the connection is closed")
        self.query_id = str(uuid4())
        if changes_session(sql) and not self.session_id:
            self.session_id = f"dbwarden-{self.query_id}"
        try:
            status, headers, body = self._post(self._parameters(bare), sql.encode(errors="surrogateescape"))
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Error(_reason(error, self._connect_timeout)) from error
        code = headers.get("X-ClickHouse-Exception-Code")
        if status >= 400 or code:
            raise server_error(body.decode(errors="replace"), code, status)
        self._has_used_database |= chooses_database(sql)
        return _result(body, headers.get("X-ClickHouse-Format") or FORMAT)

    def download(self, sql: str, write: Callable[[bytes], None]) -> None:
        """Pass the bytes of a result to ``write``, in pieces and without keeping them. Raises ``Error``."""
        response = self._send({"wait_end_of_query": "0"}, sql.encode())
        with ExitStack() as incomplete:
            incomplete.callback(self.close)  # the rest of the result is on its way
            while piece := self._piece(response):
                write(piece)
            incomplete.pop_all()
        response.close()

    def upload(self, sql: str, pieces: Iterable[bytes], settings: Mapping[str, str]) -> None:
        """Send a statement with data behind it, in pieces. Raises ``Error``."""
        failures: list[OSError] = []
        complete = False

        def body() -> Iterator[bytes]:
            nonlocal complete
            try:
                yield from pieces
            except OSError as error:  # of the file: not of the connection, as ``_send`` would report it
                failures.append(error)
                raise
            complete = True

        try:
            self._send({**settings, "query": sql}, body()).close()
        except Error:
            if failures:
                raise failures[0] from None
            raise
        finally:
            if not complete:
                self.close()  # the server waits for the rest of the data

    def _send(self, parameters: Mapping[str, str], body: bytes | Iterable[bytes]) -> http.client.HTTPResponse:
        """The answer to a request, of which only the head was read. A server that fails later ends the connection."""
        self.query_id = str(uuid4())
        try:
            self._http.request("POST", self._target({**self._parameters(False), **parameters}), body, self._headers)
            response = self._http.getresponse()
            code = response.headers.get("X-ClickHouse-Exception-Code")
            if response.status >= 400 or code:
                raise server_error(response.read().decode(errors="replace"), code, response.status)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Error(_reason(error, self._connect_timeout)) from error
        return response

    def _piece(self, response: http.client.HTTPResponse) -> bytes:
        try:
            return response.read(_PIECE)
        except (OSError, http.client.HTTPException) as error:
            raise Error(_reason(error, self._connect_timeout)) from error

    def _target(self, parameters: Mapping[str, str]) -> str:
        target = f"{self.endpoint.path}?{urlencode(parameters)}"
        if self.endpoint.proxy and self.endpoint.tls is None:
            return f"http://{self.endpoint.host}:{self.endpoint.port}{target}"
        return target

    def _parameters(self, bare: bool) -> dict[str, str]:
        parameters = {**_REQUEST, "query_id": self.query_id}
        if self.endpoint.database and not self._has_used_database:
            parameters["database"] = self.endpoint.database
        if self.session_id:
            parameters |= {"session_id": self.session_id, "session_timeout": str(_SESSION_TIMEOUT)}
        if not bare:
            parameters |= self.answers.accepted({**OUTPUT, **self.settings})
        return parameters

    def _post(self, parameters: Mapping[str, str], body: bytes) -> tuple[int, http.client.HTTPMessage, bytes]:
        self._http.request("POST", self._target(parameters), body, self._headers)
        with self._http.getresponse() as response:
            content = response.read()
            limit = _KEPT_OPEN.search(response.headers.get("Keep-Alive") or "")
            if limit is not None:
                self._idle_limit = max(0.0, int(limit[1]) - 1.0)
            self._idle_since = time.monotonic()
            return response.status, response.headers, content


class Requests(Protocol):
    """Connection that sends statements."""

    answers: ServerAnswers

    def request(self, sql: str) -> Result:
        """Send a statement and return its result. Raises ``Error``."""


class StatementCursor:
    """Cursor of PEP 249, with the statement's text as it is: only a statement with parameters has placeholders."""

    rowcount = -1
    """The server does not say how many rows a statement changed."""

    def __init__(self, connection: Requests) -> None:
        self._connection = connection
        self._result = Result()

    @property
    def description(self) -> tuple[tuple[Any, ...], ...] | None:
        """Names and types of the columns; ``None`` without a result."""
        columns = zip(self._result.names, self._result.types, strict=True)
        return tuple((name, datatype, None, None, None, None, None) for name, datatype in columns) or None

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run a statement. Raises ``Error``."""
        if parameters is not None:
            version = parsed(self._connection.answers.version)
            sql = sql % {name: literal_for(value, version) for name, value in parameters.items()}
        self._result = self._connection.request(sql)

    def fetchall(self) -> tuple[tuple[Any, ...], ...]:
        """All rows of the result."""
        return self._result.rows

    def close(self) -> None:
        """Forget the result."""
        self._result = Result()


def _transport(endpoint: Endpoint, timeout: float) -> http.client.HTTPConnection:
    host, port = proxy_address(endpoint.proxy) if endpoint.proxy else (endpoint.host, endpoint.port)
    if endpoint.tls is None:
        return http.client.HTTPConnection(host, port, timeout=timeout)
    transport = http.client.HTTPSConnection(host, port, timeout=timeout, context=endpoint.tls)
    if endpoint.proxy:
        transport.set_tunnel(endpoint.host, endpoint.port)
    return transport


def _result(body: bytes, format_: str) -> Result:
    """A result in the format of the request, or the text of another one that the statement asks for."""
    if format_ == FORMAT:
        return read(body)
    lines = body.decode(errors="surrogateescape").splitlines()
    return Result(("text",), ("String",), tuple((line,) for line in lines)) if lines else Result()


# -- errors -----------------------------------------------------------------------------------------------------------

_CODE = re.compile(r"\s*(?:Code: (\d+)[.,]\s*)?(?:e\.displayText\(\) = )?(?:DB::Exception: )?", re.DOTALL)
_ENDING = re.compile(r",\s*e\.what\(\) = .*\Z|\s*\(version [^()]*(?:\([^()]*\))?[^()]*\)\.?", re.DOTALL)
_REPEATED_NAME = re.compile(r"(\([A-Z_]+\))\.?\s*\1\s*\Z")


def server_error(text: str, code: str | None, status: int = 0) -> Error:
    """Error of the server, in its words, without its number, class and version, which an error of an error has twice."""
    while (beginning := _CODE.match(text)) is not None and beginning.end():
        code = beginning[1] or code
        text = text[beginning.end() :]
    words = " ".join(_ENDING.sub("", text).split())
    words = words.partition(" Stack trace:")[0].rstrip(".")
    return Error(_REPEATED_NAME.sub(r"\1", words) or f"the server answered with HTTP status {status}", code)


def _reason(error: Exception, seconds: float) -> str:
    if isinstance(error, TimeoutError) and error.errno is None:
        return f"the server did not answer within {seconds:g} s"
    if isinstance(error, http.client.RemoteDisconnected | http.client.IncompleteRead):
        return "the server closed the connection"
    if isinstance(error, http.client.BadStatusLine):
        return f"the port does not speak HTTP (it answered {str(error)[:60]!r})"
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(words.split()) or type(error).__name__
