"""Derives the state of each migration from files and history, and resolves the names that people type for migrations.

The history is append-only and sorted by ``Record.id``; the state of a migration is its last event. Versions are compared as
numbers: ``V__0012`` and ``12`` are one migration.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property

from dbwarden.errors import DuplicateVersion, UnknownVersion

from .file import Kind, MigrationFile
from .suggestions import nearest

Identity = int | str


class Event(Enum):
    """Event of a migration in the history."""

    APPLIED = "applied"
    BASELINED = "baselined"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"
    ROLLBACK_FAILED = "rollback_failed"
    STOPPED = "stopped"
    """Interrupted upgrade. Derived from the journal, never stored."""
    ROLLBACK_STOPPED = "rollback_stopped"
    """Interrupted rollback. Derived from the journal, never stored."""


_FAILED_STEP = re.compile(r"(?:COMMIT of |the journal entry of )?statement (\d+) of \d+: ")
"""Beginning of the ``error`` of a failed event."""


@dataclass(frozen=True, slots=True)
class Record:
    """One event of the history: the columns of ``dbwarden_migrations``, in their order."""

    id: int
    key: str
    kind: Kind
    file: str
    description: str
    checksum: str
    event: Event
    statements_done: int
    statements_total: int
    at: datetime
    duration: float
    """Duration in seconds."""
    by: str
    tool_version: str
    seed: bool = False
    error: str | None = None
    rollback_sql: str | None = None
    """Rollback SQL of an *applied* event, see ``MigrationFile.rollback_sql``."""
    database_name: str = ""
    """Name of the configured database that recorded it; empty if an earlier version did."""
    file_digest: str | None = None
    """``MigrationFile.digest``; ``None`` if an earlier version recorded it."""

    @property
    def identity(self) -> Identity:
        return identity(self.key)

    @property
    def undone(self) -> bool:
        """Whether it failed and was rolled back completely."""
        return self.event in (Event.FAILED, Event.ROLLBACK_FAILED) and not self.statements_done

    @property
    def failed_statement(self) -> int:
        """Number of the statement that failed, or for which a step failed; without one, of the first that is not in effect."""
        named = _FAILED_STEP.match(self.error or "")
        return int(named[1]) if named else min(self.statements_done + 1, max(self.statements_total, 1))

    @property
    def in_effect(self) -> bool:
        """Whether the database has the migration's effects, or part of them after a failed rollback."""
        return self.event in (Event.APPLIED, Event.BASELINED, Event.ROLLBACK_FAILED, Event.ROLLBACK_STOPPED)

    @property
    def unfinished_upgrade(self) -> bool:
        """Whether part of an upgrade had its effect, or may have had it."""
        return self.event is Event.STOPPED or (self.event is Event.FAILED and self.statements_done > 0)

    @property
    def unfinished_rollback(self) -> bool:
        """Whether part of a rollback had its effect, or may have had it."""
        return self.event is Event.ROLLBACK_STOPPED or (
            self.event is Event.ROLLBACK_FAILED and self.statements_done > 0
        )

    @property
    def unfinished(self) -> bool:
        """Whether it left the database between two versions."""
        return self.unfinished_upgrade or self.unfinished_rollback


class State(Enum):
    """State of a migration as ``status`` shows it."""

    APPLIED = "applied"
    BASELINED = "baselined"
    PENDING = "pending"
    OUT_OF_ORDER = "out of order"
    """Pending, with a lower number than an applied one."""
    CHANGED = "changed"
    """A runs-on-change file that was changed since it ran last."""
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


# -- attempts that only the journal shows ---------------------------------------------------------------------------


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


IN_DOUBT = "interrupted; whether the statement had its effect is not recorded"
"""The ``error`` of a *stopped* event whose statement may have had its effect."""


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
        statements_total=total or max(attempt.done + 1, attempt.doubt or 0),
        at=attempt.at,
        duration=0.0,
        by="",
        tool_version="",
        seed=file.seed if file else bool(before and before.seed),
        error=IN_DOUBT if attempt.doubt is not None else None,
        database_name=before.database_name if before else "",
    )


def kind_of(key: str) -> Kind:
    """The kind of a migration by its key: ``0001``, ``RA__grants``, ``ROC__views``."""
    if key.isdecimal():
        return Kind.VERSIONED
    return Kind.RUNS_ALWAYS if key.startswith("RA__") else Kind.RUNS_ON_CHANGE


