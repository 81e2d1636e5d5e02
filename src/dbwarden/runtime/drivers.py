"""How each engine is connected to: how its drivers are opened, and how its transactions begin.

A URL becomes the arguments that SQLAlchemy would give to the driver; statements then go to the driver's own cursor, so
that the text of a migration is sent byte for byte and a connection costs no other round trips.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dbwarden.core.engine import SCHEMES, SUPPORTED
from dbwarden.core.url import Url
from dbwarden.errors import ConfigurationError, ConnectionFailed, MissingDriver


@dataclass(frozen=True, slots=True)
class Settings:
    """What a caller wants of a connection; seconds, ``None`` is the server's own default, a ``lock_timeout`` of 0 none."""

    connect_timeout: float = 5.0
    lock_timeout: float | None = None
    statement_timeout: float | None = None
    read_only: bool = False
    application_name: str = "dbwarden"


@dataclass(frozen=True, slots=True)
class Opening:
    """How a driver is opened. ``first`` is sent at once; ``second`` is another address, tried where the first fails."""

    args: tuple[str, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    first: str = ""
    second: str = ""
    absent: str | None = None


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How a connection gets its settings. Where others use the session between our transactions, they stand in each
    transaction instead, so that nothing of them is left behind."""

    settings: str = ""
    """Sets them for the session."""
    direct: str = ""
    """Sets them too, and returns a row, where the session is ours alone; else does nothing and returns none. Empty where
    there are no sessions to share."""
    local: str = ""
    """Sets them until the transaction ends."""
    optional: str = ""
    """One more for a session of our own; the server may refuse it."""


@dataclass(frozen=True, slots=True)
class Connector:
    """What differs between engines for a connection."""

    open: Callable[[Url, Settings], Opening]
    begin: str = "BEGIN"
    begin_read_only: str = "BEGIN"
    adapt: Callable[[Any], Any] | None = None
    """What a driver's values must become where its own conversion is deprecated."""
    prepare: Callable[[Any, Settings], SessionSettings] | None = None
    """Done to the driver's connection at once."""
    disturbs: re.Pattern[str] | None = None
    """Statements that change the session beyond their transaction."""
    restore: str = ""
    """What undoes them; then the connection's own settings are sent again."""
    patience: str = ""
    """Takes the limit from the wait for locks, in the session."""
    local_patience: str = ""
    """The same until the transaction ends."""
    networked: bool = False
    """Whether a driver's connection is a socket (``fileno``) to a server, which may stop answering."""


# -- PostgreSQL ---------------------------------------------------------------------------------------------------


def _open_postgresql(url: Url, settings: Settings) -> Opening:
    said = {"user": url.username, "password": url.password, "host": url.host, "port": url.port, "dbname": url.database}
    kwargs: dict[str, Any] = {key: value for key, value in said.items() if value}
    kwargs |= {key: values[-1] for key, values in url.query.items()} | _several_hosts(url)
    # libpq takes whole seconds, at least 2.
    kwargs.setdefault("connect_timeout", max(2, round(settings.connect_timeout)))
    if url.driver == "psycopg":
        # Statements with parameters stay unprepared: a transaction pooler may give the next one to another session.
        kwargs.setdefault("prepare_threshold", None)
    return Opening((), kwargs)


def _several_hosts(url: Url) -> dict[str, str]:
    """``host=a:1&host=b:2`` (``host=a:1`` too, but not a socket's folder) as libpq's lists ``host`` and ``port``."""
    hosts = url.query.get("host", ())
    if "port" in url.query or not (len(hosts) > 1 or re.fullmatch(r"[A-Za-z0-9.-]*:\d*", "".join(hosts))):
        return {}
    names, _, ports = zip(*(host.partition(":") for host in hosts), strict=True)
    return {"host": ",".join(names)} | ({"port": ",".join(ports)} if len(ports) > 1 or ports[0] else {})


_SESSION = re.compile(r"(?:SET|RESET|DISCARD)\b|.*\bset_config\s*\(", re.IGNORECASE | re.DOTALL)


def _prepare_postgresql(raw: Any, settings: Settings) -> SessionSettings:
    """The settings by SET and not by the startup packet's `options`, which PgBouncer refuses.

    A pooler answers the startup packet with a process number of its own (BackendKeyData: PgBouncer's is random, for it has no
    server connection yet). Where it is that of the backend, the session is ours until the connection ends.
    """
    raw.autocommit = True
    seconds = {"lock_timeout": settings.lock_timeout, "statement_timeout": settings.statement_timeout}
    lasting = {name: str(round(value * 1000)) for name, value in seconds.items() if value is not None}
    if not raw.info.parameter_status("application_name"):  # neither the URL nor PGAPPNAME says it
        lasting["application_name"] = settings.application_name.replace("'", "''")
    values = lasting | ({"default_transaction_read_only": "on"} if settings.read_only else {})
    made = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in values.items())
    # PostgreSQL 14: a statement ends soon after its client was killed, not when it is done. Windows servers refuse it.
    checked = not settings.read_only and raw.info.server_version >= 140000
    return SessionSettings(
        settings="; ".join(f"SET {name} = '{value}'" for name, value in values.items()),
        direct=f"SELECT {made or 'true'} WHERE pg_backend_pid() = {raw.info.backend_pid}",
        local="; ".join(f"SET LOCAL {name} = '{value}'" for name, value in lasting.items()),
        optional="SET client_connection_check_interval = 1000" if checked else "",
    )


