"""Interfaces for backup and restore, and for the external programs that they run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from dbwarden.errors import Unsupported

if TYPE_CHECKING:
    from .dialect import ArchiveDialect, Connection


UNCHANGED = "The database is as it was before"
"""State of the database while a restore prepares."""


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
    """Input of the sink after that, if the source succeeded; without it the sink must change nothing (``COMMIT``)."""
    without: str = ""
    """First line of the source's output to leave out, if it is this one."""


class Tools(Protocol):
    """Access to external programs. The methods raise ``ArchiveFailed``."""

    remains: str
    """Sentences on the state of the database if a restore fails or is interrupted from now on, with what to type next."""

    def find(self, program: str, places: str = "") -> Sequence[str]:
        """Paths of a program: the one on PATH, otherwise those in folders matching the pattern ``places``, newest first."""

    def run(self, command: Command) -> str:
        """Run a program and return its standard output. An exit code other than 0 is an error."""

    def pipe(self, pipe: Pipe) -> None:
        """Run both programs. An exit code other than 0 of either is an error."""

    def check(self) -> None:
        """Raise if a signal arrived. Long work in this process must call it now and then; ``run`` and ``pipe`` do."""


class Archive(Protocol):
    """Backup and restore of one engine's databases. The methods raise ``ArchiveFailed`` with a reason and a hint."""

    suffix: str
    """Suffix of backup files, without the dot."""

    @property
    def magic(self) -> bytes:
        """First bytes of backup files."""

    def ready(self, conn: Connection, tools: Tools) -> None:
        """Raise if it is already certain that the database behind ``conn`` cannot be saved."""

    def save(self, conn: Connection, target: str, lock_table: str, tools: Tools) -> None:
        """Write a consistent snapshot of the database to an existing empty file, and read it back.

        The rows of ``lock_table`` are left out, because they name the current holder of the migration lock.
        """

    def examine(self, file: str, tools: Tools) -> None:
        """Raise if ``file`` is incomplete; reads all of it."""

    def contents(self, conn: Connection) -> int:
        """Number of tables, views and other objects that ``restore`` would replace, without DBWarden's own tables."""

    def abandoned(self, conn: Connection) -> tuple[str, ...]:
        """Names of the databases that stopped restores of this one have left. ``restore`` drops them when it has succeeded; the
        caller holds the migration lock, so that no other restore uses them."""

    def restore(self, conn: Connection, file: str, lock_table: str, tools: Tools) -> None:
        """Replace the whole database by the contents of ``file``. If that fails, nothing changes, or ``tools.remains`` says
        what did; a second call then succeeds.

        An engine that cannot do this in one transaction leaves ``lock_table`` alone, whose lock the caller holds.
        """


def archive_of(dialect: ArchiveDialect) -> Archive:
    """The archive of an engine. Raises ``Unsupported`` if the engine has none."""
    if dialect.archive is None:
        product = dialect.server.product or dialect.name
        raise Unsupported(
            feature="a backup", dialect=product, reason="its databases cannot be saved to a file by this version"
        )
    return dialect.archive