# -- names --------------------------------------------------------------------------------------------------------


def identity(key: str) -> Identity:
    """The identity of a migration: the number of a version, the key of a repeatable."""
    return int(key) if key.isdecimal() else key


def reference(name: str, files: Iterable[MigrationFile]) -> Identity:
    """The identity of the migration that ``name`` means: ``7``, ``0007``, ``V__0007``, ``RA__x``, or a file name."""
    stem = name.strip().removesuffix(".sql")
    number = stem.removeprefix("V__")
    if number.isascii() and number.isdecimal():
        return int(number)
    return next((file.identity for file in files if file.name.removesuffix(".sql") == stem), stem)


def find(files: Sequence[MigrationFile], name: str) -> MigrationFile:
    """The file that ``name`` means (see ``reference``). Raises ``UnknownVersion``."""
    ensure_unique(files)
    wanted = reference(name, files)
    file = next((file for file in files if file.identity == wanted), None)
    if file is None:
        raise unknown(name, files, ())
    return file


def unknown(name: str, files: Iterable[MigrationFile], history: Iterable[Record]) -> UnknownVersion:
    """The error for an unknown name, with the nearest names."""
    names = {file.identity: file.name.removesuffix(".sql") for file in files}
    for record in history:
        names.setdefault(record.identity, record.file.removesuffix(".sql"))
    return UnknownVersion(version=name, nearest=nearest_migrations(name, names))


def nearest_migrations(name: str, names: Mapping[Identity, str]) -> str:
    """``; nearest: 0007_x, 0008_y``: by number for a number, else by spelling."""
    if not names:
        return ": there are no migrations"
    wanted = reference(name, ())
    if isinstance(wanted, int):
        versions = [version for version in names if isinstance(version, int)]
        nearest_names = [
            names[version] for version in sorted(versions, key=lambda version: (abs(version - wanted), version))[:2]
        ]
    else:
        keys = {str(key): names[key] for key in names} | {text: text for text in names.values()}
        nearest_names = list(dict.fromkeys(keys[match] for match in nearest(wanted, keys)))
    nearest_names = nearest_names or [names[key] for key in list(names)[-2:]]
    return f"; nearest: {', '.join(nearest_names)}"


def ensure_unique(files: Iterable[MigrationFile]) -> dict[Identity, MigrationFile]:
    """The files by identity. Raises ``DuplicateVersion`` with the names of all files of one identity."""
    by_identity: dict[Identity, MigrationFile] = {}
    doubles: dict[Identity, list[str]] = {}
    for file in files:
        name = file.identity
        if name in by_identity:
            doubles.setdefault(name, [by_identity[name].name]).append(file.name)
        else:
            by_identity[name] = file
    for name, twice in doubles.items():
        raise DuplicateVersion(version=by_identity[name].key, files=", ".join(sorted(twice)))
    return by_identity


def next_version(files: Iterable[MigrationFile], history: Iterable[Record] = ()) -> str:
    """The version after the highest one in files and history, at least four digits: ``9999`` -> ``10000``."""
    used = [file.version for file in files if file.version is not None]
    used += [int(record.key) for record in history if record.key.isdecimal()]
    return f"{max(used, default=0) + 1:04d}"


# -- projects that share a history --------------------------------------------------------------------------------


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


# -- state --------------------------------------------------------------------------------------------------------


def last_events(history: Iterable[Record]) -> dict[Identity, Record]:
    """The last event of each migration. A failure that was rolled back completely counts only if it is the only event."""
    last: dict[Identity, Record] = {}
    for record in sorted(history, key=lambda record: record.id):
        if not record.undone or last.get(record.identity, record).undone:
            last[record.identity] = record
    return last


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
    entries = [_entry(file, last.get(name), latest) for name, file in by_identity.items()]
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


def _entry(file: MigrationFile, record: Record | None, latest: int) -> Entry:
    state = _versioned(file, record, latest) if file.version is not None else _repeatable(file, record)
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


def _repeatable(file: MigrationFile, record: Record | None) -> State:
    if record is not None and record.unfinished:
        return _interrupted(record)
    if record is None or not record.in_effect:
        return State.PENDING
    if file.kind is Kind.RUNS_ON_CHANGE and record.checksum != file.checksum:
        return State.CHANGED
    return State.APPLIED
