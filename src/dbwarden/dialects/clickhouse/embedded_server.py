"""An HTTP server on 127.0.0.1 in front of the embedded engine of the package ``chdb-core``.

    python -m dbwarden.dialects.clickhouse.embedded_server --data=FOLDER --port=N --pid-file=FILE --password-file=FILE

It answers requests as a server of ClickHouse does, for one account, ``default``. Differences: a request's ``query_id`` is
stored as the setting ``log_comment``, because the engine gives each statement an id of its own; KILL QUERY finds it there.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import threading
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .words import quote, string_literal

ACCOUNT = "default"

_OF_REQUESTS = frozenset(
    (
        "add_http_cors_header buffer_size client_protocol_version compress database decompress default_format"
        " enable_http_compression http_headers_progress_interval_ms http_zlib_compression_level password query query_id"
        " quota_key role send_progress_in_http_headers session_check session_id session_timeout user wait_end_of_query"
    ).split()
)
"""Parameters that are not settings."""
_KILL = re.compile(r"\s*KILL\s+QUERY\b", re.IGNORECASE)
_FORMAT = re.compile(rb"\bFORMAT\s+(\w+)\s*;?\s*\Z", re.IGNORECASE)
_INSERT = re.compile(rb"\s*INSERT\b", re.IGNORECASE)
_INSERT_DATA = re.compile(
    rb"(\s*INSERT\s+INTO\s+(?:TABLE\s+)?.+?)\s+FORMAT\s+(?!VALUES\b)(\w+)[ \t]*\r?\n?", re.IGNORECASE | re.DOTALL
)
_CODE = re.compile(r"Code: (\d+)")

Open = Callable[[], Any]
"""Function that opens a connection to the engine."""


class Rejected(Exception):
    """A request that the engine does not see."""

    def __init__(self, code: int, message: str, status: int = 500) -> None:
        super().__init__(f"Code: {code}. DB::Exception: {message}")
        self.status = status


@dataclass
class ServerSession:
    """A connection to the engine with the settings that requests have sent."""

    connection: Any
    settings: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def apply(self, settings: Mapping[str, str]) -> None:
        """Set what is not set yet: a read-only session refuses even the same value."""
        changed = {name: value for name, value in settings.items() if self.settings.get(name) != value}
        if changed:
            self.connection.query(
                "SET " + ", ".join(f"{name} = {string_literal(value)}" for name, value in changed.items())
            )
            self.settings |= changed


@dataclass(frozen=True, slots=True)
class Request:
    """One statement."""

    statement: bytes
    parameters: Mapping[str, str]
    format: str

    @property
    def settings(self) -> dict[str, str]:
        """Settings of the statement, with its id as its comment."""
        settings = {
            name: value
            for name, value in self.parameters.items()
            if name not in _OF_REQUESTS and not name.startswith("param_") and "." not in name
        }
        return {"log_comment": self.parameters.get("query_id", ""), **settings}

    @property
    def output_format(self) -> str:
        """Format of the result: that of the statement, if it has one."""
        clause = _FORMAT.search(self.statement)
        return clause[1].decode() if clause and not _INSERT.match(self.statement) else self.format


class EmbeddedEngine:
    """The engine and its sessions."""

    def __init__(self, open_: Open) -> None:
        self._open = open_
        self._sessions = dict[str, ServerSession]()
        self._lock = threading.Lock()

    def run(self, request: Request) -> bytes:
        """Run a statement and return its result."""
        name = request.parameters.get("session_id", "")
        session = self._session(name)
        if not session.lock.acquire(blocking=False):
            raise Rejected(373, f"Session {name} is locked by a concurrent client. (SESSION_IS_LOCKED)")
        try:
            return self._run(session, request)
        finally:
            session.lock.release()
            if not name:
                session.connection.close()

    def _session(self, name: str) -> ServerSession:
        if not name:
            return ServerSession(self._open())
        with self._lock:
            if name not in self._sessions:
                self._sessions[name] = ServerSession(self._open())
            return self._sessions[name]

    def _run(self, session: ServerSession, request: Request) -> bytes:
        database = request.parameters.get("database")
        if database:
            session.connection.query(f"USE {quote(database)}")
        session.apply(request.settings)
        data = _INSERT_DATA.match(request.statement)
        if data is not None and request.statement[data.end() :]:
            return self._insert(session.connection, data, request.statement[data.end() :])
        values = {name[6:]: value for name, value in request.parameters.items() if name.startswith("param_")}
        try:
            statement: Any = request.statement.decode()
            if _KILL.match(statement):
                statement = re.sub(r"\bquery_id\b", "Settings['log_comment']", statement)
        except UnicodeDecodeError:
            statement = request.statement
        options = {"params": values} if values else {}
        return _body(session.connection.query(statement, request.output_format, **options))

    def _insert(self, connection: Any, head: re.Match[bytes], data: bytes) -> bytes:
        """The engine takes no binary data behind a statement: it silently inserts nothing."""
        with tempfile.NamedTemporaryFile(suffix=".data") as file:
            file.write(data)
            file.flush()
            name, format_ = string_literal(file.name), head[2].decode()
            source = f"FROM INFILE {name} FORMAT {format_}"
            if format_ == "Native":  # which names its columns; INFILE would ignore settings
                source = f"SELECT * FROM file({name}, Native)"
            sql = f"{head[1].decode()} {source}"
            return _body(connection.query(sql))


def _body(result: Any) -> bytes:
    return bytes(result.bytes() or b"") if result is not None and hasattr(result, "bytes") else b""


class EmbeddedHandler(BaseHTTPRequestHandler):
    """The HTTP interface of ``engine``. Without a ``password``, every one is right."""

    engine: EmbeddedEngine
    password = ""
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one packet: a client would wait 40 ms before it confirms the first of two
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a health check or a statement in the URL."""
        self._answer(b"")

    def do_POST(self) -> None:
        """Answer a statement in the URL, in the body or in both."""
        if "chunked" in (self.headers.get("Transfer-Encoding") or ""):
            self._answer(self._chunks())
        else:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _chunks(self) -> bytes:
        chunks = list[bytes]()
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, body: bytes) -> None:
        url = urlsplit(self.path)
        if url.path == "/ping" or (url.path == "/" and not url.query and not body):
            self._reply(200, b"Ok.\n", {})
            return
        try:
            request = self.read_request(dict(parse_qsl(url.query, keep_blank_values=True)), body)
            result = self.engine.run(request)
        except Rejected as error:
            self._fail(str(error), error.status)
        except (RuntimeError, ValueError, UnicodeError) as error:
            self._fail(str(error), 500)
        else:
            headers = {"X-ClickHouse-Format": request.output_format, "X-ClickHouse-Summary": _SUMMARY}
            self._reply(200, result, headers)

    def read_request(self, parameters: dict[str, str], body: bytes) -> Request:
        """Read a request whose account is known. Raises ``Rejected``."""
        self.check_account(*self._account(parameters), parameters)
        sql = parameters.get("query", "").encode()
        statement = sql + (b"\n" if sql and body else b"") + body
        output = self.headers.get("X-ClickHouse-Format") or parameters.get("default_format") or "TabSeparated"
        return Request(statement, parameters, output)

    def _account(self, parameters: Mapping[str, str]) -> tuple[str, str]:
        kind, _, pair = (self.headers.get("Authorization") or "").partition(" ")
        if kind == "Basic":
            user, _, password = b64decode(pair).decode().partition(":")
            return user, password
        user = parameters.get("user") or self.headers.get("X-ClickHouse-User") or ACCOUNT
        return user, parameters.get("password") or self.headers.get("X-ClickHouse-Key") or ""

    def check_account(self, user: str, password: str, parameters: dict[str, str]) -> None:
        """Check the account of a request, whose parameters it may add to. Raises ``Rejected``."""
        if user != ACCOUNT or (self.password and password != self.password):
            words = "Authentication failed: password is incorrect, or there is no user with such name."
            raise Rejected(516, f"{user}: {words} (AUTHENTICATION_FAILED)", 403)

    def _fail(self, message: str, status: int) -> None:
        code = _CODE.search(message)
        self._reply(status, f"{message}\n".encode(), {"X-ClickHouse-Exception-Code": code[1] if code else "1002"})

    def _reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        fixed = {"Content-Type": "text/plain; charset=UTF-8", "Content-Length": str(len(body))}
        for name, value in {**fixed, **_SERVER, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: statements may contain data."""


_SERVER = {"X-ClickHouse-Server-Display-Name": "embedded", "X-ClickHouse-Timezone": "UTC"}
_SUMMARY = '{"read_rows":"0","written_rows":"0"}'


class EmbeddedHttpServer(ThreadingHTTPServer):
    """Server whose threads end with the process."""

    daemon_threads = True
    request_queue_size = 128


def serve(handler: type[EmbeddedHandler]) -> None:
    """Serve until the process is killed. The arguments are those of the command line."""
    parser = argparse.ArgumentParser()
    for name in ("data", "port", "pid-file", "password-file", "config-file"):
        parser.add_argument(f"--{name}", default="")
    arguments = parser.parse_args()
    from chdb import connect  # slow to import, and only here

    if arguments.pid_file:
        Path(arguments.pid_file).write_text(str(os.getpid()))
    place = arguments.data + (f"?config-file={arguments.config_file}" if arguments.config_file else "")
    root = connect(place)  # the engine ends with its last connection
    handler.engine = EmbeddedEngine(lambda: connect(place))
    handler.password = Path(arguments.password_file).read_text() if arguments.password_file else ""
    try:
        EmbeddedHttpServer(("127.0.0.1", int(arguments.port)), handler).serve_forever()
    finally:
        root.close()


if __name__ == "__main__":
    serve(EmbeddedHandler)
