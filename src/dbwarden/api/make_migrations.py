"""make-migrations: compares the models with the database, and writes one migration file.

1. Compare, and plan the changes (``comparison``).
2. Translate the plan for a dev database of another engine (``variant``).
3. Try the file out in a scratch database (``proof``), and write the outcome into its header.
4. Refuse a plan that the server would refuse because of objects that no model describes (``blocking_dependents``).
5. Write the file and update the state file, both or neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from dbwarden.core import file_writer, filename
from dbwarden.core.change_text import changes_between
from dbwarden.core.naming import describe_changes
from dbwarden.core.renames import flag
from dbwarden.core.repeatables import Repeatable
from dbwarden.errors import MissingRollback, NameTaken, UsageError
from dbwarden.runtime import directory

from . import state_file
from .blocking_dependents import ensure_free
from .changes import ReportedChange, rebuilt_tables, reported_changes
from .comparison import CompareOptions, Comparison, PlannedStep, planned_steps
from .dev import compare_for, uses_other_engine, variant_of
from .draft import ComparisonPart, Draft, Generation, Tried, split_comparison, try_out_text
from .draft import GeneratedFile as GeneratedFile
from .edit import Editor, with_edits
from .generation_notes import row_notes, session_notes
from .losses import DataLoss
from .models import with_notes
from .new import version_name
from .other_objects import OtherProjectObjects
from .progress import report_work
from .proof import Proof
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
    """Result of ``make_migrations``. ``path`` and ``version`` are ``None`` if nothing was written; of several files (``split``),
    these, the text and the proofs are those of the first one."""

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
    files: tuple[GeneratedFile, ...] = ()
    """The versioned files, in the order in which they run; empty if there are no statements for one."""

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
    split: bool = False,
    edit: Editor | None = None,
    config: str | None = None,
) -> GenerationReport:
    """Compare the models with the database, and write one migration file for the difference.

    ``name`` is the description in the file's name; without it, the changes give one. Nothing is written if nothing differs
    or ``write`` is false. Objects that neither the models nor our history know are not changed; ``drop_unowned`` drops such
    tables and types. Offline, the models are compared with the state file. An existing state file is updated.

    The file is tried out in a scratch database first (upgrade, rollback, upgrade); its header says what was proved, or why
    nothing was. With ``proof=False`` it is not tried out, and a large one only with ``proof=True`` (see ``proof.LIMIT``).
    If the dev database is of another engine, the file has a variant for it, which is tried out too.

    With ``split``, each concern has a file of its own, the safest first (``core.split``), and each is tried out. ``edit`` is
    called with the paths of the new files; what it changes is tried out again. If it raises, nothing stays written.

    Raises ``PendingMigrations`` if the effect of pending files cannot be known, ``ConfigurationError`` for models that
    cannot be read, ``NameTaken``, ``LossyTranslation`` with ``strict_translation``, ``ProofFailed``, ``BlockingDependents``,
    ``EditFailed``.
    """
    options = options or CompareOptions()
    if name is not None:
        filename.slug(name)
    workspace = open_workspace(config, database, dev=options.dev)
    comparison = compare_for(workspace, options, after_pending=True)
    if comparison.collisions:
        raise NameTaken(collisions="; ".join(map(str, comparison.collisions)))
    _ensure_repeatable(comparison, options.repeatable, split)
    written = comparison.repeatables.to_write(comparison.dialect) if comparison.repeatables is not None else ()
    removed = comparison.repeatables.to_remove if comparison.repeatables is not None else ()
    offline = options.offline or uses_other_engine(workspace)
    generation = Generation(workspace, options, proof, offline)
    parts = split_comparison(comparison, options) if split else (ComparisonPart("", comparison),)
    drafts = tuple(_draft(generation, part) for part in parts)
    text = drafts[0].text
    if text and (write or proof is not False):
        proven = all(draft.tried[0] is not None and draft.tried[0].proven for draft in drafts)
        ensure_free(workspace, comparison, proven=proven, reachable=not offline)
        drafts = tuple(draft.with_headers() for draft in drafts)
        text = drafts[0].text
    updated = False
    if write:
        with ExitStack() as undo:
            for item, content in written:
                _write_repeatable(workspace, item.name, content, undo)
            drafts, updated = _write(generation, comparison, name, drafts, undo)
            if edit is not None:
                drafts = with_edits(generation, drafts, edit)
            undo.pop_all()
        for former in removed:
            (workspace.folder / former).unlink(missing_ok=True)
    whole = file_text(comparison) if len(drafts) > 1 else text
    files = tuple(draft.generated_file() for draft in drafts if draft.text)
    first = files[0] if files else None
    return GenerationReport(
        database=workspace.label,
        dialect=comparison.dialect.name,
        path=first.path if first is not None else None,
        version=first.version if first is not None else None,
        text=first.text if first is not None else "",
        steps=planned_steps(comparison.plan),
        changes=reported_changes(comparison.changes),
        rebuilt_tables=rebuilt_tables(comparison),
        modules=comparison.models.modules,
        tables=comparison.tables,
        unowned=comparison.unowned,
        other_projects=comparison.others,
        notes=(*comparison.notes, *session_notes(comparison), *row_notes(workspace, comparison, whole, offline)),
        compared_with=workspace.state_name if options.offline or uses_other_engine(workspace) else "database",
        renames=tuple(map(flag, comparison.pair.renames)),
        data_losses=comparison.losses,
        columns_to_fill=comparison.unfilled,
        rename_candidates=comparison.candidates,
        state_file=workspace.database.state_file if updated else None,
        proof=drafts[0].tried[0],
        variant_proof=drafts[0].tried[1],
        translation_losses=tuple(dict.fromkeys(loss for draft in drafts for loss in draft.losses)),
        repeatables=tuple(RepeatableFile(workspace.folder / item.name, content) for item, content in written),
        removed=tuple(workspace.folder / former for former in removed),
        files=files,
    )


def _ensure_repeatable(comparison: Comparison, asked: bool, split: bool) -> None:
    """Raise ``UsageError`` if repeatable files are asked for, or would be written, where that is not possible."""
    if asked and comparison.repeatables is None:
        raise UsageError(
            "--type roc cannot be used with a dev database of another engine: repeatable files have no variants"
        )
    if (
        split
        and comparison.repeatables is not None
        and comparison.repeatables.running(comparison.plan, comparison.dialect)
    ):
        raise UsageError(
            "--split cannot be used where repeatable files are written or run again: they run behind all versions, so that"
            " the versions cannot be proved one by one",
            hint="Run make-migrations without --split; or without --type roc, if that was given.",
        )


def _draft(generation: Generation, part: ComparisonPart) -> Draft:
    """The text of a part's file, tried out unless that is not wanted."""
    comparison = part.comparison
    other = variant_of(generation.workspace, comparison, generation.options.strict_translation)
    text = file_text(comparison, other) if comparison.plan.upgrade() else ""
    running = (
        comparison.repeatables.running(comparison.plan, comparison.dialect)
        if comparison.repeatables is not None
        else ()
    )
    trial = _trial_text(comparison, running) if running and comparison.plan else text
    tried: Tried = (None, None)
    if trial and generation.proof is not False:
        with with_notes(comparison.notes), report_work(generation.options.events, "trying out the new migration"):
            tried = try_out_text(generation, comparison, other, trial)
    losses = tuple(str(loss) for loss in other.fresh) if other is not None else ()
    return Draft(part, text, tried, losses)


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
    generation: Generation, comparison: Comparison, name: str | None, drafts: Sequence[Draft], undo: ExitStack
) -> tuple[tuple[Draft, ...], bool]:
    """Write the migrations and the state file, all or nothing; return the drafts with their paths, and whether the state file
    changed. Until ``undo`` is closed, it can take everything back."""
    workspace = generation.workspace
    before = state_file.version_of(state_file.newest(workspace.files_if_any()))
    written: list[Draft] = []
    for draft, words in zip(drafts, _words(drafts, name), strict=True) if drafts[0].text else ():
        path = _write_file(workspace, comparison, words, draft.text)
        undo.callback(path.unlink, missing_ok=True)
        written.append(draft.written_to(path))
    written = written or list(drafts)
    if not (generation.offline or state_file.exists(workspace)):
        return tuple(written), False
    version = written[-1].version or before
    undo.callback(state_file.restore, workspace, state_file.content(workspace))
    return tuple(written), state_file.update(workspace, state_file.text(workspace, comparison.models, version))


def _words(drafts: Sequence[Draft], name: str | None) -> Iterator[str]:
    """The descriptions in the names of the files: the author's with the concern of each file, else the changes, with the
    concern if they are the same in two files."""
    used: set[str] = set()
    for draft in drafts:
        both = draft.part.comparison.pair
        words = name or describe_changes(changes_between(both.current, both.desired, both.renames))
        if len(drafts) > 1 and (name is not None or words in used):
            words = f"{words} {draft.part.concern}"
        used.add(words)
        yield words


def _write_file(workspace: Workspace, comparison: Comparison, words: str, text: str) -> Path:
    entries = comparison.overview.entries
    used = [int(entry.key) for entry in entries if entry.kind is filename.Kind.VERSIONED]
    return directory.write_new(workspace.folder, lambda taken: version_name(words, taken, used), text)