# -- SQLite -------------------------------------------------------------------------------------------------------


_WITHOUT_LIMIT = 1_000_000.0
"""Seconds: SQLite counts milliseconds in 32 bits."""
_SQLITE_QUERY = ("vfs", "cache", "psow", "nolock", "immutable")


def _open_sqlite(url: Url, settings: Settings) -> Opening:
    wait = 5.0 if settings.lock_timeout is None else settings.lock_timeout or _WITHOUT_LIMIT
    kwargs = {"timeout": wait, "isolation_level": None, "check_same_thread": False, "uri": True}
    name, mode = url.database or ":memory:", _mode(url)
    if name in (":memory:", "file::memory:") or mode == "memory":
        return Opening((":memory:",), kwargs)
    query = {key: value for key, value in url.parameters.items() if key in _SQLITE_QUERY}
    path = Path(name.removeprefix("file:").split("?")[0] if name.startswith("file:") else name)
    _check_path(path, url, settings)
    if settings.read_only and not path.exists():
        return Opening((":memory:",), kwargs, absent=str(path))
    uri = _uri(path, {"mode": "ro" if settings.read_only else mode or "rwc", **query})
    return Opening((uri,), kwargs, "PRAGMA schema_version", _second(path) if settings.read_only else "")


def _second(path: Path) -> str:
    """How to read a database that ``mode=ro`` does not open."""

    def left(suffix: str) -> bool:
        file = path.with_name(path.name + suffix)
        return file.exists() and file.stat().st_size > 0

    if left("-journal"):  # of a writer that was killed: every reader has to take its pages back first
        return _uri(path, {"mode": "rw"})
    # A WAL database in a folder that cannot be written has no shared memory: readable only as immutable, which would miss
    # what a WAL file still holds.
    return "" if left("-wal") else _uri(path, {"mode": "ro", "immutable": "1"})


def _mode(url: Url) -> str:
    """``ro``, ``rw``, ``rwc`` or ``memory`` of a URL that is SQLite's own; SQLAlchemy heeds it with ``uri=true`` only."""
    said = url.parameters
    return said.get("mode", "") if said.get("uri", "").lower() in ("true", "yes", "on", "y", "t", "1") else ""


def _uri(path: Path, query: Mapping[str, str]) -> str:
    return f"file:{quote(str(path.absolute()))}?" + "&".join(f"{key}={quote(value)}" for key, value in query.items())


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _check_path(path: Path, url: Url, settings: Settings) -> None:
    reason = None
    if path.is_dir():
        reason = "this is a folder, not a database file"
    elif not path.parent.is_dir():
        reason = f"the folder {path.parent} does not exist"
    elif path.exists() and not _may(path, os.R_OK):
        reason = "no permission to read the file"
    elif not settings.read_only and not _may(path if path.exists() else path.parent, os.W_OK):
        reason = "the file is not writable" if path.exists() else f"the folder {path.parent} is not writable"
    elif not settings.read_only and _mode(url) == "ro":
        reason = "the URL says mode=ro, which allows no writing"
    elif not settings.read_only and _mode(url) == "rw" and not path.exists():
        reason = "the file does not exist, and mode=rw in the URL does not create it"
    if reason:
        raise connection_failed(url, reason)


