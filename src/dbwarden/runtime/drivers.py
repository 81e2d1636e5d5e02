"""One row an engine: which drivers speak to it, how they are opened, and how its transactions begin.

SQLAlchemy turns a URL into a driver's arguments; statements then go to the driver's own cursor, so that the text of a
migration is sent byte for byte and a connection costs no other round trips.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dbwarden.errors import ConfigurationError, ConnectionFailed, MissingDriver

if TYPE_CHECKING:
    from sqlalchemy.engine import URL


@dataclass(frozen=True, slots=True)
class Settings:
    """What a caller wants of a connection; seconds, ``None`` is the server's own default."""

    connect_timeout: float = 5.0
    lock_timeout: float | None = None
    statement_timeout: float | None = None
    read_only: bool = False
    application_name: str = "dbwarden"


@dataclass(frozen=True, slots=True)
class Opening:
    """How a driver is opened. ``first`` is sent at once; ``second`` are other arguments, tried where the first fail."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    first: str = ""
    second: tuple[Any, ...] = ()
    absent: str | None = None


@dataclass(frozen=True, slots=True)
class Engine:
    """What differs between engines for a connection."""

    drivers: Mapping[str, str]
    """SQLAlchemy's name of a driver and the module it needs, the preferred one first."""
    extra: str
    """The extra of this package that installs one of them."""
    open: Callable[[URL, Settings, tuple[Any, ...], dict[str, Any]], Opening]
    begin: str = "BEGIN"
    begin_read_only: str = "BEGIN"
    adapt: Callable[[Any], Any] | None = None
    """What a driver's values must become where its own conversion is deprecated."""
    prepare: Callable[[Any, Settings], str] | None = None
    """Done to the driver's connection at once; what it returns is sent, and may be refused."""
    disturbs: re.Pattern[str] | None = None
    """Statements that change the session beyond their transaction."""
    restore: str = ""
    """What undoes them; then the connection's own settings are sent again."""


# -- PostgreSQL ---------------------------------------------------------------------------------------------------


