"""Connection of an engine: what a dialect declares to ``runtime`` about its drivers, sessions and errors.

A URL becomes the arguments that SQLAlchemy would give to the driver; statements then go to the driver's own cursor, so
that the text of a migration is sent byte for byte and a connection costs no other round trips.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dbwarden.errors import ConnectionFailed, Failure

from .sqltext import ANSI, LexicalRules
from .url import Url


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a connection in seconds; ``None`` is the server's own default, a ``lock_timeout`` of 0 none."""

    connect_timeout: float = 5.0
    lock_timeout: float | None = None
    statement_timeout: float | None = None
    read_only: bool = False
    application_name: str = "dbwarden"


@dataclass(frozen=True, slots=True)
class DriverArguments:
    """Arguments that open a driver. ``first`` is sent at once; ``second`` is another address, tried where the first fails."""

    args: tuple[str, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    first: str = ""
    second: str = ""
    absent: str | None = None


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """SQL that gives a connection its settings. Where others use the session between our transactions, they stand in each
    transaction instead, so that nothing of them is left behind."""

    settings: str = ""
    """Sets them for the session."""
    direct: str = ""
    """Query that sets them and returns a row where the session is ours alone; otherwise it does nothing. Empty where
    there are no sessions to share."""
    local: str = ""
    """Sets them until the transaction ends."""
    optional: str = ""
    """One more for a session of our own; the server may refuse it."""


@dataclass(frozen=True, slots=True)
class Connector:
    """Differences between engines for a connection."""

    open: Callable[[Url, Settings], DriverArguments]
    begin: str = "BEGIN"
    begin_read_only: str = "BEGIN"
    adapt: Callable[[Any], Any] | None = None
    """Conversion of a driver's values where its own is deprecated."""
    prepare: Callable[[Any, Settings], SessionSettings] | None = None
    """Done to the driver's connection at once."""
    changes_session: re.Pattern[str] | None = None
    """Statements that change the session beyond their transaction."""
    restore: str = ""
    """SQL that undoes them; then the connection's own settings are sent again."""
    patience: str = ""
    """Takes the limit from the wait for locks, in the session."""
    local_patience: str = ""
    """The same until the transaction ends."""
    networked: bool = False
    """Whether a driver's connection is a socket (``fileno``) to a server, which may stop answering."""
    greeting: bytes = b""
    """Bytes that a server answers on a new connection with at least one byte, before any login."""
    code_attributes: tuple[str, ...] = ("sqlstate",)
    """Attributes of driver errors with the engine's code; the first that exists counts."""
    classify: Callable[[str | None, str], Failure] = lambda code, message: Failure.OTHER
    """Classification of an error by the driver's code and the engine's message."""
    lexical_rules: LexicalRules = ANSI
    """Lexical rules, for logging statements without their values."""
    explanations: Mapping[str, str] = field(default_factory=dict)
    """Messages in place of the engine's own where those are too terse, by code."""


def connection_failed(
    url: Url, reason: str, hint: str | None = None, failure: Failure = Failure.OTHER
) -> ConnectionFailed:
    """The error of a database that cannot be opened, with host, port, user and database as attributes."""
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
