"""Database connection in autocommit mode with explicit transactions, over the driver that a SQLAlchemy URL names."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import Any

from dbwarden.core.connector import Connector, DriverArguments, SessionSettings, Settings, connection_failed
from dbwarden.core.lexical_rules import LexicalRules
from dbwarden.core.logged_sql import logged_sql
from dbwarden.core.sqltext import TokenKind, tokens
from dbwarden.core.url import Url
from dbwarden.errors import (
    ConnectionLost,
    DatabaseBusy,
    DatabaseError,
    DatabaseReadOnly,
    Failure,
    PermissionDenied,
    StatementCancelled,
    TableNeedsRebuild,
)

from .drivers import dbapi, doubles_percent, resolve_url
from .idle_connections import IdleConnections
from .sockets import CONNECTIONS, PROBE, ConnectionSocket

_log = logging.getLogger(__name__)
# Without a handler of the application's or of --debug, Python would print warnings to stderr.
logging.getLogger("dbwarden").addHandler(logging.NullHandler())

ConnectorOf = Callable[[str], Connector]
"""The connector of an engine, by its name."""


def open_connection(
    text: str, connector_of: ConnectorOf, settings: Settings, idle: IdleConnections | None = None
) -> DatabaseConnection:
    """Open a connection to a URL, without retries.

    A connection of ``idle`` is used if there is one, and comes back there. A read-only connection cannot write or create
    anything: a SQLite file that does not exist is opened as an empty database in memory (``absent`` is its path).
    Raises ``ConnectionFailed`` (with host, port, user, database and reason),
    ``MissingDriver``, ``ConfigurationError``.
    """
    url = resolve_url(text)
    return _open(url, connector_of, settings, idle)


def _open(
    url: Url, connector_of: ConnectorOf, settings: Settings, idle: IdleConnections | None = None
) -> DatabaseConnection:
    connector = connector_of(url.scheme)
    driver = dbapi(url) if connector.driver is None else connector.driver(url)
    opening = connector.open(url, settings)
    try:
        return DatabaseConnection(driver, url, connector_of, settings, opening, idle)
    except (DatabaseError, driver.Error, *connector.opening_errors) as exc:
        error = exc if isinstance(exc, DatabaseError) else _database_error(exc, connector, "")
        busy = isinstance(error, DatabaseBusy)
        if opening.second and not busy:
            _log.info("%s cannot be opened as usual (%s): trying another way", url, error.failure.value)
            second = replace(opening, args=(opening.second,), second="")
            with suppress(DatabaseError, driver.Error):
                return DatabaseConnection(driver, url, connector_of, settings, second)
        raise connection_failed(url, _reason(error), DatabaseBusy.hint if busy else None, error.failure) from None


class DatabaseConnection:
    """A ``core.dialect.Connection``, used by one thread at a time; only ``cancel`` and ``sever`` are for other threads."""

    def __init__(
        self,
        driver: Any,
        url: Url,
        connector_of: ConnectorOf,
        settings: Settings,
        opening: DriverArguments,
        idle: IdleConnections | None = None,
    ) -> None:
        connector = connector_of(url.scheme)
        self._idle = idle if connector.recycle else None
        self._idle_key = (driver.__name__, opening.args, tuple(sorted(opening.kwargs.items(), key=itemgetter(0))))
        self.raw, self._uses = (self._idle and self._idle.take(self._idle_key)) or (_raw(driver, connector, opening), 0)
        """The driver's own connection."""
        self._link = _link(self.raw, connector)
        self.sent = 0
        """Number of statements sent."""
        self.settings = settings
        self.absent = opening.absent
        """The path of a SQLite file that does not exist, on a read-only connection; else None."""
        self.remedy: Callable[[DatabaseConnection, PermissionDenied], str] | None = None
        """Function that returns the hint for a statement refused for lack of a privilege; may raise ``DatabaseError``."""
        self._url, self._connector, self._connector_of = url, connector, connector_of
        self._driver, self._opening = driver, opening
        self._error: type[Exception] = driver.Error
        self._style: str = driver.paramstyle
        doubled = driver.paramstyle != "qmark" and doubles_percent(url)
        self._percent = "%%" if doubled else "%"
        self._begin = self._messages(connector.begin_read_only if settings.read_only else connector.begin)
        self._in_transaction = self._closed = self.pooled = False
        """Whether a pooler gives the session to others between our transactions. Each transaction then begins with the
        settings; a statement outside a transaction runs without them."""
        try:
            session = connector.prepare(self.raw, settings) if connector.prepare is not None else SessionSettings()
            if opening.first:
                self._execute(opening.first)
            self.pooled = session.shared or (bool(session.direct) and not self._query(session.direct))
            if self.pooled:
                self._settings = self._messages(session.local)
                self._begin = self._messages(*self._begin, session.local)
            else:
                self._settings = self._with_optional(session)
        except (DatabaseError, driver.Error):
            self.close()
            raise
        self._restore = self._messages(*session.restore, *self._settings)
        self._url = url
        _log.debug("connected to %s with %s%s", url, driver.__name__, ", through a pooler" if self.pooled else "")

    @property
    def secret_url(self) -> str:
        """The URL with its password, as ``open_connection`` takes it."""
        return self._url.secret_text

    @property
    def description(self) -> str:
        """The URL without its password, and the driver."""
        return f"{self.name} with {self._driver.__name__}"

    def _with_optional(self, session: SessionSettings) -> tuple[str, ...]:
        """Settings of a session of our own, with those ``optional`` ones that the server accepts."""
        accepted = []
        if session.settings and not session.direct:  # the query ``direct`` has applied them already
            self._execute(session.settings)
        for sql in session.optional:
            with suppress(DatabaseError):
                self._execute(sql)
                accepted.append(sql)
        return self._messages(session.settings, *accepted)

    def _messages(self, *statements: str) -> tuple[str, ...]:
        """Statements as messages: joined into one if the engine allows it."""
        messages = tuple(filter(None, statements))
        return ("; ".join(messages),) if messages and self._connector.statement_batches else messages

    # -- properties --------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The URL without its password."""
        return str(self._url)

    @property
    def database(self) -> str | None:
        """The name of the database, or the path of its file."""
        return self._url.database

    @property
    def url(self) -> Url:
        """The parts of the URL, with its password."""
        return self._url

    @property
    def parameters(self) -> Mapping[str, str]:
        """Parameters of the URL's query."""
        return self._url.parameters

    @property
    def driver_errors(self) -> type[Exception]:
        """The class of the driver's errors, which ``translated`` takes."""
        return self._error

    @property
    def in_transaction(self) -> bool:
        """Whether ``begin`` was called and neither ``commit`` nor ``rollback`` since."""
        return self._in_transaction

    def sibling(self, target: str | None = None) -> DatabaseConnection:
        """Open a writable connection with the same settings to ``target``: the name of a database on the same server, or a
        URL; this database if None. Raises as ``open_connection``."""
        settings = replace(self.settings, read_only=False, background=False)
        if target is not None and "://" in target:
            return open_connection(target, self._connector_of, settings)
        url = self._url if target is None else replace(self._url, database=target)
        return _open(url, self._connector_of, settings)

    def changes_session(self, sql: str) -> bool:
        """Whether a statement changes the session beyond its transaction (``SET``, ``set_config``)."""
        return self._connector.changes_session(sql)

    def restore(self) -> None:
        """Restore the session's settings as they were when it was opened, also inside a transaction. A pooled connection
        has settings only inside a transaction."""
        if self._connector.reset is not None:
            self._connector.reset(self.raw)
            self._follow_socket()
        if self._in_transaction or not self.pooled:
            for sql in self._restore:
                self._execute(sql)

    @contextmanager
    def without_lock_timeout(self) -> Iterator[None]:
        """Lift ``lock_timeout``: for statements that block nobody while they wait for a lock."""
        limited = bool(self.settings.lock_timeout and self._connector.patience)
        begin = self._begin
        if limited and self.pooled:
            self._begin = self._messages(*begin, self._connector.local_patience)
        elif limited:
            self._execute(self._connector.patience)
        try:
            yield
        finally:
            self._begin = begin
            if limited and not self.pooled:
                with suppress(ConnectionLost):
                    for sql in self._settings:
                        self._execute(sql)

    # -- statements --------------------------------------------------------------------------------------------

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        """Run a statement and return all its rows; empty if it returns none. Raises ``DatabaseError``."""
        if not self._needs_transaction:
            return self._query(sql, params)
        with self.transaction():
            return self._query(sql, params)

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int:
        """Run a statement and return the number of rows changed; -1 if the driver does not know it. Raises
        ``DatabaseError``."""
        if not self._needs_transaction:
            return self._execute(sql, params)
        with self.transaction():
            return self._execute(sql, params)

    @property
    def _needs_transaction(self) -> bool:
        """Whether the next statement needs a transaction to be read-only, or to find the schemas of the search path: a pooled
        session has no settings of its own."""
        needed = self.settings.read_only or bool(self.settings.search_path)
        return self.pooled and needed and not self._in_transaction

    def _query(self, sql: str, params: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        cursor = self._run(sql, params)
        try:
            rows: list[tuple[Any, ...]] = list(cursor.fetchall()) if cursor.description else []
            self._read_further_results(cursor)
        except self._error as exc:
            raise self.translated(exc, sql) from None
        finally:
            cursor.close()
        return rows

    def _execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int:
        cursor = self._run(sql, params)
        try:
            if cursor.description:  # SQLite runs a SELECT row by row, with the functions it calls: read it to its end
                cursor.fetchall()
            count: int = cursor.rowcount
            self._read_further_results(cursor)
        except self._error as exc:
            raise self.translated(exc, sql) from None
        finally:
            cursor.close()
        return count

    def _read_further_results(self, cursor: Any) -> None:
        """Read the results after the first one, so that their errors are not lost and the next statement can be sent."""
        while self._connector.several_results and cursor.nextset():
            if cursor.description:
                cursor.fetchall()

    def _run(self, sql: str, params: Mapping[str, Any] | None) -> Any:
        if "\0" in sql:  # libpq would send only the part before it
            raise DatabaseError("The statement contains a NUL character, which no database accepts")
        self._reopen()
        self.sent += 1
        began = time.monotonic()
        if self._link is not None:
            self._link.waiting_since = began
        try:
            cursor = self.raw.cursor()
            if params is None:
                cursor.execute(sql)
            else:
                cursor.execute(*self._bind_parameters(sql, params))
        except self._error as exc:
            error = self.translated(exc, sql)
            self._log_statement(sql, began, f"failed: {error.failure.value}")
            raise error from None
        finally:
            if self._link is not None:
                self._link.waiting_since = None
        self._log_statement(sql, began, "done")
        return cursor

    def _reopen(self) -> None:
        """Open the driver's connection again if the server closed it while it was idle."""
        if self._connector.reopen is None:
            return
        try:
            reopened = self._connector.reopen(self.raw)
        except self._error as exc:
            raise self.translated(exc, "") from None
        if reopened:
            self._follow_socket()

    def _follow_socket(self) -> None:
        """Watch the socket that the driver's connection has now."""
        if self._link is not None:
            self._link.close()
        self._link = _link(self.raw, self._connector)

    def _log_statement(self, sql: str, began: float, outcome: str) -> None:
        if _log.isEnabledFor(logging.DEBUG):
            elapsed = (time.monotonic() - began) * 1000
            fields = {"outcome": outcome, "duration": round(elapsed / 1000, 6)}
            _log.debug(
                "%s (%s, %.1f ms)", logged_sql(sql, self._connector.lexical_rules), outcome, elapsed, extra=fields
            )

    def _bind_parameters(self, sql: str, params: Mapping[str, Any]) -> tuple[str, Any]:
        text, positions = _compiled(sql, self._style, self._percent, self._connector.lexical_rules)
        adapt = self._connector.adapt
        values = {key: adapt(value) for key, value in params.items()} if adapt else params
        return text, values if positions is None else [values[name] for name in positions]

    # -- transactions ------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a transaction (SQLite: BEGIN IMMEDIATE takes the write lock at once, so that no later statement fails for it)."""
        for sql in self._begin:
            self._execute(sql)
        self._in_transaction = True

    def commit(self) -> None:
        """Commit the transaction. After an error it is still open, or the engine has rolled it back."""
        if self._connector.commit:
            self._execute(self._connector.commit)
        self._in_transaction = False

    def rollback(self) -> None:
        """Roll the transaction back, if there is one and the engine has not already rolled it back."""
        open_, self._in_transaction = self._in_transaction, False
        if open_ and self._connector.rollback and getattr(self.raw, "in_transaction", True):
            self._execute(self._connector.rollback)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN; COMMIT at the end, ROLLBACK on any error. If ROLLBACK fails as well, the first error is raised."""
        self.begin()
        with ExitStack() as undo:
            undo.callback(self._abandon)
            yield
            self.commit()
            undo.pop_all()

    def _abandon(self) -> None:
        with suppress(DatabaseError):
            self.rollback()

    def cancel(self) -> None:
        """Cancel the running statement, from another thread.

        A server that does not answer is not asked: the driver would wait for it, and some drivers hold the interpreter lock
        meanwhile.
        """
        if self._connector.cancel is not None:
            self._cancel_from_outside(self._connector.cancel(self.raw))
            return
        stop = getattr(self.raw, "cancel", None) or getattr(self.raw, "interrupt", None)
        if stop is not None and (self._link is None or self._link.answers()):
            with suppress(self._error):
                stop()

    def _cancel_from_outside(self, sql: str) -> None:
        """Send the statement that cancels ours on a connection of its own."""
        with suppress(self._error, DatabaseError, *self._connector.opening_errors):
            other = CONNECTIONS.open(
                lambda: self._connector.connect_function(self._driver)(**self._opening.kwargs), PROBE
            )
            try:
                other.cursor().execute(sql)
            finally:
                other.close()

    def sever(self) -> bool:
        """Make a statement that waits for the server fail now as if the connection had broken, from another thread. False
        for an embedded database."""
        if self._link is not None:
            self._link.sever()
        return self._link is not None

    def close(self) -> None:
        """Close the connection; the engine rolls back an open transaction. A second call does nothing."""
        if not self._closed:
            self._closed = True
            _log.debug("connection to %s closed after %d statements", self._url, self.sent)
            if self._given_back():
                return
        with suppress(self._error):
            self.raw.close()
        if self._link is not None:
            self._link.close()

    def _given_back(self) -> bool:
        """Whether the driver's connection was reset, and is kept for the next user."""
        if self._idle is None or self.pooled or self._in_transaction or CONNECTIONS.given_up:
            return False
        try:
            if not self._connector.is_idle(self.raw):
                return False
            self._execute(self._connector.recycle)
        except (DatabaseError, self._error):
            return False
        if self._link is not None:
            self._link.close()
        return self._idle.give(self._idle_key, self.raw, self._uses + 1, self._error)

    def __enter__(self) -> DatabaseConnection:
        return self

    def __exit__(self, _kind: object, exc: BaseException | None, _traceback: object) -> None:
        if isinstance(exc, PermissionDenied):
            self.explain(exc)
        self.close()

    def translated(self, exc: Exception, sql: str) -> DatabaseError:
        """The error for one of the driver's."""
        if self._connector.is_closed(self.raw):
            return ConnectionLost(_words(exc, self._connector), failure=Failure.CONNECTION_LOST)
        return _database_error(exc, self._connector, sql)

    def explain(self, error: PermissionDenied) -> None:
        """Set the hint of ``error`` to the command that grants the missing privilege.

        Rolls back the failed transaction, in which PostgreSQL would answer no catalogue query.
        """
        if self.remedy is None or error.hint is not PermissionDenied.hint:
            return
        with suppress(DatabaseError):
            self.rollback()
            error.hint = self.remedy(self, error)


def _raw(driver: Any, connector: Connector, opening: DriverArguments) -> Any:
    """The driver's own connection."""

    def connect() -> Any:
        return connector.connect_function(driver)(*opening.args, **opening.kwargs)

    return CONNECTIONS.open(connect, opening.deadline) if connector.networked else connect()


def _link(raw: Any, connector: Connector) -> ConnectionSocket | None:
    """The socket of a driver's connection; ``None`` for an embedded database, or if the driver does not tell it."""
    handle = connector.handle(raw) if connector.networked else None
    if handle is None:
        return None
    link = ConnectionSocket(handle, connector.greeting)
    if connector.keepalives is not None:
        link.keep_alive(connector.keepalives)
    return link


_STYLES = {"pyformat": "%({})s", "qmark": "?", "format": "%s"}


@lru_cache(maxsize=512)
def _compiled(sql: str, style: str, percent: str, lexical_rules: LexicalRules) -> tuple[str, tuple[str, ...] | None]:
    """Replace ``:name`` by the driver's placeholders. Returns the text, and the order of the names if they are positional.

    Strings, quoted names and ``::`` stay as they are; ``percent`` stands for ``%``.
    """
    place, order = _STYLES[style], list[str]()

    parts = [""]
    for token in tokens(sql, lexical_rules):
        if parts[-1] == ":" and token.kind is TokenKind.WORD:
            order.append(token.text)
            parts[-1] = place.format(token.text)
        else:
            parts.append(token.text.replace("%", percent))
    return "".join(parts), None if style == "pyformat" else tuple(order)


# -- errors -------------------------------------------------------------------------------------------------------

_KINDS: Mapping[Failure, type[DatabaseError]] = {
    Failure.BUSY: DatabaseBusy,
    Failure.CANCELLED: StatementCancelled,
    Failure.CONNECTION_LOST: ConnectionLost,
    Failure.READ_ONLY: DatabaseReadOnly,
    Failure.PERMISSION: PermissionDenied,
    Failure.NEEDS_REBUILD: TableNeedsRebuild,
}


def _database_error(exc: Exception, connector: Connector, sql: str) -> DatabaseError:
    """Convert a driver's error: message, code, and the ``position`` and ``detail`` that PostgreSQL gives."""
    diag = getattr(exc, "diag", None)
    if connector.error is not None:
        code, words = connector.error(exc)
    else:
        code = next(filter(None, (getattr(exc, name, None) for name in connector.code_attributes)), None)
        words = _words(exc, connector)
    position = getattr(diag, "statement_position", None)
    words = connector.explanations.get(code or "") or words
    failure = connector.classify(code, words)
    return _KINDS.get(failure, DatabaseError)(
        words,
        failure=failure,
        sqlstate=code,
        position=int(position) if position else None,
        detail=getattr(diag, "message_detail", None),
        sql=sql,
    )


def _words(exc: Exception, connector: Connector) -> str:
    """The engine's message with its DETAIL, HINT and CONTEXT, without the driver's additions and the statement."""
    if connector.error is not None:
        return connector.error(exc)[1]
    diag = getattr(exc, "diag", None)
    primary = getattr(diag, "message_primary", None)
    if not primary:
        # libpq asks "Is the server running ...?" on a line of its own
        return " ".join(str(exc).replace("\n\tIs ", "; is ").split()) or type(exc).__name__
    words = [primary]
    if diag is not None:
        for label, more in (("DETAIL", diag.message_detail), ("HINT", diag.message_hint), ("CONTEXT", diag.context)):
            if more:
                words.append(f"{label}: {more}")
    return "\n".join(words)


_NOISE = re.compile(r"^.*?connection (?:to server )?(?:at|on) .*? failed: |^connection failed: |^FATAL: +", re.DOTALL)


def _reason(error: DatabaseError) -> str:
    """Why a connection failed, in the engine's words; if several addresses were tried, the reason of the last one."""
    words = str(error)
    words = words.split("Multiple connection attempts failed")[0].rstrip(". ") or words
    for _ in range(4):
        words = _NOISE.sub("", words)
    return words.strip()