def _open_postgresql(url: URL, settings: Settings, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Opening:
    # libpq takes whole seconds, at least 2.
    kwargs.setdefault("connect_timeout", max(2, round(settings.connect_timeout)))
    kwargs.setdefault("application_name", settings.application_name)
    if url.get_driver_name() == "psycopg":
        # Statements with parameters stay unprepared: a transaction pooler may give the next one to another session.
        kwargs.setdefault("prepare_threshold", None)
    # SET and not the startup packet's `options`, which PgBouncer refuses.
    values = {"lock_timeout": settings.lock_timeout, "statement_timeout": settings.statement_timeout}
    first = [f"SET {name} = {round(seconds * 1000)}" for name, seconds in values.items() if seconds is not None]
    if settings.read_only:
        first.append("SET default_transaction_read_only = on")
    return Opening(args, kwargs, "; ".join(first))


_SESSION = re.compile(r"(?:SET|RESET|DISCARD)\b|.*\bset_config\s*\(", re.IGNORECASE | re.DOTALL)


def _notice_our_death(raw: Any, settings: Settings) -> str:
    """PostgreSQL 14: a statement ends soon after its client was killed, not when it is done. Windows servers refuse it."""
    if settings.read_only or raw.info.server_version < 140000:
        return ""
    return "SET client_connection_check_interval = 1000"


# -- SQLite -------------------------------------------------------------------------------------------------------


_SQLITE_QUERY = ("vfs", "cache", "psow", "nolock", "immutable")


def _open_sqlite(url: URL, settings: Settings, _args: tuple[Any, ...], _kwargs: dict[str, Any]) -> Opening:
    wait = 5.0 if settings.lock_timeout is None else settings.lock_timeout
    kwargs = {"timeout": wait, "isolation_level": None, "check_same_thread": False, "uri": True}
    name = url.database or ":memory:"
    if name == ":memory:":
        return Opening((name,), kwargs)
    query = {key: str(value) for key, value in url.query.items() if key in _SQLITE_QUERY}
    path = Path(name.removeprefix("file:").split("?")[0] if name.startswith("file:") else name)
    _check_path(path, url, settings)
    if settings.read_only and not path.exists():
        return Opening((":memory:",), kwargs, "PRAGMA query_only = ON", absent=str(path))
    mode = "ro" if settings.read_only else "rwc"
    uri = _uri(path, {"mode": mode, **query})
    # A WAL database in a folder that cannot be written has no shared memory: readable only as immutable.
    second = (_uri(path, {"mode": "ro", "immutable": "1"}),) if settings.read_only else ()
    return Opening((uri,), kwargs, "PRAGMA schema_version", second)


def _uri(path: Path, query: Mapping[str, str]) -> str:
    return f"file:{quote(str(path.absolute()))}?" + "&".join(f"{key}={quote(value)}" for key, value in query.items())


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _check_path(path: Path, url: URL, settings: Settings) -> None:
    reason = None
    if path.is_dir():
        reason = "this is a folder, not a database file"
    elif not path.parent.is_dir():
        reason = f"the folder {path.parent} does not exist"
    elif path.exists() and not _may(path, os.R_OK):
        reason = "no permission to read the file"
    elif not settings.read_only and not _may(path if path.exists() else path.parent, os.W_OK):
        reason = "the file is not writable" if path.exists() else f"the folder {path.parent} is not writable"
    if reason:
        raise connection_failed(url, reason)


def _listen_to_signals(raw: Any, _settings: Settings) -> str:
    """SQLite works inside one call; coming back to Python now and then lets a signal handler interrupt it."""
    raw.set_progress_handler(lambda: 0, 1_000_000)
    return ""


def _iso(value: Any) -> Any:
    """Python 3.12 deprecates the driver's own adapters for dates."""
    return value.isoformat(" ") if hasattr(value, "hour") and hasattr(value, "year") else value


ENGINES: Mapping[str, Engine] = {
    "postgresql": Engine(
        {"psycopg": "psycopg", "psycopg2": "psycopg2"},
        "postgresql",
        _open_postgresql,
        prepare=_notice_our_death,
        disturbs=_SESSION,
        restore="RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL",
    ),
    "sqlite": Engine(
        {"pysqlite": "sqlite3"}, "", _open_sqlite, begin="BEGIN IMMEDIATE", adapt=_iso, prepare=_listen_to_signals
    ),
}
_ALIASES = {"postgres": "postgresql"}


# -- URLs ---------------------------------------------------------------------------------------------------------


def resolve_url(text: str) -> tuple[URL, Engine]:
    """The URL with an installed, synchronous driver, and its engine's row.

    Raises ``MissingDriver`` naming the extra, ``ConfigurationError`` for a URL that cannot be read.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # The text itself may hold a password: never repeated.
        expected = "scheme://user:password@host:port/name"
        raise ConfigurationError(f"The database URL cannot be read; expected {expected}.") from None
    backend, _, driver = url.drivername.partition("+")
    backend = _ALIASES.get(backend, backend)
    engine = ENGINES.get(backend)
    if engine is None:
        raise ConfigurationError(
            f"Database URLs of the kind {url.drivername}:// are not supported by this version.",
            hint=f"Supported: {', '.join(f'{name}://' for name in ENGINES)}.",
        )
    driver = driver if driver in engine.drivers else ""
    for name in [driver] if driver else engine.drivers:
        if find_spec(engine.drivers[name]) is not None:
            return url.set(drivername=f"{backend}+{name}"), engine
    wanted = " or ".join([engine.drivers[driver]] if driver else engine.drivers.values())
    raise MissingDriver(engine=backend, kind="", wanted=wanted, install=f'pip install "dbwarden[{engine.extra}]"')


def describe_url(url: URL) -> str:
    """The URL for people: without driver, password and query (which may hold one)."""
    place = (url.username, None, url.host, url.port, url.database)
    return url.create(url.get_backend_name(), *place).render_as_string(hide_password=True)


def connection_failed(url: URL, reason: str) -> ConnectionFailed:
    """The error of a database that cannot be opened, with host, port, user and database as attributes."""
    secret = url.password
    words = reason.replace(str(secret), "***") if secret and len(str(secret)) > 3 else reason
    return ConnectionFailed(
        url=describe_url(url), reason=words, host=url.host, port=url.port, user=url.username, database=url.database
    )
