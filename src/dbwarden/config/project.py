"""A project's configuration as a whole: its databases, and what must not be alike in two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from types import MappingProxyType

from dbwarden.core.redaction import redacted, redacted_text
from dbwarden.core.suggestions import did_you_mean
from dbwarden.errors import (
    DuplicateTarget,
    InvalidSetting,
    NoDatabase,
    NoDefault,
    OverlappingModels,
    TableClaimedTwice,
    TwoDefaults,
    UnknownDatabase,
)

from .settings import Database


@dataclass(frozen=True, slots=True)
class Project:
    """A project's configuration: ``root`` is the folder of its file, ``source`` the file in messages.

    The constructor raises ``ConfigurationError`` for conflicts between databases. ``warnings`` are messages.
    """

    root: Path
    source: str
    databases: Mapping[str, Database]
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "databases", MappingProxyType(dict(self.databases)))
        if not self.databases:
            raise NoDatabase(source=self.source)
        _check_defaults(tuple(self.databases.values()))
        _check_targets(tuple(self.databases.values()))
        _check_control(self.databases)
        for first, second in combinations(self.databases.values(), 2):
            _check_models(first, second)

    @property
    def default(self) -> Database | None:
        """The database of commands without -d: the one with ``default=True``, or the only one."""
        if len(self.databases) == 1:
            return next(iter(self.databases.values()))
        return next((database for database in self.databases.values() if database.default), None)

    def database(self, name: str | None = None) -> Database:
        """The database of that name, or the default one. Raises ``UnknownDatabase`` and ``NoDefault``."""
        names = ", ".join(self.databases)
        if name is None:
            if self.default is None:
                raise NoDefault(source=self.source, names=names)
            return self.default
        if name not in self.databases:
            raise UnknownDatabase(
                name=redacted_text(name), source=self.source, names=names, nearest=did_you_mean(name, self.databases)
            )
        return self.databases[name]


def _check_defaults(databases: tuple[Database, ...]) -> None:
    defaults = [database for database in databases if database.default]
    if len(defaults) > 1:
        first, second = defaults[:2]
        raise TwoDefaults(source=second.source, first=first.database_name, second=second.database_name)


def _check_targets(databases: tuple[Database, ...]) -> None:
    seen: dict[tuple[str, ...], tuple[str, Database]] = {}
    for database in databases:
        for key, place in database.targets():
            if place not in seen:
                seen[place] = (key, database)
                continue
            other_key, other = seen[place]
            if key == other_key == "sandbox_url":  # emptied before each use, so it can be shared
                continue
            raise DuplicateTarget(
                source=database.source,
                first=f"{other_key} of '{other.database_name}'",
                second=f"{key} of '{database.database_name}'",
                first_url=redacted(getattr(other, other_key)),
                second_url=redacted(getattr(database, key)),
            )


def _check_control(databases: Mapping[str, Database]) -> None:
    """Raise for a fleet whose control database is not configured, or is a fleet itself."""
    for database in databases.values():
        name = database.control_database
        if name is None:
            continue
        if name not in databases:
            names = [other for other in databases if other != database.database_name]
            reason = f"names '{name}', which is not configured{did_you_mean(name, names)}"
        elif databases[name].is_fleet:
            reason = f"names '{name}', which is a fleet itself"
        else:
            continue
        owner = f" of database '{database.database_name}'"
        raise InvalidSetting(source=database.source, key="control_database", owner=owner, reason=reason)


def _check_models(first: Database, second: Database) -> None:
    if first.overlap_models or second.overlap_models:
        return
    shared = [
        (mine, theirs)
        for mine in first.model_paths
        for theirs in second.model_paths
        if _overlap(_place(mine, first), _place(theirs, second))
    ]
    if not shared:
        return
    if first.model_tables is None or second.model_tables is None:
        mine, theirs = shared[0]
        raise OverlappingModels(
            source=second.source, first=first.database_name, second=second.database_name, mine=mine, theirs=theirs
        )
    twice = [table for table in first.model_tables if table in second.model_tables]
    if twice:
        raise TableClaimedTwice(
            source=second.source, table=twice[0], first=first.database_name, second=second.database_name
        )


def _place(path: str, database: Database) -> tuple[str, ...]:
    """Key of a model path that is equal for a module and its file."""
    if "/" in path or "\\" in path or path.endswith(".py") or path.startswith("."):
        full = (database.root / path).resolve()
    else:
        full = database.root.resolve().joinpath(*path.split("."))
    full = full.with_suffix("") if full.suffix == ".py" else full
    return full.parent.parts if full.name == "__init__" else full.parts


def _overlap(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    shorter = min(len(first), len(second))
    return first[:shorter] == second[:shorter]
