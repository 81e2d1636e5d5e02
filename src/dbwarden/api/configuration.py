"""config, settings show, database list: show the configuration, without connecting to a database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbwarden import config as configuration_files
from dbwarden.config import Database
from dbwarden.errors import UsageError


@dataclass(frozen=True, slots=True)
class DatabaseSummary:
    """Configured database; URLs are shown without passwords."""

    name: str
    default: bool
    type: str
    url: str
    dev_url: str | None
    model_paths: tuple[str, ...]
    migrations: Path
    source: str
    cluster: str | None = None
    """Cluster on all servers of which migrations run."""
    targets: str | None = None
    """Where the targets of a fleet are listed: a query, a file, a variable, or the number of targets of a list."""


@dataclass(frozen=True, slots=True)
class ConfigurationReport:
    """Configuration: its source, and its databases in their order."""

    source: str
    root: Path
    default: str | None
    databases: tuple[DatabaseSummary, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingLine:
    """Setting with its value, passwords masked; ``configured``: the configuration sets it."""

    name: str
    type: str
    value: Any
    configured: bool
    documentation: str


@dataclass(frozen=True, slots=True)
class SettingsReport:
    """All settings of one database."""

    database: str
    source: str
    settings: tuple[SettingLine, ...]


def configuration(config: str | None = None) -> ConfigurationReport:
    """Load the configuration and summarise it. Raises ``ConfigurationError``."""
    project = configuration_files.load(config)
    default = project.default
    return ConfigurationReport(
        source=project.source,
        root=project.root,
        default=default.database_name if default else None,
        databases=tuple(_summary(database, database is default) for database in project.databases.values()),
        warnings=project.warnings,
    )


def database_list(config: str | None = None) -> tuple[DatabaseSummary, ...]:
    """The configured databases. Raises ``ConfigurationError``."""
    return configuration(config).databases


def settings_show(
    database: str | None = None, *, every: bool = False, config: str | None = None
) -> tuple[SettingsReport, ...]:
    """Settings of one database, the default one without a name, or of all with ``every``.

    Raises ``UsageError``, ``UnknownDatabase``, ``NoDefault`` and other ``ConfigurationError``.
    """
    if every and database is not None:
        raise UsageError("A database's name and --all cannot be given together")
    project = configuration_files.load(config)
    databases = tuple(project.databases.values()) if every else (project.database(database),)
    return tuple(_settings(selected) for selected in databases)


def without_passwords(text: str) -> str:
    """``text`` with the passwords of all URLs in it masked."""
    return configuration_files.redacted_text(text)


def _summary(database: Database, default: bool) -> DatabaseSummary:
    return DatabaseSummary(
        name=database.database_name,
        default=default,
        type=database.database_type,
        url=database.shown_url(),
        dev_url=database.shown_url(dev=True) if database.dev_database_url else None,
        model_paths=database.model_paths,
        migrations=database.migrations_dir,
        source=database.source,
        cluster=database.cluster,
        targets=_listing(database),
    )


def _listing(database: Database) -> str | None:
    source = database.urls_from if database.urls_from is not None else database.schemas_from
    if isinstance(source, tuple):
        return f"a list of {len(source)}"
    return None if source is None else without_passwords(source)


def _settings(database: Database) -> SettingsReport:
    lines = (
        SettingLine(value.setting.name, value.setting.type, value.value, value.configured, value.setting.documentation)
        for value in database.values()
    )
    return SettingsReport(database.database_name, database.source, tuple(lines))
