"""Other projects with a history in the same database, which are shown but neither checked nor rolled back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dbwarden.core.record import Record, last_events


@dataclass(frozen=True, slots=True)
class OtherProject:
    """Another project. ``database_name`` is ``None`` for records of an earlier version that no project has claimed yet."""

    database_name: str | None
    migrations: int
    """Number of its migrations in effect."""

    def __str__(self) -> str:
        count = {0: "the history (nothing in effect)", 1: "1 migration"}.get(
            self.migrations, f"{self.migrations} migrations"
        )
        if self.database_name is None:
            return f"{count} recorded by an earlier version, of which no file is here"
        return f"{count} of the project '{self.database_name}'"


def other_projects(records: Iterable[Record]) -> tuple[OtherProject, ...]:
    """Other projects by name, from the events that are not ours."""
    return tuple(
        OtherProject(name or None, sum(1 for record in last_events(events).values() if record.in_effect))
        for name, events in sorted(events_by_project(records).items())
    )


def events_by_project(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Events of each ``database_name``, in their order."""
    events: dict[str, list[Record]] = {}
    for record in records:
        events.setdefault(record.database_name, []).append(record)
    return events
