"""Names for shell completion, from the configuration and the folders of migrations; no server is contacted."""

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
    """A value, and a description for shells that show one."""

    value: str
    help: str = ""


def database_names(config: str | None = None) -> tuple[Suggestion, ...]:
    """Names of the configured databases. Raises ``ConfigurationError``."""
    databases = configuration_files.load(config).databases.values()
    return tuple(Suggestion(database.database_name, database.database_type) for database in databases)


def versions(config: str | None = None, database: str | None = None) -> tuple[Suggestion, ...]:
    """Versions of the migrations in the folder of a database, as written in file names. Raises ``ConfigurationError``,
    ``FileNameError``, ``FolderError``."""
    return tuple(candidate for kind, candidate in _migrations(config, database) if kind is Kind.VERSIONED)


def migrations(config: str | None = None, database: str | None = None) -> tuple[Suggestion, ...]:
    """Versions, and names of repeatable migrations. Raises as ``versions``."""
    return tuple(candidate for _, candidate in _migrations(config, database))


def backups(config: str | None = None, database: str | None = None) -> tuple[Suggestion, ...]:
    """Backups of a database, as paths relative to the working directory."""
    settings = configuration_files.load(config).database(database)
    files = sorted(settings.backup_dir.glob(f"{settings.database_name}_*"))
    return tuple(Suggestion(configuration_files.shown_path(path, Path.cwd())) for path in files)


def rules() -> tuple[Suggestion, ...]:
    """Names of all rules."""
    return tuple(map(Suggestion, slugs()))


def _migrations(config: str | None, database: str | None) -> Iterator[tuple[Kind, Suggestion]]:
    settings = configuration_files.load(config).database(database)
    for file in directory.names(settings.migrations_dir):
        name = parse_name(file, settings.database_name)
        yield name.kind, Suggestion(name.key, name.description)
