"""version: which DBWarden this is, and what it runs on."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib import metadata

from dbwarden.core.engine import ENGINES


@dataclass(frozen=True, slots=True)
class VersionReport:
    """Versions of what counts; ``None`` for a package that is not installed."""

    version: str
    python: str
    sqlalchemy: str | None
    drivers: dict[str, str]


def version() -> VersionReport:
    """The versions of DBWarden, Python, SQLAlchemy and the installed drivers; imports none of them."""
    distributions = [name for engine in ENGINES.values() for d in engine.drivers for name in (d.package, d.module)]
    drivers = {name: number for name in distributions if (number := installed(name)) is not None}
    return VersionReport(installed("dbwarden") or "0", platform.python_version(), installed("sqlalchemy"), drivers)


def installed(distribution: str) -> str | None:
    """The version of an installed distribution."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
