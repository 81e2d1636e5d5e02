"""Targets of a fleet: reads the list, checks every entry before anything runs, and opens the workspace of one target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dbwarden import config as configuration_files
from dbwarden.config import Database
from dbwarden.config.fleet_sources import ListedTarget, listed_targets, query_of
from dbwarden.core.engine import ENGINES
from dbwarden.core.fleet import FleetTarget
from dbwarden.core.suggestions import did_you_mean
from dbwarden.core.url import Url
from dbwarden.errors import ConfigurationError, EmptyFleet, InvalidTargets, NotAFleet, UnknownTarget

from .workspace import Workspace

_LISTED = 5


@dataclass(frozen=True)
class Fleet:
    """A database entry with its targets, in the order of their list."""

    workspace: Workspace
    targets: tuple[FleetTarget, ...]

    @property
    def name(self) -> str:
        return self.workspace.name

    def open(self, target: FleetTarget) -> Workspace:
        """The workspace of one target. With ``snapshot``, all share the files that it read."""
        settings = self.workspace.database
        return replace(
            self.workspace,
            database=settings.of_target(target.url, target.source),
            target=target,
            shared_schemas=settings.shared_schemas,
        )

    def with_files(self) -> Fleet:
        """The fleet with the files of its folder, read once for all targets. Raises as ``Workspace.read_folder``."""
        return replace(self, workspace=replace(self.workspace, snapshot=self.workspace.read_folder()))


def open_fleet(name: str, config: str | None = None) -> Fleet:
    """Read the targets of the fleet ``name``.

    Raises ``NotAFleet``, ``EmptyFleet``, ``InvalidTargets`` (an entry that is no URL, two entries for one target), other
    ``ConfigurationError``, and the errors of the control database.
    """
    project = configuration_files.load(config)
    settings = project.database(name)
    if not settings.is_fleet:
        fleets = [other.database_name for other in project.databases.values() if other.is_fleet]
        raise NotAFleet(name=name, nearest=f" (fleets: {', '.join(fleets)})" if fleets else "")
    return _read(Workspace(project, settings))


def fleet_targets(name: str, *, config: str | None = None) -> tuple[str, ...]:
    """Names of the targets of a fleet, in their order: ``f"{name}@{target}"`` is the database of one. Raises as ``open_fleet``."""
    return tuple(target.name for target in open_fleet(name, config).targets)


def open_target(workspace: Workspace, target: str) -> Workspace:
    """The workspace of one target of a fleet, by its name; without one, the reference: ``reference_target``, or the
    ``database_url_sync`` of a fleet by ``urls_from``.

    If there is no reference, only connecting raises (``NeedsTarget``): some commands need no database. Raises
    ``UnknownTarget``, and as ``open_fleet``.
    """
    name = target or workspace.database.reference_target
    if not name:
        return workspace
    fleet = _read(workspace)
    return fleet.open(named_target(fleet, name))


def open_targets(workspace: Workspace) -> Iterator[Workspace]:
    """The workspaces of all targets of the fleet to which ``workspace`` belongs. Raises as ``open_fleet``."""
    fleet = _read(Workspace(workspace.project, workspace.project.database(workspace.name)))
    return (fleet.open(target) for target in fleet.targets)


def named_target(fleet: Fleet, name: str) -> FleetTarget:
    """The target called ``name``. Raises ``UnknownTarget``."""
    for target in fleet.targets:
        if target.name == name:
            return target
    nearest = did_you_mean(name, [target.name for target in fleet.targets])
    raise UnknownTarget(name=fleet.name, target=name, nearest=nearest)


# -- reading ------------------------------------------------------------------------------------------------------


def _read(workspace: Workspace) -> Fleet:
    entries = _entries(workspace)
    by_schema = workspace.database.schemas_from is not None
    problems = list[str]()
    targets = list[FleetTarget]()
    for entry in entries:
        try:
            targets.append(_schema(workspace.database, entry) if by_schema else _database(workspace.database, entry))
        except ConfigurationError as error:
            problems.append(error.message)
    named = _named(targets) if not problems else []
    problems += _twice(named)
    if problems:
        more = [f"and {len(problems) - _LISTED} more"] if len(problems) > _LISTED else []
        listed = "".join(f"\n    {line}" for line in (*problems[:_LISTED], *more))
        raise InvalidTargets(name=workspace.name, count=len(problems), listed=listed)
    return Fleet(workspace, tuple(named))


def _entries(workspace: Workspace) -> Sequence[ListedTarget]:
    query = query_of(workspace.database)
    if query is None:
        return listed_targets(workspace.database)
    settings = workspace.database
    control = settings.control_database or workspace.name
    database = (
        workspace.project.database(control)
        if settings.control_database
        else settings.of_target(settings.database_url_sync, settings.source)
    )
    place = Workspace(workspace.project, database)
    with place.connect(read_only=True) as conn:
        rows = conn.query(query)
    if not rows:
        raise EmptyFleet(name=workspace.name, source=f"the query on {control}", reason="returned no row")
    return [_row(row, number, control) for number, row in enumerate(rows, 1)]


def _row(row: Sequence[object], number: int, control: str) -> ListedTarget:
    """The entry of one row: the target, or its name and the target. What is wrong shows when it is checked."""
    where = f"row {number} of the query on {control}"
    values = [value.decode() if isinstance(value, bytes) else value for value in row]
    match values:
        case [str(value)]:
            return ListedTarget(value.strip(), "", where)
        case [name, str(value)] if name is not None:
            return ListedTarget(value.strip(), str(name).strip(), where)
    return ListedTarget("", "", f"{where}, which is neither a text nor a name and a text,")


def _database(database: Database, entry: ListedTarget) -> FleetTarget:
    """A target that is a database of its own."""
    place = database.check_target(entry.value, entry.source)
    return FleetTarget(entry.name, entry.value, place=place, source=entry.source)


def _schema(database: Database, entry: ListedTarget) -> FleetTarget:
    """A target that is a schema of the fleet's database: by the search path, or where a schema is a database by the URL."""
    schema, engine = entry.value, ENGINES[database.database_type]
    if not schema or "\0" in schema:
        raise ConfigurationError(f"{entry.source}: '{schema}' is not the name of a schema")
    if engine.namespace_option:
        place = (*database.check_target(database.database_url_sync, entry.source), schema)
        return FleetTarget(entry.name or schema, database.database_url_sync, schema, True, place, entry.source)
    url = replace(Url.parse(database.database_url_sync), database=schema).secret_text
    return FleetTarget(entry.name or schema, url, "", True, database.check_target(url, entry.source), entry.source)


