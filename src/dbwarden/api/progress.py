"""Progress events: ``options.events`` is called with each of these while migrations run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbwarden.core.file import Kind
from dbwarden.core.overview import Event


@dataclass(frozen=True, slots=True)
class Waiting:
    """Another process holds the lock; ``holder`` says who, in words. Told once."""

    holder: str
    seconds: float


@dataclass(frozen=True, slots=True)
class BackupBegun:
    """A backup is about to be made."""


@dataclass(frozen=True, slots=True)
class BackupMade:
    """A backup is complete; ``size`` in bytes, ``duration`` in seconds. Told before ``Begun``."""

    file: Path
    size: int
    duration: float


@dataclass(frozen=True, slots=True)
class Begun:
    """The lock is held and ``files`` files will run. ``taken_over`` describes the former holder of a lock taken over."""

    files: int
    taken_over: str | None = None


@dataclass(frozen=True, slots=True)
class StatementBegun:
    """A statement is about to be sent; ``number`` counts from 1."""

    file: str
    number: int
    total: int
    line: int
    sql: str


@dataclass(frozen=True, slots=True)
class FileRun:
    """File that was applied, marked or rolled back; ``duration`` in seconds."""

    file: str
    key: str
    kind: Kind
    event: Event
    statements: int
    duration: float
    seed: bool


@dataclass(frozen=True, slots=True)
class Translated:
    """A file has no variant for the engine in use and is translated; ``losses`` say what has no exact equivalent."""

    file: str
    losses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsafe:
    """Findings that would be refused without ``force``, one sentence each. Sent before the lock is taken."""

    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorkBegun:
    """Start of work that may take long, such as reading a database or trying out a migration; ``what`` describes it."""

    what: str


@dataclass(frozen=True, slots=True)
class WorkEnded:
    """End, successful or not, of the work that ``WorkBegun`` announced."""


Progress = (
    WorkBegun | WorkEnded | Unsafe | Waiting | BackupBegun | BackupMade | Begun | StatementBegun | FileRun | Translated
)
Events = Callable[[Progress], None]


def silent(_event: Progress) -> None:
    """Ignore an event."""


@contextmanager
def working(events: Events, what: str) -> Iterator[None]:
    """Tell that ``what`` begins, and that it ends."""
    events(WorkBegun(what))
    try:
        yield
    finally:
        events(WorkEnded())
