"""Declares how ``runtime`` connects to an engine: driver arguments, session settings, classification of errors.

A URL becomes the arguments that SQLAlchemy would give to the driver. Statements go to the driver's own cursor, so that the
text of a migration is sent byte for byte and connecting costs no further round trips.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from dbwarden.errors import ConnectionFailed, Failure

from .sqltext import ANSI, LexicalRules
from .url import Url


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a connection. Times are in seconds; ``None`` is the server's default, a ``lock_timeout`` of 0 no limit."""

    connect_timeout: float = 5.0
    lock_timeout: float | None = None
    statement_timeout: float | None = None
    read_only: bool = False
    application_name: str = "dbwarden"
    background: bool = False
    """Whether the server may return before long work is done, which ``Dialect.execute`` follows."""
    search_path: tuple[str, ...] = ()
    """Schemas in which unqualified names are looked up, on an engine with a search path; empty: the server's own."""


@dataclass(frozen=True, slots=True)
class DriverArguments:
    """Arguments of a driver's ``connect``. ``first`` is sent at once; ``second`` is an address to try if the first fails."""

    args: tuple[str, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    first: str = ""
    second: str = ""
    absent: str | None = None
    deadline: float | None = None
    """Seconds after which ``connect`` is given up, for a driver whose own limit does not cover the login."""


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """SQL that applies the settings of a connection: to the session, or to each transaction behind a connection pooler."""

    settings: str = ""
    """Sets them for the session."""
    direct: str = ""
    """Query that sets them and returns a row if no pooler shares the session, and otherwise does nothing; empty if
    ``shared`` says it."""
    shared: bool = False
    """Whether a pooler shares the session."""
    local: str = ""
    """Sets them until the transaction ends."""
    optional: tuple[str, ...] = ()
    """Statements for an unshared session, each of which the server may refuse."""
    restore: tuple[str, ...] = ()
    """Statements that undo what a migration changed in the session; afterwards ``settings`` are sent again."""


class Keepalives(NamedTuple):
    """TCP keepalives: seconds of silence before the first one, seconds between two, and how many may stay unanswered."""

    idle: int = 60
    interval: int = 10
    count: int = 6  # type: ignore[assignment]  # libpq's word; nobody counts in this tuple


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Connector:
    """Properties of an engine's connections."""

    open: Callable[[Url, Settings], DriverArguments]
    driver: Callable[[Url], Any] | None = None
    """Driver (PEP 249) of the dialect's own, in place of the module that ``core.engine`` names for the URL."""
    connect_function: Callable[[Any], Callable[..., Any]] = attrgetter("connect")
    """The function of the driver's module that takes these arguments."""
    begin: str = "BEGIN"
    begin_read_only: str = "BEGIN"
    """Statement that begins a transaction, as ``commit`` and ``rollback`` end it; empty where there are no transactions."""
    commit: str = "COMMIT"
    rollback: str = "ROLLBACK"
    adapt: Callable[[Any], Any] | None = None
    """Conversion of parameters whose conversion by the driver is deprecated."""
    prepare: Callable[[Any, Settings], SessionSettings] | None = None
    """Setup of the driver's connection directly after it is opened."""
    changes_session: Callable[[str], bool] = lambda sql: False
    """Whether a statement changes the session beyond its transaction."""
    reset: Callable[[Any], None] | None = None
    """Function that undoes what statements changed in a driver's connection, in place of statements that do."""
    reopen: Callable[[Any], bool] | None = None
    """Function that opens a driver's connection again if the server closed it while it was idle, as servers of HTTP do;
    returns whether it did."""
    recycle: str = ""
    """Message that undoes everything that a session was used for, so that it is as good as a new one; empty: it is not used
    again."""
    is_idle: Callable[[Any], bool] = lambda raw: False
    """Whether a driver's connection is certainly outside of a transaction."""
    statement_batches: bool = True
    """Whether one message may carry several statements, separated by semicolons."""
    several_results: bool = False
    """Whether one statement may return several results, of which a later one may be an error (CALL)."""
    patience: str = ""
    """SQL that lets the session wait for locks without limit."""
    local_patience: str = ""
    """The same until the transaction ends."""
    networked: bool = False
    """Whether a driver's connection is a socket to a server, which may stop answering."""
    handle: Callable[[Any], int | None] = lambda raw: int(raw.fileno())
    """Number of that socket; ``None`` if the driver does not tell it."""
    greeting: bytes = b""
    """Bytes to send on a new connection, to which a live server answers before any login."""
    keepalives: Keepalives | None = None
    """TCP keepalives, if the driver does not set them by itself."""
    cancel: Callable[[Any], str] | None = None
    """Statement that cancels what a driver's connection executes, for another connection; ``None`` if the driver has a
    method for it."""
    is_closed: Callable[[Any], bool] = lambda raw: bool(getattr(raw, "closed", False))
    """Whether a driver's connection can no longer be used."""
    code_attributes: tuple[str, ...] = ("sqlstate",)
    """Attributes of driver errors that may hold the engine's code; the first that exists counts."""
    error: Callable[[Exception], tuple[str | None, str]] | None = None
    """Code and message of a driver's error, if they are not its attributes and its text."""
    opening_errors: tuple[type[Exception], ...] = ()
    """Errors of ``connect`` that are not errors of the driver: a certificate that cannot be read."""
    classify: Callable[[str | None, str], Failure] = lambda code, message: Failure.OTHER
    """Classification of an error by the driver's code and the engine's message."""
    lexical_rules: LexicalRules = ANSI
    """Lexical rules, for logging statements without their values."""
    explanations: Mapping[str, str] = field(default_factory=dict)
    """Messages, by code, that replace terse ones of the engine."""


def connection_failed(
    url: Url, reason: str, hint: str | None = None, failure: Failure = Failure.OTHER
) -> ConnectionFailed:
    """The error for a database that cannot be opened, with the parts of its URL as attributes."""
    secret = url.password
    words = reason.replace(str(secret), "***") if secret and len(str(secret)) > 3 else reason
    return ConnectionFailed(
        url=str(url),
        reason=words,
        hint=hint,
        failure=failure,
        host=url.host,
        port=url.port,
        user=url.username,
        database=url.database,
    )