_SQLITE_SESSION = re.compile(r"(?:PRAGMA|ATTACH|DETACH)\b", re.IGNORECASE)


def _prepare_sqlite(raw: Any, settings: Settings) -> SessionSettings:
    """SQLite works inside one call; coming back to Python now and then lets a signal handler interrupt it."""
    raw.set_progress_handler(lambda: 0, 1_000_000)
    if settings.read_only:
        raw.execute("PRAGMA query_only = ON")
    return SessionSettings()


def _iso(value: Any) -> Any:
    """Python 3.12 deprecates the driver's own adapters for dates."""
    return value.isoformat(" ") if hasattr(value, "hour") and hasattr(value, "year") else value


CONNECTORS: Mapping[str, Connector] = {
    "postgresql": Connector(
        _open_postgresql,
        begin_read_only="BEGIN READ ONLY",
        prepare=_prepare_postgresql,
        disturbs=_SESSION,
        restore="RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL",
        patience="SET lock_timeout = 0",
        local_patience="SET LOCAL lock_timeout = 0",
        networked=True,
    ),
    "sqlite": Connector(
        _open_sqlite,
        begin="BEGIN IMMEDIATE",
        adapt=_iso,
        prepare=_prepare_sqlite,
        disturbs=_SQLITE_SESSION,
    ),
}


# -- URLs ---------------------------------------------------------------------------------------------------------


def resolve_url(text: str) -> tuple[Url, Connector]:
    """The URL with its engine's name as the scheme, an installed synchronous driver, and how the engine is connected to.

    Raises ``MissingDriver`` naming the extra, ``ConfigurationError`` for a URL that cannot be read.
    """
    try:
        url = Url.parse(text, decode_database="%" in text and _decodes_database())
    except ValueError:
        # The text itself may hold a password: never repeated.
        expected = "scheme://user:password@host:port/name"
        raise ConfigurationError(f"The database URL cannot be read; expected {expected}.") from None
    engine = SCHEMES.get(url.scheme)
    if engine is None or engine.family not in CONNECTORS:
        raise ConfigurationError(
            f"Database URLs of the kind {url.scheme}:// are not supported by this version.",
            hint=f"Supported: {', '.join(f'{name}://' for name in SUPPORTED)}.",
        )
    drivers = engine.sync_drivers
    candidates = [drivers[url.driver]] if url.driver in drivers else list(drivers.values())
    for driver in candidates:
        if find_spec(driver.module) is not None:
            return replace(url, scheme=engine.name, driver=driver.name), CONNECTORS[engine.family]
    wanted = " or ".join(driver.module for driver in candidates)
    raise MissingDriver(engine=engine.name, kind="", wanted=wanted, install=f'pip install "{engine.extra}"')


def dbapi(url: Url) -> Any:
    """The module of the driver that a URL from ``resolve_url`` names."""
    return import_module(SCHEMES[url.scheme].sync_drivers[url.driver].module)


def _decodes_database() -> bool:
    """Whether the application's SQLAlchemy decodes the database's name: ours must be the same database."""
    from importlib.metadata import version  # deferred: slow to import, and few URLs hold a %

    return tuple(int(number) for number in version("sqlalchemy").split(".")[:2]) >= (2, 1)


def connection_failed(url: Url, reason: str, hint: str | None = None) -> ConnectionFailed:
    """The error of a database that cannot be opened, with host, port, user and database as attributes."""
    secret = url.password
    words = reason.replace(str(secret), "***") if secret and len(str(secret)) > 3 else reason
    return ConnectionFailed(
        url=str(url), reason=words, hint=hint, host=url.host, port=url.port, user=url.username, database=url.database
    )
