"""Derives the state of each migration from files and history: it is decided by the last event."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from .file import MigrationFile
from .filename import Kind, stem
from .migration_names import ensure_unique
from .record import Event, Identity, Record, last_events


class State(Enum):
    """State of a migration as ``status`` shows it."""

    APPLIED = "applied"
    BASELINED = "baselined"
    PENDING = "pending"
    OUT_OF_ORDER = "out of order"
    """Pending, with a lower number than an applied one."""
    CHANGED = "changed"
    """A runs-on-change file that was changed since it ran last, or that a later version repeats."""
    EDITED = "edited"
    """A version that was changed since it was applied."""
    MISSING = "missing"
    """Applied, but without a file."""
    FAILED = "failed"
    """Failed after some of its statements had their effect."""
    STOPPED = "stopped"
    """Interrupted before an event was written; only the journal shows it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One migration: its file and its last event, each ``None`` if there is none, and its state."""

    key: str
    kind: Kind
    state: State
    file: MigrationFile | None
    record: Record | None
    needs_run: bool

    @property
    def name(self) -> str:
        """The file's name, from the history if the file is missing."""
        return self.file.name if self.file else self.record.file if self.record else self.key


@dataclass(frozen=True)
class Overview:
    """All migrations in the order they are shown: versions by number, then ``ROC``, then ``RA``."""

    entries: tuple[Entry, ...]

    def having(self, *states: State) -> tuple[Entry, ...]:
        """The entries in one of these states."""
        return tuple(entry for entry in self.entries if entry.state in states)

    @cached_property
    def pending(self) -> tuple[Entry, ...]:
        """Migrations that ``migrate`` would run, without files that always run."""
        return tuple(
            entry
            for entry in self.entries
            if entry.needs_run and (entry.kind is not Kind.RUNS_ALWAYS or entry.state is not State.APPLIED)
        )


def state(files: Sequence[MigrationFile], history: Iterable[Record]) -> Overview:
    """State of every migration. Raises ``DuplicateVersion``.

    A failed migration that was rolled back completely is pending. A rolled-back migration is pending, or not listed if its
    file is missing.
    """
    by_identity = ensure_unique(files)
    last = last_events(history)
    latest = max(
        (version for version, record in last.items() if isinstance(version, int) and record.in_effect), default=-1
    )
    again = _repeated(by_identity, last)
    entries = [_entry(file, last.get(name), latest, again.get(file.key)) for name, file in by_identity.items()]
    entries += [
        Entry(record.key, record.kind, State.MISSING, None, record, False)
        for name, record in last.items()
        if name not in by_identity and (record.in_effect or record.unfinished)
    ]
    return Overview(tuple(sorted(entries, key=sort_key)))


_CLASS_ORDER = {Kind.VERSIONED: 0, Kind.RUNS_ON_CHANGE: 1, Kind.RUNS_ALWAYS: 2}


def sort_key(item: Entry | MigrationFile) -> tuple[int, int, str]:
    """Sort key of files and entries: versions by number, then ``ROC``, which define objects, then ``RA``, which may use them."""
    return _CLASS_ORDER[item.kind], int(item.key) if item.kind is Kind.VERSIONED else 0, item.key


def _repeated(files: Mapping[Identity, MigrationFile], last: Mapping[Identity, Record]) -> dict[str, float]:
    """Keys of runs-on-change files that versions repeat, with the number of the last event of such a version: infinite for one
    that is yet to run."""
    again: dict[str, float] = {}
    for name, file in files.items():
        record = last.get(name)
        number = float(record.id) if record is not None and record.in_effect else math.inf
        for key in file.repeats:
            again[stem(key)] = max(again.get(stem(key), 0.0), number)
    return again


def _entry(file: MigrationFile, record: Record | None, latest: int, again: float | None = None) -> Entry:
    state = _versioned(file, record, latest) if file.version is not None else _repeatable(file, record, again)
    needs_run = state in (State.PENDING, State.OUT_OF_ORDER, State.CHANGED) or file.kind is Kind.RUNS_ALWAYS
    if record is not None and record.unfinished:
        needs_run = record.unfinished_upgrade
    return Entry(file.key, file.kind, state, file, record, needs_run)


def _versioned(file: MigrationFile, record: Record | None, latest: int) -> State:
    if record is not None and record.unfinished:
        return _interrupted(record)
    if record is not None and record.in_effect:
        if record.checksum != file.checksum:
            return State.EDITED
        return State.BASELINED if record.event is Event.BASELINED else State.APPLIED
    return State.OUT_OF_ORDER if file.version is not None and file.version < latest else State.PENDING


def _interrupted(record: Record) -> State:
    return State.FAILED if record.event in (Event.FAILED, Event.ROLLBACK_FAILED) else State.STOPPED


def _repeatable(file: MigrationFile, record: Record | None, again: float | None) -> State:
    if record is not None and record.unfinished:
        return _interrupted(record)
    if record is None or not record.in_effect:
        return State.PENDING
    if file.kind is Kind.RUNS_ON_CHANGE and (record.checksum != file.checksum or record.id < (again or 0)):
        return State.CHANGED
    return State.APPLIED
