"""--all and --per-node: run a use case for every configured database, or every host of a cluster, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from dbwarden import config as configuration_files
from dbwarden.errors import DBWardenError

Report = TypeVar("Report")


@dataclass(frozen=True, slots=True)
class DatabaseOutcome(Generic[Report]):
    """Outcome for one database, or for one host of it (``name@host:port``): a report or an error."""

    database: str
    report: Report | None
    error: DBWardenError | None


def for_each_database(use: Callable[[str], Report], config: str | None = None) -> Iterator[DatabaseOutcome[Report]]:
    """Call ``use`` with the name of each database, in the order of the configuration.

    An error becomes the outcome of its database, and the others still run. Raises ``ConfigurationError`` if the
    configuration cannot be loaded.
    """
    yield from _for_each(configuration_files.load(config).databases, use)


def for_each_node(
    use: Callable[[str], Report], database: str | None = None, config: str | None = None
) -> Iterator[DatabaseOutcome[Report]]:
    """Call ``use`` with the name of each host of the database's cluster, which is a target of its own, in their order.

    An error becomes the outcome of its host, and the others still run. Raises ``NoCluster``, and the errors of the server
    that is asked for the hosts.
    """
    from .workspace import open_workspace  # deferred: --all needs none of its own

    workspace = open_workspace(config, database)
    yield from _for_each([f"{workspace.name}@{host.name}" for host in workspace.hosts], use)


def _for_each(names: Iterable[str], use: Callable[[str], Report]) -> Iterator[DatabaseOutcome[Report]]:
    for name in names:
        try:
            yield DatabaseOutcome(name, use(name), None)
        except DBWardenError as error:
            yield DatabaseOutcome(name, None, error)
