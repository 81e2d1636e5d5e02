"""--all: runs a use case for every configured database, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from dbwarden import config as configuration_files
from dbwarden.errors import DBWardenError

Report = TypeVar("Report")


@dataclass(frozen=True, slots=True)
class DatabaseOutcome(Generic[Report]):
    """Outcome for one database: a report or an error."""

    database: str
    report: Report | None
    error: DBWardenError | None


def for_each_database(use: Callable[[str], Report], config: str | None = None) -> Iterator[DatabaseOutcome[Report]]:
    """Call ``use`` with the name of each database, in the order of the configuration.

    An error becomes the outcome of its database, and the others still run. Raises ``ConfigurationError`` if the
    configuration cannot be loaded.
    """
    for name in configuration_files.load(config).databases:
        try:
            yield DatabaseOutcome(name, use(name), None)
        except DBWardenError as error:
            yield DatabaseOutcome(name, None, error)
