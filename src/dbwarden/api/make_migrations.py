"""make-migrations: models vs database -> one reviewed file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dbwarden import dialects
from dbwarden.core import file as migration_file
from dbwarden.core.change_text import changes_between
from dbwarden.core.naming import describe_changes
from dbwarden.core.renames import flag
from dbwarden.core.wording import by_session
from dbwarden.errors import MissingRollback, NameTaken
from dbwarden.runtime import directory

from . import state_file
from .blocking import ensure_free
from .changes import ReportedChange, rebuilt_tables, reported
from .comparison import CompareOptions, Comparison, PlannedStep, planned
from .dev import compare_for, stands_in, variant_of
from .losses import DataLoss
from .models import noted
from .new import version_name
from .other_objects import OthersObjects
from .progress import working
from .proof import NOT_TRIED, Proof, ProofSubject, proved, with_headers
from .renaming import RenameCandidate
from .variant import Variant
from .workspace import Workspace, open_workspace


@dataclass(frozen=True)
class GenerationReport:
    """What the models ask for. ``path`` and ``version`` are ``None`` where nothing was written."""

    database: str
    dialect: str
    path: Path | None
    version: str | None
    text: str
    """The whole file; empty where there is nothing to do."""
    steps: tuple[PlannedStep, ...]
    modules: tuple[str, ...]
    tables: tuple[str, ...]
    unowned: tuple[str, ...]
    """What the database has and the models do not describe: left alone."""
    notes: tuple[str, ...]
    against: str
    """What the models were compared with: ``database``, or the state file."""
    renames: tuple[str, ...]
    """What is renamed, as flags; the order is that of the statements."""
    data_losses: tuple[DataLoss, ...]
    """The data that the upgrade destroys, with the number of rows."""
    unfilled: tuple[str, ...]
    """Columns that become NOT NULL, with a marked place in the file where the rows get their values."""
    candidates: tuple[RenameCandidate, ...]
    """What may have been renamed and is dropped and added, because nobody said so."""
    state: Path | None
    """The state file, where it was brought up to date."""
    proof: Proof | None = None
    """What came of trying the migration out; ``None`` where that was not wanted."""
    variant_proof: Proof | None = None
    """The same of its variant for the dev database; ``None`` also where there is none."""
    losses: tuple[str, ...] = ()
    """What the new file brings that has no exact equivalent on the dev database's engine."""
    others: tuple[OthersObjects, ...] = ()
    """What other projects created in the same database: left alone."""
    changes: tuple[ReportedChange, ...] = ()
    """What differs, in words: ``steps`` are how it is done."""
    rebuilt: tuple[str, ...] = ()
    """The tables that are built anew and filled, because ALTER TABLE cannot do what changes."""

    @property
    def empty(self) -> bool:
        """Whether models and database agree."""
        return not self.steps


def make_migrations(
    database: str | None = None,
    name: str | None = None,
    *,
    write: bool = True,
    options: CompareOptions | None = None,
    proof: bool | None = None,
    config: str | None = None,
) -> GenerationReport:
    """Compare the models of a database with the database and write one migration file for what differs.

    ``name`` are the words that the file is named with; without, the changes name it. Nothing is written when nothing
    differs or ``write`` is false. Objects that neither the models nor our history know are left alone, tables among them
    are dropped only with ``drop_unowned``. Offline, the state file stands for the database. Where there is one, it is
    brought up to date, also online.

    It is tried out in a scratch database first, there and back, and its header says what was proved, or why nothing was;
    a large one only with ``proof`` (see ``proof.LIMIT``), none without (``False``).

    Where the dev database is of another engine, the file carries a variant for it, which is tried out as well.

    Raises ``PendingMigrations`` while files wait to be applied, ``ConfigurationError`` for models that cannot be read,
    ``NameTaken``, ``LossyTranslation`` with ``strict_translation``, ``ProofFailed``, ``StandsInTheWay``.
    """
    options = options or CompareOptions()
    if name is not None:
        migration_file.slug(name)
    workspace = open_workspace(config, database, dev=options.dev)
    found = compare_for(workspace, options, after_pending=True)
    if found.collisions:
        raise NameTaken(collisions="; ".join(map(str, found.collisions)))
    other = variant_of(workspace, found, options.strict_translation)
    text = file_text(found, other) if found.plan else ""
    offline = options.offline or stands_in(workspace)
    tried: Tried = (None, None)
    if text and proof is not False:
        with noted(found.notes), working(options.events, "trying out the new migration"):
            tried = _proved(workspace, found, other, text, asked=proof is True, reachable=not offline)
    if text and (write or proof is not False):
        ensure_free(workspace, found, proven=tried[0] is not None and tried[0].proven, reachable=not offline)
        file = migration_file.parse("0001_new.sql", text, found.dialect.lexis, dialects.LEXES)
        text = with_headers(file, [one for one in tried if one is not None] or [NOT_TRIED])
    path, updated = _write(workspace, found, name, text, offline) if write else (None, False)
    return GenerationReport(
        database=workspace.name,
        dialect=found.dialect.name,
        path=path,
        version=migration_file.parse_name(path.name).key if path else None,
        text=text,
        steps=planned(found.plan),
        changes=reported(found.changes),
        rebuilt=rebuilt_tables(found),
        modules=found.models.modules,
        tables=found.tables,
        unowned=found.unowned,
        others=found.others,
        notes=(*found.notes, *_session_notes(found)),
        against=workspace.state_name if options.offline or stands_in(workspace) else "database",
        renames=tuple(map(flag, found.pair.renames)),
        data_losses=found.losses,
        unfilled=found.unfilled,
        candidates=found.candidates,
        state=workspace.database.state_file if updated else None,
        proof=tried[0],
        variant_proof=tried[1],
        losses=tuple(str(loss) for loss in other.fresh) if other is not None else (),
    )


