"""Progress events: ``options.events`` is called with each of these while migrations run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbwarden.core.filename import Kind
from dbwarden.core.record import Event
from dbwarden.errors import DatabaseError


@dataclass(frozen=True, slots=True)
class Waiting:
    """Another process, described by ``holder``, has the lock. Sent once; ``seconds`` is the longest wait."""

    holder: str
    seconds: float


@dataclass(frozen=True, slots=True)
class BackupStarted:
    """A backup is about to be made."""


@dataclass(frozen=True, slots=True)
class BackupFinished:
    """A backup is complete; ``size`` in bytes, ``duration`` in seconds. Sent before ``RunStarted``."""

    file: Path
    size: int
    duration: float


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The lock is taken, and ``files`` files will run. ``taken_over`` describes the former holder of a lock taken over;
    ``resumed`` is work of the server that an interrupted run had suspended."""

    files: int
    taken_over: str | None = None
    resumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementStarted:
    """A statement is about to be sent; ``number`` counts from 1."""

    file: str
    number: int
    total: int
    line: int
    sql: str


@dataclass(frozen=True, slots=True)
class StatementProgress:
    """The server goes on with a statement in the background; ``words`` say how far it is. Sent when they change."""

    file: str
    words: str


@dataclass(frozen=True, slots=True)
class RunnerOutput:
    """A line of what the program ``runner`` writes, which runs a statement of ``file``."""

    file: str
    runner: str
    line: str


@dataclass(frozen=True, slots=True)
class CompletedStatement:
    """A statement that only a part of the cluster had executed was completed on ``hosts``, each by itself."""

    file: str
    number: int
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileRun:
    """A file was applied, marked as applied, or rolled back; ``duration`` in seconds."""

    file: str
    key: str
    kind: Kind
    event: Event
    statements: int
    duration: float
    seed: bool
    completed: tuple[CompletedStatement, ...] = ()
    """Statements of an interrupted run that were completed on single hosts of the cluster."""


@dataclass(frozen=True, slots=True)
class Translated:
    """A file without a variant for the engine in use is translated; ``losses`` have no exact equivalent there."""

    file: str
    losses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsafe:
    """Findings that would be refused without ``force``, one sentence each. Sent before the lock is taken."""

    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LockUnreleased:
    """The migration lock of ``database`` could not be released at the end, and may still be held."""

    database: str
    reason: str
    """First line of the error."""

    @classmethod
    def of(cls, database: str, error: DatabaseError) -> LockUnreleased:
        """The event for an error of the database."""
        return cls(database, error.message.partition("\n")[0])


@dataclass(frozen=True, slots=True)
class NotificationFailed:
    """The hook of ``database`` (a program or a server) was not told of the run, whose outcome stands."""

    database: str
    hook: str
    reason: str


@dataclass(frozen=True, slots=True)
class TelemetryUnavailable:
    """The environment asks for telemetry, which cannot be exported. The run goes on."""

    reason: str


@dataclass(frozen=True, slots=True)
class WorkStarted:
    """Work begins that may take long, such as reading a database; ``activity`` describes it."""

    activity: str


@dataclass(frozen=True, slots=True)
class WorkFinished:
    """The work that ``WorkStarted`` announced has ended, successfully or not."""


Progress = (
    WorkStarted
    | WorkFinished
    | Unsafe
    | Waiting
    | BackupStarted
    | BackupFinished
    | RunStarted
    | StatementStarted
    | StatementProgress
    | RunnerOutput
    | CompletedStatement
    | FileRun
    | Translated
    | LockUnreleased
    | NotificationFailed
    | TelemetryUnavailable
)
Events = Callable[[Progress], None]


def silent(_event: Progress) -> None:
    """Ignore an event."""


@contextmanager
def report_work(events: Events, activity: str) -> Iterator[None]:
    """Send ``WorkStarted`` for ``activity``, and ``WorkFinished`` at the end of the block."""
    events(WorkStarted(activity))
    try:
        yield
    finally:
        events(WorkFinished())
