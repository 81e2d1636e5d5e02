"""Projects that share a history: which of its events are this project's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .attempt import Attempt
from .file import MigrationFile
from .record import Event, Record, last_events


@dataclass(frozen=True, slots=True)
class DividedHistory:
    """The events of a history, divided into this project's and those of others, which it neither checks nor rolls back."""

    ours: tuple[Record, ...]
    others: tuple[Record, ...] = ()
    claims: bool = True
    """Whether events without a database name count as ours."""
    attempts: tuple[Attempt, ...] = ()
    """What the journal has of files of ours that did not end."""


def divide(history: Sequence[Record], owner: str, files: Iterable[MigrationFile]) -> DividedHistory:
    """Divide a history by ``database_name``.

    Events of an earlier version have no name. They count as ours, unless migrations are in effect among them and none of
    these is in ``files`` with the same version and checksum: then they belong to a project with those files.
    """
    nameless = [record for record in history if not record.database_name]
    claims = _claims(nameless, files)
    names = (owner, "") if claims else (owner,)
    ours = tuple(record for record in history if record.database_name in names)
    return DividedHistory(ours, tuple(record for record in history if record.database_name not in names), claims)


def _claims(nameless: Sequence[Record], files: Iterable[MigrationFile]) -> bool:
    last = last_events(nameless).values()
    effective = {
        (record.identity, record.checksum)
        for record in last
        if record.in_effect or (record.event is Event.FAILED and record.statements_done)
    }
    return not effective or any((file.identity, file.checksum) in effective for file in files)
