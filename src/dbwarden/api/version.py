"""version: which DBWarden this is, and what it runs on."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib import metadata


@dataclass(frozen=True, slots=True)
class VersionReport:
    """Versions of what counts; ``None`` for a package that is not installed."""

    version: str
    python: str
    sqlalchemy: str | None
    drivers: dict[str, str]


_DRIVERS = ("psycopg", "psycopg2", "psycopg2-binary", "pymysql", "mysqlclient", "mariadb", "clickhouse-connect")


def version() -> VersionReport:
    """The versions of DBWarden, Python, SQLAlchemy and the installed drivers; imports none of them."""
    drivers = {name: found for name in _DRIVERS if (found := installed(name)) is not None}
    return VersionReport(installed("dbwarden") or "0", platform.python_version(), installed("sqlalchemy"), drivers)


def installed(distribution: str) -> str | None:
    """The version of an installed distribution."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
