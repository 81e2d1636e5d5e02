"""Runs seeds in Python: their functions get a SQLAlchemy session on the connection that also writes the history.

1. The session uses the driver's connection of ours (``_Bridge``), so that its changes and the event are one transaction, and
   the lock that the event checks fences them. Inside it, the session's own transactions are savepoints.
2. With ``transaction = "off"`` the session begins and commits transactions of its own, on the same connection.
3. An engine without transactions has a driver of ours that SQLAlchemy does not know: the session then connects by itself.
4. An ``async`` function gets an ``AsyncSession`` over the same synchronous connection; it needs no other driver.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import traceback
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from dbwarden.core.dialect import Dialect
from dbwarden.core.engine import ENGINES
from dbwarden.core.python_file import PythonFile
from dbwarden.core.redaction import redacted_text
from dbwarden.errors import DatabaseError, DBWardenError, ImplicitCommit, MissingDriver, text_of

from .connection import DatabaseConnection
from .file_progress import excerpt

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import Session

_HARMLESS = frozenset(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "SAVEPOINT", "RELEASE", "ROLLBACK"))
"""First words of statements that never end a transaction; ROLLBACK is the one TO SAVEPOINT, as SQLAlchemy writes it."""


@dataclass(frozen=True, slots=True)
class PythonSeed:
    """One direction of a seed in Python, to be run as the ``Script`` of a file."""

    file: PythonFile
    module: ModuleType
    direction: str
    """``upgrade`` or ``rollback``."""
    is_ours: Callable[[str], bool]
    """Whether a source file belongs to the user's code."""

    def script(self, conn: DatabaseConnection, dialect: Dialect, url: str) -> Callable[[Callable[[], None]], None]:
        """The script that runs it. ``url`` is the database's for ``sqlalchemy.create_engine``."""
        return partial(self.run, _engine(conn, dialect, url, self._shares(dialect)), conn, dialect)

    def _shares(self, dialect: Dialect) -> bool:
        """Whether the session is part of the transaction with the event."""
        return self.file.transaction != "off" and dialect.features.row_counts

    def run(self, engine: Engine, conn: DatabaseConnection, dialect: Dialect, check: Callable[[], None]) -> None:
        """Call the function, and commit its session. ``check`` is called before each of its statements. Raises
        ``DatabaseError`` for every error of the user's code, with the position of its line."""
        from sqlalchemy import event

        cursors: WeakSet[Any] = WeakSet()

        def before(_conn: Any, cursor: Any, statement: str, *_more: Any) -> None:
            cursors.add(cursor)
            check()
            if self._shares(dialect):
                self._refuse_commit(dialect, statement)

        event.listen(engine, "before_cursor_execute", before)
        function = getattr(self.module, self.direction)
        try:
            with self._user_code(conn), _bind(engine, self._shares(dialect)) as bind:
                if inspect.iscoroutinefunction(function):
                    _make_awaitable(engine)
                    _await(_call_async(function, bind))
                else:
                    _call(function, bind)
        finally:
            event.remove(engine, "before_cursor_execute", before)
            for cursor in tuple(cursors):  # one that is not read to its end would keep its locks
                with suppress(conn.driver_errors):
                    cursor.close()

    def _refuse_commit(self, dialect: Dialect, statement: str) -> None:
        """Raise ``ImplicitCommit`` for a statement that would end the transaction with the event."""
        if statement.lstrip().partition(" ")[0].upper() in _HARMLESS or dialect.facts(statement).transactional:
            return
        line = next((frame.lineno for frame in _stack() if frame.filename == self._path), None)
        raise ImplicitCommit(
            file=self.file.name,
            line=line or 1,
            excerpt=excerpt(statement),
            hint=f'Write `transaction = "off"` at the top of {self.file.name}: the session then commits by itself. Or put the'
            " statement into a migration.",
        )

    @property
    def _path(self) -> str:
        return str(self.module.__file__)

    @contextmanager
    def _user_code(self, conn: DatabaseConnection) -> Iterator[None]:
        """Convert what the user's code raises."""
        try:
            yield
        except DBWardenError:
            raise
        except Exception as error:
            raise self._converted(error, conn) from error

    def _converted(self, error: Exception, conn: DatabaseConnection) -> DatabaseError:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if self.is_ours(frame.filename)]
        first: int = getattr(self.module, self.direction).__code__.co_firstlineno  # for an error of the last COMMIT
        line = next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == self._path), first)
        converted = _database_error(error, conn)
        converted.position = self._position(line)
        inner = frames[-1] if frames else None
        if inner is not None and inner.filename != self._path:
            place = f"{Path(inner.filename).name}:{inner.lineno}: {redacted_text((inner.line or '').strip())}"
            converted.message = f"{converted.message}\nat {place}"
        return converted

    def _position(self, line: int) -> int:
        """The 1-based position of a line's first character in the file's text."""
        lines = self.file.text.splitlines(keepends=True)[: line - 1]
        return sum(map(len, lines)) + 1