Tried = tuple[Proof | None, Proof | None]
"""The migration, and its variant."""


def _proved(
    workspace: Workspace, found: Comparison, other: Variant | None, text: str, *, asked: bool, reachable: bool
) -> Tried:
    lexis, changes = found.dialect.lexis, tuple(step.change for step in found.plan.steps)
    ours = ProofSubject(
        found.dialect, found.pair, changes, len(found.plan.upgrade()), text, lexis, bool(found.models.events)
    )
    proof = proved(workspace, ours, asked=asked, reachable=reachable)
    if other is None:
        return proof, None
    theirs = ProofSubject(other.dialect, other.pair, other.changes, len(other.upgrade), text, lexis)
    return proof, _about(other.engine, proved(workspace, theirs, asked=asked, reachable=False))


def _session_notes(found: Comparison) -> Iterator[str]:
    """What somebody has to know about conversions that a time zone, or another setting, decides."""
    both = found.pair
    sessions = by_session(both.current, both.desired, found.dialect, both.renames)
    for zone, names in sessions.assumed.items():
        yield (
            f"The times in {', '.join(names)} are taken as {zone}. Where they are those of another zone, write it in place of"
            f" '{zone}', in both sections."
        )
    for name in sessions.dependent:
        yield f"What becomes of {name} is decided by that setting of the session: name the format in USING, or SET it."


def _about(engine: str, proof: Proof) -> Proof:
    """What was proved names its engine; so must what was not, beside the other."""
    return proof if proof.proven else Proof(False, f"{engine}: {proof.text}")


def file_text(found: Comparison, other: Variant | None = None) -> str:
    """The migration file that carries out a plan, with the variant for another engine where there is one."""
    plan = found.plan
    reasons = plan.irreversible()
    rollback = () if reasons else plan.rollback()
    if not rollback and not reasons:
        raise MissingRollback(file="The new migration", reason=f"{plan.steps[0].change.describe()} has no way back")
    headers = {"irreversible": "; ".join(reasons) or None, "renames": found.pair.renames}
    variants = {other.engine: (other.upgrade, other.rollback)} if other is not None else None
    return migration_file.format(plan.upgrade(), rollback, headers, variants, lexis=found.dialect.lexis)


def _write(
    workspace: Workspace, found: Comparison, name: str | None, text: str, offline: bool
) -> tuple[Path | None, bool]:
    """The new file, if any, and whether the state file changed: both are written, or none."""
    before = state_file.version_of(state_file.newest(workspace.files_if_any()))
    path = _write_file(workspace, found, name, text) if text else None
    if not (offline or state_file.exists(workspace)):
        return path, False
    if path is None:
        return None, state_file.update(workspace, state_file.text(workspace, found.models, before))
    version = migration_file.parse_name(path.name).key
    return path, state_file.written(workspace, path, lambda: state_file.text(workspace, found.models, version))


def _write_file(workspace: Workspace, found: Comparison, name: str | None, text: str) -> Path:
    words = name or describe_changes(changes_between(found.pair.current, found.pair.desired, found.pair.renames))
    entries = found.overview.entries
    used = [int(entry.key) for entry in entries if entry.kind is migration_file.Kind.VERSIONED]
    return directory.write_new(workspace.folder, lambda taken: version_name(words, taken, used), text)
