"""make-migrations: compares the models with the database, and writes one migration file.

1. Compare, and plan the changes (``comparison``).
2. Translate the plan for a dev database of another engine (``variant``).
3. Try the file out in a scratch database (``proof``), and write the outcome into its header.
4. Refuse a plan that the server would refuse because of objects that no model describes (``blocking_dependents``).
5. Write the file and update the state file, both or neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from dbwarden import dialects
from dbwarden.core import file as migration_file
from dbwarden.core import file_writer, filename, row_limits
from dbwarden.core.change_text import changes_between
from dbwarden.core.naming import describe_changes
from dbwarden.core.renames import flag
from dbwarden.core.repeatables import Repeatable
from dbwarden.core.row_effects import session_dependent_columns
from dbwarden.errors import DatabaseError, MissingRollback, NameTaken, UsageError
from dbwarden.runtime import directory

from . import state_file
from .blocking_dependents import ensure_free
from .changes import ReportedChange, rebuilt_tables, reported_changes
from .comparison import CompareOptions, Comparison, PlannedStep, planned_steps
from .dev import compare_for, uses_other_engine, variant_of
from .losses import DataLoss
from .models import with_notes
from .new import version_name
from .other_objects import OtherProjectObjects
from .progress import report_work
from .proof import NOT_TRIED, Proof, ProofSubject, prove_migration, with_headers
from .renaming import RenameCandidate
from .variant import Variant
from .workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class RepeatableFile:
    """A repeatable file that ``make_migrations`` writes."""

    path: Path
    text: str


@dataclass(frozen=True)
class GenerationReport:
    """Result of ``make_migrations``. ``path`` and ``version`` are ``None`` if nothing was written."""

    database: str
    dialect: str
    path: Path | None
    version: str | None
    text: str
    """Text of the whole file; empty if nothing differs."""
    steps: tuple[PlannedStep, ...]
    modules: tuple[str, ...]
    tables: tuple[str, ...]
    unowned: tuple[str, ...]
    """Objects that the models do not describe, which are not changed."""
    notes: tuple[str, ...]
    compared_with: str
    """What the models were compared with: ``database``, or the path of the state file."""
    renames: tuple[str, ...]
    """Renames, as flags, in the order of the statements."""
    data_losses: tuple[DataLoss, ...]
    """Data that the upgrade destroys, with the number of rows."""
    columns_to_fill: tuple[str, ...]
    """Columns that become NOT NULL and for whose values the file has a marked place."""
    rename_candidates: tuple[RenameCandidate, ...]
    """Possible renames, generated as drops and adds because nobody confirmed them."""
    state_file: Path | None
    """The state file, if it was updated."""
    proof: Proof | None = None
    """Outcome of trying the file out; ``None`` with ``proof=False``."""
    variant_proof: Proof | None = None
    """Outcome for the variant for the dev database; ``None`` also without one."""
    translation_losses: tuple[str, ...] = ()
    """Changes of the new file without an exact equivalent on the dev database's engine."""
    other_projects: tuple[OtherProjectObjects, ...] = ()
    """Objects of other projects in the same database, which are never changed."""
    changes: tuple[ReportedChange, ...] = ()
    """Differences as text; ``steps`` has their statements."""
    rebuilt_tables: tuple[str, ...] = ()
    """Tables that are rebuilt, because ALTER TABLE cannot make the change."""
    repeatables: tuple[RepeatableFile, ...] = ()
    """Repeatable files that are new or changed."""
    removed: tuple[Path, ...] = ()
    """Repeatable files whose objects are no longer declared."""

    @property
    def empty(self) -> bool:
        """Whether models and database agree, and the repeatable files with the models."""
        return not (self.steps or self.repeatables or self.removed)