def _database_error(error: Exception, conn: DatabaseConnection) -> DatabaseError:
    """The driver's error behind one of SQLAlchemy's, in the words of the engine; any other by its name and text."""
    from sqlalchemy.exc import DBAPIError

    driver_error = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(driver_error, conn.driver_errors):
        return conn.translated(driver_error, "")
    cause = driver_error or error
    text = redacted_text(text_of(cause))
    return DatabaseError(f"{type(cause).__name__}: {text}" if text else type(cause).__name__)


def _stack() -> list[traceback.FrameSummary]:
    return list(reversed(traceback.extract_stack(sys._getframe(1))))


# -- the session --------------------------------------------------------------------------------------------------


def _engine(conn: DatabaseConnection, dialect: Dialect, url: str, shares: bool) -> Engine:
    """An engine of SQLAlchemy whose only connection is the driver's connection of ``conn``."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import NoSuchModuleError
    from sqlalchemy.pool import NullPool, StaticPool

    try:
        if not dialect.features.row_counts:
            return create_engine(url, poolclass=NullPool)
        engine = create_engine(url, creator=lambda: conn.raw, poolclass=StaticPool, pool_reset_on_return=None)
    except (NoSuchModuleError, ImportError) as problem:
        row = ENGINES[dialect.name]
        install = f'pip install "{row.extra}"'
        raise MissingDriver(engine=row.name, kind="SQLAlchemy ", wanted=str(problem), install=install) from None
    _bridge(engine, conn, shares)
    with engine.connect():  # asks the server for its version, before the transaction begins
        pass
    return engine


def _bridge(engine: Engine, conn: DatabaseConnection, shares: bool) -> None:
    """Let the engine begin and end transactions through ``conn``, or not at all if it shares one that is already open, and
    never close the connection."""

    def nothing(_raw: Any) -> None:
        pass

    calls: dict[str, Callable[[Any], None]] = dict.fromkeys(
        ("do_begin", "do_commit", "do_rollback", "do_close", "do_terminate"), nothing
    )
    if not shares:
        calls |= {
            "do_begin": lambda _raw: conn.begin(),
            "do_commit": lambda _raw: conn.commit() if conn.in_transaction else None,
            "do_rollback": lambda _raw: conn.rollback(),
        }
    for name, call in calls.items():
        setattr(engine.dialect, name, call)


@contextmanager
def _bind(engine: Engine, shares: bool) -> Iterator[Any]:
    """What sessions are bound to: a connection in the open transaction, or the engine."""
    if not shares:
        yield engine
        return
    with engine.connect() as connection, connection.begin():
        yield connection


_SESSION_OPTIONS: dict[str, Any] = {"join_transaction_mode": "create_savepoint"}


def _call(function: Callable[[Session], object], bind: Any) -> None:
    from sqlalchemy.orm import Session

    with Session(bind, **_SESSION_OPTIONS) as session:
        function(session)
        session.commit()


async def _call_async(function: Callable[[AsyncSession], Coroutine[Any, Any, object]], bind: Any) -> None:
    try:
        from sqlalchemy.ext.asyncio import AsyncSession
    except ImportError as problem:  # SQLAlchemy bridges to asyncio with greenlet, which is optional
        install = 'pip install "sqlalchemy[asyncio]"'
        raise MissingDriver(engine="SQLAlchemy", kind="asynchronous ", wanted="greenlet", install=install) from problem
    from sqlalchemy.orm import Session

    class BoundSession(Session):
        """Session over the synchronous connection, which ``AsyncSession`` takes only this way."""

        def get_bind(self, *_arguments: Any, **_options: Any) -> Any:
            return bind

    async with AsyncSession(sync_session_class=BoundSession, expire_on_commit=False, **_SESSION_OPTIONS) as session:
        await function(session)
        await session.commit()


class AwaitableCursor:
    """A synchronous cursor in the form that SQLAlchemy's asyncio extension expects: it awaits when it sends a statement, and when
    a result was read."""

    __slots__ = ("__weakref__", "_cursor")

    def __init__(self, cursor: Any) -> None:
        object.__setattr__(self, "_cursor", cursor)

    async def _async_soft_close(self) -> None:
        pass

    def execute(self, *arguments: Any, **options: Any) -> Any:
        self._await()
        return self._cursor.execute(*arguments, **options)

    def executemany(self, *arguments: Any, **options: Any) -> Any:
        self._await()
        return self._cursor.executemany(*arguments, **options)

    def _await(self) -> None:
        """Await nothing: fails outside of the extension's greenlets, as a statement of an asynchronous driver does."""
        from sqlalchemy.util import await_only

        await_only(self._async_soft_close())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._cursor, name, value)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)


def _make_awaitable(engine: Engine) -> None:
    """Let the asyncio extension accept an engine with a synchronous driver: its calls then run in a greenlet without ever
    waiting."""
    dialect = engine.dialect
    context: Any = dialect.execution_ctx_cls

    class AwaitableContext(context):  # type: ignore[misc]
        """Execution context whose cursors the extension can await."""

        def create_default_cursor(self) -> AwaitableCursor:
            return AwaitableCursor(super().create_default_cursor())

        def create_server_side_cursor(self) -> AwaitableCursor:
            return AwaitableCursor(super().create_server_side_cursor())

    dialect.execution_ctx_cls = AwaitableContext
    dialect.is_async = True


def _await(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, also inside a running event loop: then in a thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(coroutine)
        return
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, coroutine).result()
