"""Attempts to run a file that only the journal shows: the process was killed, or its connection lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .file import MigrationFile
from .filename import Kind
from .record import Event, Record, identity, kind_of, last_events


@dataclass(frozen=True, slots=True)
class Attempt:
    """Journal entries of an unfinished file."""

    key: str
    direction: str
    """``upgrade`` or ``rollback``."""
    done: int
    """Number of statements that had their effect."""
    doubt: int | None
    """The statement (1-based) whose start is recorded and whose end is not."""
    at: datetime
    """Time of the last row."""
    lock_held: bool
    """Whether the lock under which it ran is still held, so that it may still be running."""
    last_doubt: int | None = None
    """The last one of several such statements, of which the first ones may have had their effect."""
    announcement: str = ""
    """Identity of the write with its first entry: that of files which were announced together is the same."""


_CLOSING = {"upgrade": Event.APPLIED, "rollback": Event.ROLLED_BACK}


def begun(history: Iterable[Record], attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    """The attempts, in order, of which a statement may have been sent.

    Files that are announced together run one after the other, and the entries of those that are finished may stay until all
    of them are. So the event of a version closes its attempt, and of what is open then, only the first file was begun.
    """
    last = last_events(history)
    first: dict[str, Attempt] = {}
    for attempt in attempts:
        if not _is_closed(attempt, last.get(identity(attempt.key))):
            first.setdefault(attempt.announcement or f"{attempt.key} {attempt.direction}", attempt)
    return tuple(first.values())


def _is_closed(attempt: Attempt, event: Record | None) -> bool:
    """Whether the last event of a version is the end of the attempt. That of a repeatable may be of an earlier run."""
    if event is None or event.kind is not Kind.VERSIONED:
        return False
    return event.event is _CLOSING[attempt.direction]


def with_attempts(
    history: Sequence[Record], attempts: Iterable[Attempt], files: Sequence[MigrationFile], engine: str | None = None
) -> tuple[Record, ...]:
    """The history, followed by a *stopped* event for each attempt that ended without one (killed, connection lost).

    ``engine`` selects the variant of the files.
    """
    files_by_key = {file.key: file for file in files}
    last = last_events(history)
    result, number = list(history), max((record.id for record in history), default=0)
    for attempt in attempts:
        before = last.get(identity(attempt.key))
        if not attempt.done and attempt.doubt is None:
            continue
        if attempt.doubt is None and before is not None and _records(before, attempt):
            continue
        number += 1
        result.append(_stopped_record(number, attempt, files_by_key.get(attempt.key), before, engine))
    return tuple(result)


def _records(event: Record, attempt: Attempt) -> bool:
    """Whether an event already records the end of the attempt."""
    failure = Event.FAILED if attempt.direction == "upgrade" else Event.ROLLBACK_FAILED
    return event.event is failure and event.statements_done == attempt.done


def _stopped_record(
    number: int, attempt: Attempt, file: MigrationFile | None, before: Record | None, engine: str | None
) -> Record:
    upgrade = attempt.direction == "upgrade"
    statements = (file.upgrade(engine) if upgrade else file.rollback(engine)) if file is not None else ()
    total = len(statements)
    return Record(
        id=number,
        key=attempt.key,
        kind=file.kind if file else before.kind if before else kind_of(attempt.key),
        file=file.name if file else before.file if before else attempt.key,
        description=file.description if file else before.description if before else "",
        checksum=before.checksum if before else file.checksum if file else "",
        event=Event.STOPPED if upgrade else Event.ROLLBACK_STOPPED,
        statements_done=attempt.done if attempt.doubt is None else attempt.doubt - 1,
        statements_total=total or max(attempt.done + 1, attempt.last_doubt or attempt.doubt or 0),
        at=attempt.at,
        duration=0.0,
        by="",
        tool_version="",
        seed=file.seed if file else bool(before and before.seed),
        error=_in_doubt(attempt.doubt, attempt.last_doubt) if attempt.doubt is not None else None,
        database_name=before.database_name if before else "",
    )


def _in_doubt(first: int, last: int | None) -> str:
    """The ``error`` of a *stopped* event of which statements may have had their effect (``Record.last_in_doubt``)."""
    if last is None or last == first:
        return "interrupted; whether the statement had its effect is not recorded"
    return f"interrupted; which of the statements {first} to {last} had their effect is not recorded"
