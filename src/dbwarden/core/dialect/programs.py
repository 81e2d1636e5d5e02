"""Roles of a dialect: programs of the engine that save databases, and programs that run ALTER TABLE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .identity import DialectIdentity

if TYPE_CHECKING:  # what the interfaces only name: a command that connects needs none of it
    from ..archive import Archive
    from ..table_runner import TableRunners


class ArchiveDialect(DialectIdentity, Protocol):
    """Backups."""

    @property
    def archive(self) -> Archive | None:
        """Backup and restore; ``None`` if databases of this engine cannot be saved to a file."""


class RunnerDialect(DialectIdentity, Protocol):
    """Programs that run ALTER TABLE."""

    @property
    def table_runners(self) -> TableRunners | None:
        """The runners that the engine knows; ``None`` if it has none."""
