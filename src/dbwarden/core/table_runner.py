"""Programs that change a large table while it is in use, by a copy that they keep up to date, and their command lines.

A file with the header ``-- runner: NAME`` has its ALTER TABLE statements run by such a program. Its command is a template:
words with placeholders. A word whose placeholder has no value is left out (``--socket={socket}`` on a network connection).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .dialect import Connection
    from .model import Schema
    from .types import Ref

Words = tuple[str, ...]
"""A command as an argument vector, in which placeholders may stand."""

PLACEHOLDERS: Mapping[str, str] = {
    "host": "host of the server; empty for a socket",
    "port": "port of the server; empty for a socket",
    "socket": "path of the Unix socket; empty for a network connection",
    "user": "name of the account",
    "database": "database of the table",
    "table": "name of the table",
    "alter": "clauses of the ALTER TABLE, without ALGORITHM and LOCK",
    "defaults_file": "option file [client] with everything that a connection needs, the password included",
    "credentials_file": "option file [client] with user and password alone",
    "lock_timeout": "lock_timeout in whole seconds",
    "tls": "true if the URL asks for TLS; else empty",
    "ssl_ca": "file of the certificate authority",
    "ssl_cert": "file of the client's certificate",
    "ssl_key": "file of the client's key",
}
"""Placeholders of a command, and what they stand for."""
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_NAME = re.compile(r"[A-Za-z0-9][\w.+-]*")


def runner_name(text: str) -> str:
    """The name of a runner. Raises ``ValueError`` with the expected form."""
    if not _NAME.fullmatch(text):
        raise ValueError("the name of a runner, such as gh-ost")
    return text


def check_command(words: Sequence[str]) -> Words:
    """A command with known placeholders. Raises ``ValueError`` with a text that completes a sentence."""
    if not words:
        raise ValueError("must not be empty")
    names = [name for word in words for name in _PLACEHOLDER.findall(word)]
    for name in names:
        if name == "password":
            raise ValueError("must not hold {password}, which the list of processes would show: {defaults_file} has it")
        if name not in PLACEHOLDERS:
            raise ValueError(f"has the unknown placeholder {{{name}}}; known are {', '.join(PLACEHOLDERS)}")
    for name in ("table", "alter"):
        if name not in names:
            raise ValueError(f"needs the placeholder {{{name}}}")
    return tuple(words)


def fill(command: Words, values: Mapping[str, str]) -> Words:
    """The argument vector of a command."""
    words = []
    for word in command:
        names = _PLACEHOLDER.findall(word)
        if all(values.get(name) for name in names):
            words.append(_PLACEHOLDER.sub(lambda match: values[match[1]], word))
    return tuple(words)


@dataclass(frozen=True, slots=True)
class TableChange:
    """What a runner is asked for: the clauses of an ALTER TABLE."""

    table: Ref
    alter: str


@dataclass(frozen=True, slots=True)
class RunnerAccess:
    """How a runner reaches the database of a connection."""

    values: Mapping[str, str]
    files: Mapping[str, str] = field(repr=False)
    """Texts of option files, by placeholder. They hold the password: mode 0600, and removed afterwards."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Texts to mask in the program's output."""


class TableRunners(Protocol):
    """The runners that an engine knows."""

    @property
    def commands(self) -> Mapping[str, Words]:
        """Commands by name, which the configuration may replace."""

    def change(self, sql: str) -> TableChange | str:
        """What to ask a runner for instead of executing a statement, or the reason why none can run it."""

    def obstacle(self, conn: Connection, runner: str, table: Ref) -> str | None:
        """Why the runner would refuse a table, or damage it; ``None`` if nothing is known, or the table does not exist."""

    def access(self, conn: Connection, change: TableChange) -> RunnerAccess:
        """How a runner reaches the database behind ``conn``."""

    def unfinished(self, conn: Connection, table: Ref) -> tuple[str, ...]:
        """Statements that remove what a runner needs while it works on a table, in this order; empty if nothing is there."""

    def original(self, ref: Ref) -> str | None:
        """The table that a runner was changing when it created a table of this name; any one for a trigger; else ``None``."""


def leftovers(schema: Schema, keep: Schema | Collection[Ref], runners: TableRunners | None) -> tuple[Ref, ...]:
    """Tables and triggers that runners have in ``schema`` beside their originals, without the refs in ``keep``."""
    if runners is None:
        return ()
    tables = {table.ref.name.casefold() for table in schema.tables()}
    refs = []
    for ref in schema:
        original = runners.original(ref) if ref.kind in ("table", "trigger") and ref not in keep else None
        if original is not None and (ref.kind == "trigger" or original.casefold() in tables):
            refs.append(ref)
    return tuple(refs)
