"""Declares how ``runtime`` connects to an engine: driver arguments, session settings, classification of errors.

A URL becomes the arguments that SQLAlchemy would give to the driver. Statements go to the driver's own cursor, so that the
text of a migration is sent byte for byte and connecting costs no further round trips.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

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


@dataclass(frozen=True, slots=True)
class DriverArguments:
    """Arguments of a driver's ``connect``. ``first`` is sent at once; ``second`` is an address to try if the first fails."""

    args: tuple[str, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    first: str = ""
    second: str = ""
    absent: str | None = None


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """SQL that applies the settings of a connection: to the session, or to each transaction behind a connection pooler."""

    settings: str = ""
    """Sets them for the session."""
    direct: str = ""
    """Query that sets them and returns a row if no pooler shares the session, and otherwise does nothing; empty for an
    engine without poolers."""
    local: str = ""
    """Sets them until the transaction ends."""
    optional: tuple[str, ...] = ()
    """Statements for an unshared session, each of which the server may refuse."""


@dataclass(frozen=True, slots=True)
class Connector:
    """Properties of an engine's connections."""

    open: Callable[[Url, Settings], DriverArguments]
    begin: str = "BEGIN"
    begin_read_only: str = "BEGIN"
    adapt: Callable[[Any], Any] | None = None
    """Conversion of parameters whose conversion by the driver is deprecated."""
    prepare: Callable[[Any, Settings], SessionSettings] | None = None
    """Setup of the driver's connection directly after it is opened."""
    changes_session: Callable[[str], bool] = lambda sql: False
    """Whether a statement changes the session beyond its transaction."""
    restore: str = ""
    """SQL that undoes such changes; afterwards the connection's own settings are sent again."""
    patience: str = ""
    """SQL that lets the session wait for locks without limit."""
    local_patience: str = ""
    """The same until the transaction ends."""
    networked: bool = False
    """Whether a driver's connection is a socket (``fileno``) to a server, which may stop answering."""
    greeting: bytes = b""
    """Bytes to send on a new connection, to which a live server answers before any login."""
    code_attributes: tuple[str, ...] = ("sqlstate",)
    """Attributes of driver errors that may hold the engine's code; the first that exists counts."""
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
