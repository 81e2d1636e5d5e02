"""Shell completion of names from the configuration and from folders.

Only the configuration is opened, and no server is contacted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dbwarden import config as configuration_files
from dbwarden.checks.rules import slugs
from dbwarden.core.filename import Kind, parse_name
from dbwarden.runtime import directory


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value that may be meant, and a few words about it for the shells that show them."""

    value: str
    help: str = ""


def database_names(config: str | None = None) -> tuple[Suggestion, ...]:
    """The configured databases. Raises ``ConfigurationError``."""
    databases = configuration_files.load(config).databases.values()
    return tuple(Suggestion(one.database_name, one.database_type) for one in databases)


def versions(config: str | None = None, database: str | None = None) -> tuple[Suggestion, ...]:
    """The versions of the migrations in the folder of a database, as their files write them. Raises ``ConfigurationError``,
    ``FileNameError``, ``FolderError``."""
    return tuple(candidate for kind, candidate in _migrations(config, database) if kind is Kind.VERSIONED)


def migrations(config: str | None = None, database: str | None = None) -> tuple[Suggestion, ...]:
    """Versions and the names of repeatable migrations."""
    return tuple(candidate for _, candidate in _migrations(config, database))


def backups(config: str | None = None, database: str | None = None) -> tuple[Suggestion, ...]:
    """The backups of a database, as their paths are typed in the working directory."""
    settings = configuration_files.load(config).database(database)
    files = sorted(settings.backup_dir.glob(f"{settings.database_name}_*"))
    return tuple(Suggestion(configuration_files.shown_path(path, Path.cwd())) for path in files)


def rules() -> tuple[Suggestion, ...]:
    """The names of all rules."""
    return tuple(map(Suggestion, slugs()))


def _migrations(config: str | None, database: str | None) -> Iterator[tuple[Kind, Suggestion]]:
    settings = configuration_files.load(config).database(database)
    for file in directory.names(settings.migrations_dir):
        name = parse_name(file, settings.database_name)
        yield name.kind, Suggestion(name.key, name.description)