def _named(targets: Sequence[FleetTarget]) -> list[FleetTarget]:
    """The targets with names: those without one are called by their database, or where two have the same, with its server."""
    short = {target.place: _short_name(target) for target in targets if not target.name}
    counts = Counter([*short.values(), *(target.name for target in targets if target.name)])
    return [
        target
        if target.name
        else replace(target, name=short[target.place] if counts[short[target.place]] == 1 else _long_name(target))
        for target in targets
    ]


def _short_name(target: FleetTarget) -> str:
    """The last part of a place that is not empty: file, database or schema."""
    last = [part for part in target.place[1:] if part][-1]
    return (
        last.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] or last.rpartition("/")[2]
        if "/" in last
        else last
    )


def _long_name(target: FleetTarget) -> str:
    parts = [part for part in target.place[1:] if part]
    return ":".join(parts[:2]) + "".join(f"/{part}" for part in parts[2:]) if len(parts) > 1 else parts[0]


def _twice(targets: Sequence[FleetTarget]) -> Iterator[str]:
    """Targets that are listed twice, and names that two targets have."""
    places = dict[tuple[str, ...], FleetTarget]()
    names = dict[str, FleetTarget]()
    for target in targets:
        first = places.setdefault(target.place, target)
        if first is not target:
            yield f"{target.source}: '{target.name}' is the same target as '{first.name}' ({first.source})"
            continue
        other = names.setdefault(target.name, target)
        if other is not target:
            yield f"{target.source}: the name '{target.name}' is that of another target ({other.source})"
