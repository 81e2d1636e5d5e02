"""Decides which migrations to run, roll back or baseline, from files, history and the limits that the user gave.

``resolve_migrate`` lists the files to run and the states that forbid it, for which ``ensure_clean`` raises.
``resolve_rollback`` lists the rollbacks to run, or raises. Nothing is executed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dbwarden.errors import (
    BaselinedRollback,
    DependencyCycle,
    DependencyMissing,
    DependentApplied,
    EditedMigration,
    EmptyMigration,
    Irreversible,
    MissingRollback,
    UnfinishedRollback,
    UnfinishedUpgrade,
    UsageError,
    VanishedMigration,
)

from . import topology
from .file import MigrationFile
from .filename import Kind, stem
from .migration_names import ensure_unique, nearest_migrations, reference, unknown
from .overview import Entry, Overview, State, sort_key, state
from .record import Event, Identity, Record, last_events
from .sqltext import ANSI, LexicalRules, SqlStatement
from .stored_rollback import stored_rollback, stored_runner


@dataclass(frozen=True, slots=True)
class Resolution:
    """The migrations that ``migrate`` runs, in order, and the states for which ``ensure_clean`` raises."""

    to_run: tuple[MigrationFile, ...]
    edited: tuple[Entry, ...] = ()
    missing: tuple[Entry, ...] = ()
    unfinished_rollbacks: tuple[Entry, ...] = ()
    """Rollbacks that stopped half-way."""
    unfinished_upgrades: tuple[Entry, ...] = ()
    """Upgrades that stopped half-way; they run first."""
    out_of_order: tuple[MigrationFile, ...] = ()
    """Files of ``to_run`` with a lower version than an applied one; they run, and the caller may warn."""
    already: int = 0
    """Number of versions in effect."""
    remaining: int = 0
    """Number of versions that stay pending because of the limit."""
    baseline: bool = False
    """Whether ``to_run`` is only marked as applied."""


@dataclass(frozen=True, slots=True)
class RollbackStep:
    """One migration to roll back: the history event that applied it, and its rollback statements."""

    record: Record
    statements: tuple[SqlStatement, ...]
    file: MigrationFile | None
    """File of the statements; ``None`` if they come from the history."""
    done: int = 0
    """Number of statements that an earlier attempt completed."""

    @property
    def runner(self) -> str | None:
        """Name of the program that runs the ALTER TABLE statements."""
        return self.file.runner if self.file is not None else stored_runner(self.record.rollback_sql)


# -- order --------------------------------------------------------------------------------------------------------


def ordered(files: Sequence[MigrationFile], history: Iterable[Record] = ()) -> list[MigrationFile]:
    """The files in the order they run: versions by number, then ``ROC``, then ``RA``, each after its ``depends_on``.

    A dependency without a file is satisfied if the history has it in effect. Raises ``DependencyMissing`` and
    ``DependencyCycle``.
    """
    by_identity = ensure_unique(files)
    files = sorted(files, key=sort_key)
    if not any(file.depends_on for file in files):
        return files
    fileless = {name for name, record in last_events(history).items() if record.in_effect and name not in by_identity}
    numbers = {file.identity: at for at, file in enumerate(files)}
    needs = [sorted(numbers[name] for name in _needs(file, by_identity, fileless)) for file in files]
    if cycle := topology.find_cycle(needs):
        raise DependencyCycle(circle=" -> ".join(files[at].name for at in cycle))
    return [files[at] for at in topology.sort(needs)]


def _needs(
    file: MigrationFile, by_identity: Mapping[Identity, MigrationFile], fileless: set[Identity]
) -> set[Identity]:
    """The files of ``by_identity`` that ``file`` depends on."""
    needs: set[Identity] = set()
    for name in file.depends_on:
        wanted = reference(name, by_identity.values())
        if wanted in fileless:
            continue
        if wanted not in by_identity:
            names = {key: stem(other.name) for key, other in by_identity.items() if other is not file}
            raise DependencyMissing(
                file=file.name, dependency=name, reason=f"which does not exist{nearest_migrations(name, names)}"
            )
        if file.kind is Kind.VERSIONED and by_identity[wanted].kind is not Kind.VERSIONED:
            raise DependencyMissing(file=file.name, dependency=name, reason="which runs only after all versions")
        needs.add(wanted)
    return needs


# -- migrate ------------------------------------------------------------------------------------------------------


def resolve_migrate(
    files: Sequence[MigrationFile],
    history: Sequence[Record],
    *,
    count: int | None = None,
    to_version: str | None = None,
    baseline: bool = False,
) -> Resolution:
    """The migrations that ``migrate`` runs, in order. Call ``ensure_clean`` on the result before executing anything.

    1. Files that stopped half-way come first.
    2. Pending versions follow, limited by ``count`` or ``to_version``.
    3. Repeatable files come last: each ``ROC`` that changed, then each ``RA``. They are left out for a ``baseline``, and if
       a limit leaves a version pending, because they may use what it creates.

    Raises ``DuplicateVersion``, ``DependencyMissing``, ``DependencyCycle``, ``UnknownVersion`` and ``UsageError``.
    """
    if count is not None and to_version is not None:
        raise UsageError("--count and --to-version cannot be given together")
    if count is not None and count < 1:
        raise UsageError(f"--count must be 1 or more, not {count}")
    overview = state(files, history)
    order = ordered(files, history)
    needing = {entry.file.identity: entry for entry in overview.entries if entry.file and entry.needs_run}
    pending = [file for file in order if file.version is not None and file.identity in needing]
    in_flight = {entry.file.identity for entry in overview.entries if entry.file and _is_unfinished_upgrade(entry)}
    pending.sort(key=lambda file: file.identity not in in_flight)
    selected = _select_pending(pending, files, history, count, to_version)
    run = [file for file in order if file.version is None and file.identity in in_flight] + list(selected)
    if not baseline and len(selected) == len(pending):
        run += [file for file in order if file.version is None and file.identity in needing and file not in run]
    late = {name for name, entry in needing.items() if entry.state is State.OUT_OF_ORDER}
    return Resolution(
        to_run=tuple(run),
        edited=overview.having(State.EDITED),
        missing=tuple(
            entry for entry in overview.having(State.MISSING) if entry.kind is Kind.VERSIONED or _is_unfinished(entry)
        ),
        unfinished_rollbacks=tuple(
            entry for entry in overview.entries if entry.record and entry.record.unfinished_rollback
        ),
        unfinished_upgrades=tuple(entry for entry in overview.entries if entry.file and _is_unfinished_upgrade(entry)),
        out_of_order=tuple(file for file in selected if file.identity in late),
        already=sum(
            1 for entry in overview.entries if entry.kind is Kind.VERSIONED and entry.record and entry.record.in_effect
        ),
        remaining=len(pending) - len(selected),
        baseline=baseline,
    )


def _is_unfinished_upgrade(entry: Entry) -> bool:
    return entry.record is not None and entry.record.unfinished_upgrade


def _is_unfinished(entry: Entry) -> bool:
    return entry.record is not None and entry.record.unfinished


def _select_pending(
    pending: list[MigrationFile],
    files: Sequence[MigrationFile],
    history: Sequence[Record],
    count: int | None,
    to_version: str | None,
) -> list[MigrationFile]:
    if to_version is None:
        return pending[:count]
    target = _target(to_version, files, history)
    selected = [file for file in pending if file.version is not None and file.version <= target]
    beyond_target = {file.identity: file for file in pending if file.version is not None and file.version > target}
    for file in selected:
        for name in file.depends_on:
            if beyond := beyond_target.get(reference(name, files)):
                reason = f"which is not applied and lies beyond --to-version {to_version}: {beyond.name}"
                raise DependencyMissing(file=file.name, dependency=name, reason=reason)
    return selected


def _target(name: str, files: Sequence[MigrationFile], history: Sequence[Record]) -> int:
    """The version that ``--to-version`` names, of a file or of an event in the history. Raises ``UnknownVersion``."""
    wanted = reference(name, files)
    if not isinstance(wanted, int):
        wanted = next((record.identity for record in history if stem(record.file) == wanted), wanted)
    if isinstance(wanted, int) and (
        any(file.version == wanted for file in files) or any(record.identity == wanted for record in history)
    ):
        return wanted
    versions = [file for file in files if file.version is not None]
    raise unknown(name, versions, [record for record in history if record.kind is Kind.VERSIONED])


def ensure_clean(resolution: Resolution) -> None:
    """Raise ``EditedMigration`` or ``VanishedMigration`` if files and history disagree, and ``UnfinishedRollback`` or
    ``UnfinishedUpgrade`` if a file that stopped half-way would be passed over."""
    for entry in resolution.unfinished_rollbacks:
        if entry.record:
            raise UnfinishedRollback.of(entry.name, entry.record.statements_done, entry.record.statements_total)
    if resolution.edited:
        first = resolution.edited[0]
        recorded = first.record.checksum if first.record else ""
        current = first.file.checksum if first.file else ""
        raise EditedMigration(
            file=first.name, recorded=recorded, current=current, others=_other_files(resolution.edited)
        )
    for entry in resolution.missing:
        if _is_unfinished(entry):
            raise VanishedMigration(file=entry.name, others="", hint=VanishedMigration.stopped)
    if resolution.missing:
        raise VanishedMigration(file=resolution.missing[0].name, others=_other_files(resolution.missing))
    for entry in resolution.unfinished_upgrades:
        if entry.record and (resolution.baseline or entry.file not in resolution.to_run):
            raise UnfinishedUpgrade.of(entry.name, entry.record.statements_done, entry.record.statements_total)


def ensure_finished(overview: Overview) -> None:
    """Raise ``UnfinishedUpgrade`` or ``UnfinishedRollback`` if a file stopped half-way: the database is then between two
    versions."""
    for record in (entry.record for entry in overview.entries if entry.record and entry.record.unfinished):
        kind = UnfinishedUpgrade if record.unfinished_upgrade else UnfinishedRollback
        raise kind.of(record.file, record.statements_done, record.statements_total)


def unfinished_notes(overview: Overview) -> tuple[str, ...]:
    """A sentence for each file that stopped half-way, for commands that only read."""
    sentences = []
    for record in (entry.record for entry in overview.entries if entry.record and entry.record.unfinished):
        kind = UnfinishedUpgrade if record.unfinished_upgrade else UnfinishedRollback
        error = kind.of(record.file, record.statements_done, record.statements_total)
        sentences.append(
            f"{error.message}. `dbwarden {'migrate' if record.unfinished_upgrade else 'rollback'}` continues it."
        )
    return tuple(sentences)


def ensure_written(files: Iterable[MigrationFile]) -> None:
    """Raise ``EmptyMigration`` for a file without statements, which would be recorded as applied while still unwritten."""
    for file in files:
        if not file.upgrade():
            raise EmptyMigration(file=file.name)


def _other_files(entries: Sequence[Entry]) -> str:
    return f"; likewise {', '.join(entry.name for entry in entries[1:])}" if len(entries) > 1 else ""


# -- rollback -----------------------------------------------------------------------------------------------------


def resolve_rollback(
    files: Sequence[MigrationFile],
    history: Sequence[Record],
    lexical_rules: LexicalRules = ANSI,
    *,
    count: int | None = None,
    to_version: str | None = None,
    engine: str | None = None,
) -> tuple[RollbackStep, ...]:
    """The steps of ``rollback`` in reverse order of application; empty if nothing is applied.

    1. ``count`` selects the last applied versions, by default one; ``to_version`` selects all with a higher number, and
       ``0`` all versions.
    2. If all versions are rolled back, so are the repeatable files that have a rollback section.
    3. The statements come from the file if its checksum is still the applied one, else from the history, split by
       ``lexical_rules``. ``engine`` selects a variant.
    4. Rollbacks that stopped half-way come first.

    Raises ``UnknownVersion``, ``UsageError``, ``BaselinedRollback``, ``Irreversible``, ``MissingRollback``, ``DependentApplied``,
    ``DuplicateVersion``, ``UnfinishedUpgrade`` and ``UnfinishedRollback``.
    """
    by_identity = ensure_unique(files)
    applied = _in_effect(history)
    unfinished = {name: record for name, record in last_events(history).items() if record.unfinished}
    for record in unfinished.values():
        if record.unfinished_upgrade:
            raise UnfinishedUpgrade.of(record.file, record.statements_done, record.statements_total)
    records = _records_to_roll_back(applied, files, history, count, to_version)
    everything = to_version is not None and records and _is_zero(to_version)
    _ensure_free(records, applied, by_identity)
    steps = [_required_rollback(record, by_identity.get(record.identity), lexical_rules, engine) for record in records]
    if everything:
        repeatables = [record for record in applied if record.kind is not Kind.VERSIONED]
        steps = [
            step
            for record in repeatables
            if (step := _rollback_step(record, by_identity.get(record.identity), lexical_rules, engine)).statements
        ] + steps
    for name, record in unfinished.items():
        if name not in {step.record.identity for step in steps}:
            raise UnfinishedRollback.of(record.file, record.statements_done, record.statements_total)
    in_flight = [
        replace(step, done=unfinished[name].statements_done)
        for step in steps
        if (name := step.record.identity) in unfinished
    ]
    return (*in_flight, *(step for step in steps if step.record.identity not in unfinished))


def _in_effect(history: Sequence[Record]) -> list[Record]:
    """The events that applied the migrations in effect, the last first; a later failed rollback does not change the order."""
    last = last_events(history)
    caused = last_events(record for record in history if record.event in (Event.APPLIED, Event.BASELINED))
    records = [record for name, record in caused.items() if last[name].in_effect]
    return sorted(records, key=lambda record: record.id, reverse=True)


def _is_zero(name: str) -> bool:
    return name.strip("0") == ""


def _records_to_roll_back(
    applied: Sequence[Record],
    files: Sequence[MigrationFile],
    history: Sequence[Record],
    count: int | None,
    to_version: str | None,
) -> list[Record]:
    if count is not None and to_version is not None:
        raise UsageError("--count and --to-version cannot be given together")
    versions = [record for record in applied if record.kind is Kind.VERSIONED]
    if to_version is not None:
        target = -1 if _is_zero(to_version) else _target(to_version, files, history)
        return [record for record in versions if int(record.key) > target]
    if count is not None and count < 1:
        raise UsageError(f"--count must be 1 or more, not {count}")
    if count is not None and count > len(versions):
        raise UsageError(f"--count {count}: only {len(versions)} can be rolled back, no more are applied")
    return versions[: count or 1]


def _ensure_free(
    records: Sequence[Record], applied: Sequence[Record], by_identity: Mapping[Identity, MigrationFile]
) -> None:
    """Raise ``DependentApplied`` if a migration that stays applied depends on one of ``records``."""
    leaving = {record.identity: record for record in records}
    for record in applied:
        file = by_identity.get(record.identity)
        if file is None or record.identity in leaving or record.kind is not Kind.VERSIONED:
            continue
        for name in file.depends_on:
            if needed := leaving.get(reference(name, by_identity.values())):
                raise DependentApplied(file=needed.file, dependent=file.name)


def _required_rollback(
    record: Record, file: MigrationFile | None, lexical_rules: LexicalRules, engine: str | None
) -> RollbackStep:
    """The rollback of one version. Raises ``BaselinedRollback``, ``Irreversible``, ``MissingRollback``."""
    if record.event is Event.BASELINED:
        raise BaselinedRollback(
            file=record.file, hint=f"Stop there with `--to-version {record.key}`, or undo it by hand."
        )
    step = _rollback_step(record, file, lexical_rules, engine)
    if step.statements:
        return step
    reason = step.file.irreversible if step.file else stored_rollback(record.rollback_sql, lexical_rules)[1]
    if reason:
        raise Irreversible(subject=record.file, reason=reason)
    if step.file is not None:
        raise MissingRollback(file=step.file.name, reason="its rollback section is empty")
    why = "its file is gone" if file is None else "its file was changed after it was applied"
    raise MissingRollback(file=record.file, reason=f"{why}, and no rollback SQL was stored with it")


def _rollback_step(
    record: Record, file: MigrationFile | None, lexical_rules: LexicalRules, engine: str | None
) -> RollbackStep:
    if file is not None and file.checksum == record.checksum:
        return RollbackStep(record, () if file.irreversible else file.rollback(engine), file)
    return RollbackStep(record, stored_rollback(record.rollback_sql, lexical_rules)[0], None)