def make_migrations(
    database: str | None = None,
    name: str | None = None,
    *,
    write: bool = True,
    options: CompareOptions | None = None,
    proof: bool | None = None,
    config: str | None = None,
) -> GenerationReport:
    """Compare the models with the database, and write one migration file for the difference.

    ``name`` is the description in the file's name; without it, the changes give one. Nothing is written if nothing differs
    or ``write`` is false. Objects that neither the models nor our history know are not changed; ``drop_unowned`` drops such
    tables and types. Offline, the models are compared with the state file. An existing state file is updated.

    The file is tried out in a scratch database first (upgrade, rollback, upgrade); its header says what was proved, or why
    nothing was. With ``proof=False`` it is not tried out, and a large one only with ``proof=True`` (see ``proof.LIMIT``).
    If the dev database is of another engine, the file has a variant for it, which is tried out too.

    Raises ``PendingMigrations`` if the effect of pending files cannot be known, ``ConfigurationError`` for models that
    cannot be read, ``NameTaken``, ``LossyTranslation`` with ``strict_translation``, ``ProofFailed``, ``BlockingDependents``.
    """
    options = options or CompareOptions()
    if name is not None:
        filename.slug(name)
    workspace = open_workspace(config, database, dev=options.dev)
    comparison = compare_for(workspace, options, after_pending=True)
    if comparison.collisions:
        raise NameTaken(collisions="; ".join(map(str, comparison.collisions)))
    other = variant_of(workspace, comparison, options.strict_translation)
    if options.repeatable and comparison.repeatables is None:
        raise UsageError(
            "--type roc cannot be used with a dev database of another engine: repeatable files have no variants"
        )
    text = file_text(comparison, other) if comparison.plan.upgrade() else ""
    written = comparison.repeatables.to_write(comparison.dialect) if comparison.repeatables is not None else ()
    removed = comparison.repeatables.to_remove if comparison.repeatables is not None else ()
    running = (
        comparison.repeatables.running(comparison.plan, comparison.dialect)
        if comparison.repeatables is not None
        else ()
    )
    trial = _trial_text(comparison, running) if running and comparison.plan else text
    offline = options.offline or uses_other_engine(workspace)
    tried: Tried = (None, None)
    if trial and proof is not False:
        with with_notes(comparison.notes), report_work(options.events, "trying out the new migration"):
            tried = _try_out_files(workspace, comparison, other, trial, asked=proof is True, reachable=not offline)
    if text and (write or proof is not False):
        ensure_free(workspace, comparison, proven=tried[0] is not None and tried[0].proven, reachable=not offline)
        file = migration_file.parse("0001_new.sql", text, comparison.dialect.lexical_rules, dialects.LEXICAL_RULES)
        text = with_headers(file, [attempt for attempt in tried if attempt is not None] or [NOT_TRIED])
    path, updated = None, False
    if write:
        with ExitStack() as undo:
            for item, content in written:
                _write_repeatable(workspace, item.name, content, undo)
            path, updated = _write(workspace, comparison, name, text, offline)
            undo.pop_all()
        for former in removed:
            (workspace.folder / former).unlink(missing_ok=True)
    return GenerationReport(
        database=workspace.name,
        dialect=comparison.dialect.name,
        path=path,
        version=filename.parse_name(path.name).key if path else None,
        text=text,
        steps=planned_steps(comparison.plan),
        changes=reported_changes(comparison.changes),
        rebuilt_tables=rebuilt_tables(comparison),
        modules=comparison.models.modules,
        tables=comparison.tables,
        unowned=comparison.unowned,
        other_projects=comparison.others,
        notes=(*comparison.notes, *_session_notes(comparison), *_row_notes(workspace, comparison, text, offline)),
        compared_with=workspace.state_name if options.offline or uses_other_engine(workspace) else "database",
        renames=tuple(map(flag, comparison.pair.renames)),
        data_losses=comparison.losses,
        columns_to_fill=comparison.unfilled,
        rename_candidates=comparison.candidates,
        state_file=workspace.database.state_file if updated else None,
        proof=tried[0],
        variant_proof=tried[1],
        translation_losses=tuple(str(loss) for loss in other.fresh) if other is not None else (),
        repeatables=tuple(RepeatableFile(workspace.folder / item.name, content) for item, content in written),
        removed=tuple(workspace.folder / former for former in removed),
    )


Tried = tuple[Proof | None, Proof | None]
"""Proofs of the migration and of its variant."""


def _try_out_files(
    workspace: Workspace, comparison: Comparison, other: Variant | None, text: str, *, asked: bool, reachable: bool
) -> Tried:
    lexical_rules, changes = comparison.dialect.lexical_rules, tuple(step.change for step in comparison.plan.steps)
    ours = ProofSubject(
        comparison.dialect,
        comparison.pair,
        changes,
        len(comparison.plan.upgrade()),
        text,
        lexical_rules,
        bool(comparison.models.events),
    )
    proof = prove_migration(workspace, ours, asked=asked, reachable=reachable)
    if other is None:
        return proof, None
    theirs = ProofSubject(other.dialect, other.pair, other.changes, len(other.upgrade), text, lexical_rules)
    return proof, _with_engine_name(other.engine, prove_migration(workspace, theirs, asked=asked, reachable=False))


def _session_notes(comparison: Comparison) -> Iterator[str]:
    """Notes about conversions that depend on a time zone or another session setting."""
    both = comparison.pair
    sessions = session_dependent_columns(both.current, both.desired, comparison.dialect, both.renames)
    for zone, names in sessions.assumed.items():
        yield (
            f"The times in {', '.join(names)} are taken as {zone}. Where they are those of another zone, write it in place of"
            f" '{zone}', in both sections."
        )
    remedy = "name the format in USING, or SET it" if comparison.dialect.features.local_settings else "SET it"
    for name in sessions.dependent:
        yield f"What becomes of {name} is decided by that setting of the session: {remedy}."


