"""Backup and restore of one engine's databases, and the tools that they need outside of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from dbwarden.errors import Unsupported

if TYPE_CHECKING:
    from .dialect import ArchiveDialect, Connection


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run: argument vector and additional environment (secrets go there, never into ``argv``)."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""


@dataclass(frozen=True, slots=True)
class Pipe:
    """Two programs, the output of one fed into the other."""

    source: Command
    sink: Command
    first: str = ""
    """Input of the sink before the source's output."""
    last: str = ""
    """Input behind it, where the source has ended well: without it the sink must change nothing."""
    without: str = ""
    """A line that is left out where it comes first."""


class Tools(Protocol):
    """Tools that a backup needs outside of the database. Raises ``ArchiveFailed``."""

    def find(self, program: str, places: str = "") -> Sequence[str]:
        """Paths of a program: the one on PATH; without one, those in the folders that match ``places``, the newest first."""

    def run(self, command: Command) -> str:
        """The standard output. Raises also where the program ends with anything but 0."""

    def pipe(self, pipe: Pipe) -> None:
        """Run both. Raises also where either ends with anything but 0."""

    def check(self) -> None:
        """Raises if a signal came; to be called now and then by what works in this process. The others do by themselves."""


class Archive(Protocol):
    """Backup and restore of one engine's databases.

    Raises ``ArchiveFailed`` with a reason and what to do about it.
    """

    suffix: str
    """Suffix of the file's name, without the dot."""
    magic: bytes
    """First bytes of such a file."""

    def ready(self, conn: Connection, tools: Tools) -> None:
        """Whether the database behind ``conn`` can be saved: all that can be known before."""

    def save(self, conn: Connection, target: str, lock_table: str, tools: Tools) -> None:
        """Write all of the database, as of one moment, to an existing empty file, and read it back. Not among it is who
        holds the migration lock: the rows of ``lock_table``."""

    def examine(self, file: str, tools: Tools) -> None:
        """Whether ``file`` is whole, read to its end."""

    def contents(self, conn: Connection) -> int:
        """Number of tables, views and the like that ``restore`` would replace; our own are not counted."""

    def restore(self, conn: Connection, file: str, tools: Tools) -> None:
        """Replace the whole database by what ``file`` holds, or change nothing."""


def archive_of(dialect: ArchiveDialect) -> Archive:
    """The archive of an engine. Raises ``Unsupported`` where they are not."""
    if dialect.archive is None:
        product = dialect.server.product or dialect.name
        raise Unsupported(
            what="a backup", dialect=product, reason="its databases cannot be saved to a file by this version"
        )
    return dialect.archive
