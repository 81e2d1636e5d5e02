"""version: shows the versions of DBWarden, Python, SQLAlchemy and the drivers."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import lru_cache

from dbwarden.core.engine import ENGINES


@dataclass(frozen=True, slots=True)
class VersionReport:
    """Versions of DBWarden and what it runs on; ``sqlalchemy`` is ``None`` if it is not installed."""

    version: str
    python: str
    sqlalchemy: str | None
    drivers: dict[str, str]


def version() -> VersionReport:
    """Read the versions of DBWarden, Python, SQLAlchemy and the installed drivers, without importing them."""
    known = {driver.package: driver.module for engine in ENGINES.values() for driver in engine.drivers}
    distributions = (name for names in known.items() if (name := next(filter(installed, names), None)) is not None)
    drivers = {name: number for name in distributions if (number := installed(name)) is not None}
    return VersionReport(installed("dbwarden") or "0", platform.python_version(), installed("sqlalchemy"), drivers)


@lru_cache(maxsize=32)
def installed(distribution: str) -> str | None:
    """Version of a distribution; ``None`` if it is not installed."""
    from importlib import metadata  # deferred: it takes 13 ms, and only what is written to history has a version

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