def _row_notes(workspace: Workspace, comparison: Comparison, text: str, offline: bool) -> list[str]:
    """Notes on rows of the database on which the new migration would fail, if it costs little to look."""
    if offline or not text:
        return []
    from . import preflight  # deferred: nothing to look at in most runs

    dialect, name = comparison.dialect, "0001_new.sql"
    file = migration_file.parse(name, text, dialect.lexical_rules, dialects.LEXICAL_RULES)
    before = [entry.file for entry in comparison.overview.pending if entry.file is not None]
    pending = preflight.pending_files([*before, file], dialect, {})
    if not preflight.makes_demands(dialect, pending):
        return []
    unfilled = frozenset(comparison.unfilled)  # a note of its own says how many rows have no value
    with suppress(DatabaseError), workspace.connect(read_only=True) as conn:
        report = preflight.look_at_rows(dialect, conn, pending, row_limits.CHEAP)
        findings = [
            finding
            for finding in report.findings
            if finding.file == name
            and f"{finding.table}.{finding.columns[0] if finding.columns else ''}" not in unfilled
        ]
        return ["The new migration would fail: " + "\n".join(finding.lines) for finding in findings]
    return []


def _with_engine_name(engine: str, proof: Proof) -> Proof:
    """``proof`` with the engine's name in its text, which that of a successful proof has already."""
    return proof if proof.proven else Proof(False, f"{engine}: {proof.text}")


def file_text(comparison: Comparison, other: Variant | None = None) -> str:
    """Text of the migration file for a comparison's plan, with the variant for another engine if there is one."""
    plan = comparison.plan
    reasons = plan.irreversible()
    rollback = () if reasons else plan.rollback()
    if not rollback and not reasons:
        raise MissingRollback(file="The new migration", reason=f"{plan.steps[0].change.describe()} has no way back")
    running = comparison.repeatables.running(plan, comparison.dialect) if comparison.repeatables is not None else ()
    headers = {
        "repeats": tuple(sorted(item.key for item in running)),
        "irreversible": "; ".join(reasons) or None,
        "renames": comparison.pair.renames,
    }
    variants = {other.engine: (other.upgrade, other.rollback)} if other is not None else None
    return file_writer.format(
        plan.upgrade(), rollback, headers, variants, lexical_rules=comparison.dialect.lexical_rules
    )


def _trial_text(comparison: Comparison, written: Sequence[Repeatable]) -> str:
    """Text of one file with the effect of all: the versions, then the repeatables."""
    plan = comparison.plan
    reasons = plan.irreversible()
    upgrade = (*plan.upgrade(), *(sql for item in written for sql in item.upgrade))
    headers = {"irreversible": "; ".join(reasons) or None, "renames": comparison.pair.renames}
    rollback = () if reasons else plan.rollback()
    return file_writer.format(upgrade, rollback, headers, lexical_rules=comparison.dialect.lexical_rules)


def _write_repeatable(workspace: Workspace, name: str, text: str, undo: ExitStack) -> None:
    """Write a repeatable file, and let ``undo`` bring back what was there."""
    path = workspace.folder / name
    former = path.read_bytes().decode() if path.exists() else None
    if former is None:
        directory.write_new(workspace.folder, lambda _: name, text)
        undo.callback(path.unlink, missing_ok=True)
    else:
        directory.replace(path, text)
        undo.callback(directory.replace, path, former)


def _write(
    workspace: Workspace, comparison: Comparison, name: str | None, text: str, offline: bool
) -> tuple[Path | None, bool]:
    """Write the migration and the state file, both or neither; return the new path and whether the state file changed."""
    before = state_file.version_of(state_file.newest(workspace.files_if_any()))
    path = _write_file(workspace, comparison, name, text) if text else None
    if not (offline or state_file.exists(workspace)):
        return path, False
    if path is None:
        return None, state_file.update(workspace, state_file.text(workspace, comparison.models, before))
    version = filename.parse_name(path.name).key
    return path, state_file.update_or_remove(
        workspace, path, lambda: state_file.text(workspace, comparison.models, version)
    )


def _write_file(workspace: Workspace, comparison: Comparison, name: str | None, text: str) -> Path:
    words = name or describe_changes(
        changes_between(comparison.pair.current, comparison.pair.desired, comparison.pair.renames)
    )
    entries = comparison.overview.entries
    used = [int(entry.key) for entry in entries if entry.kind is filename.Kind.VERSIONED]
    return directory.write_new(workspace.folder, lambda taken: version_name(words, taken, used), text)
