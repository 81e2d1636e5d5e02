"""Errors of backups."""

from __future__ import annotations

from .base import ConfigurationError, DBWardenError, Refused


class NoBackup(ConfigurationError):
    """{file} is not a backup of a {engine} database: {reason}"""

    file: str
    engine: str
    reason: str

    hint = "The database was not touched."


class ArchiveFailed(DBWardenError):
    """{reason}"""

    reason: str
    advice: str = ""


class BackupFailed(DBWardenError):
    """No backup could be made: {reason}"""

    reason: str
    advice: str

    hint = "Nothing was changed.{advice}"


class RestoreFailed(DBWardenError):
    """{file} could not be restored: {reason}"""

    file: str
    reason: str
    remains: str
    """State of the database."""
    advice: str

    hint = "{remains}.{advice}"


class NotEmpty(Refused):
    """Refused: database {database} is not empty ({contents}), and restoring a backup replaces all of it"""

    database: str
    contents: str

    hint = "Nothing was changed. Replace it with --force; --with-backup saves its contents first."
