"""check --prove: tries out a pending file again, and rewrites its header."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dbwarden.core.change import Change
from dbwarden.core.diff import diff
from dbwarden.core.file import MigrationFile
from dbwarden.core.migration_names import find
from dbwarden.core.plan import Pair, pair
from dbwarden.core.proof_claim import ProofStatus, claim
from dbwarden.core.record import Record, last_events
from dbwarden.core.resolve import Resolution, ensure_clean, ensure_written, resolve_migrate
from dbwarden.errors import ConfigurationError, FolderError, ProofFailed, UnfinishedUpgrade, UsageError
from dbwarden.runtime import directory

from .dev import uses_other_engine
from .models import import_models
from .progress import Events, silent
from .proof import Proof, ProofSubject, prove_migration, with_headers
from .sandbox import FileOutcome, SandboxPlan, SandboxReport, try_out
from .workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class ProveReport:
    """Outcome of proving one file."""

    database: str
    file: str
    path: Path
    proofs: tuple[Proof, ...]
    """Proofs in the header, first of the migration, then of its variants; empty if a step failed."""
    problems: tuple[str, ...]
    """Failures as text; if there are any, the file is unchanged."""
    notes: tuple[str, ...]

    @property
    def succeeded(self) -> bool:
        """Whether every step succeeded."""
        return not self.problems


def prove(
    name: str,
    database: str | None = None,
    *,
    config: str | None = None,
    dev: bool = False,
    events: Events = silent,
) -> ProveReport:
    """Try out a pending file on a scratch database, after those that run before it, and rewrite its header.

    ``name`` is a version, a file name or a path. Nothing is applied. Raises ``UnknownVersion``, ``UsageError`` for a file
    that is applied or has no version, ``UnfinishedUpgrade`` for one that stopped half-way, ``NoScratch``, ``FolderError``
    if the file cannot be written.
    """
    return prove_file(open_workspace(config, database, dev=dev), name, events)


def prove_file(workspace: Workspace, name: str, events: Events = silent) -> ProveReport:
    """Prove as ``prove`` does, in a project that is open already."""
    if uses_other_engine(workspace):
        raise UsageError("--prove tries out what production runs: leave --dev away")
    files = workspace.files()
    wanted = next((file for file in files if file.name == Path(name).name), None) or find(files, name)
    with workspace.connect(read_only=True) as conn:
        records = workspace.records(conn, files)
        to_run, complete = _up_to(wanted, resolve_all(files, records))
        _ensure_not_begun(wanted, records)
        pending = SandboxPlan(workspace, workspace.dialect_for(conn), conn, to_run, complete, events=events)
        report = try_out(pending)
    tried = report.files[-1]
    problems = tuple(problem for file in report.files for problem in file.problems)
    proofs: tuple[Proof, ...] = ()
    if not problems and tried.proof is not None:
        try:
            proofs = (tried.proof, *_variants(workspace, wanted, tried))
        except ProofFailed as error:
            problems = (error.message,)
        else:
            rewrite(workspace, wanted, proofs)
    path = workspace.folder / wanted.name
    return ProveReport(workspace.label, wanted.name, path, proofs, problems, _notes(report))


def resolve_all(files: Sequence[MigrationFile], records: Sequence[Record]) -> Resolution:
    """Files that ``migrate`` would run. Raises if files and history disagree."""
    resolution = resolve_migrate(files, records)
    ensure_clean(resolution)
    ensure_written(resolution.to_run)
    return resolution


def _up_to(wanted: MigrationFile, resolution: Resolution) -> tuple[tuple[MigrationFile, ...], bool]:
    """Files up to and including the file, in order, and whether nothing is pending after it."""
    if wanted.version is None:
        raise UsageError(f"{wanted.name} runs again and again: there is no way back that could be proven")
    pending = [file for file in resolution.to_run if file.version is not None]
    if wanted not in pending:
        raise UsageError(f"{wanted.name} is applied: only a pending file can be proven, before it runs")
    at = pending.index(wanted)
    return tuple(pending[: at + 1]), at + 1 == len(pending)


def _ensure_not_begun(file: MigrationFile, records: Sequence[Record]) -> None:
    """Raise ``UnfinishedUpgrade`` if an earlier run stopped half-way: only the rest of the file could be tried out."""
    last = last_events(records).get(file.identity)
    if last is not None and last.unfinished_upgrade:
        raise UnfinishedUpgrade.of(last.file, last.statements_done, last.statements_total)


def _notes(report: SandboxReport) -> tuple[str, ...]:
    compared = (f"Models: {report.models}",) if report.models != "equal" else ()
    return (*report.missing, *report.notes, *compared, *report.differences)


_RENEWED = (ProofStatus.STALE, ProofStatus.UNBOUND, ProofStatus.UNPROVEN)


def renew(workspace: Workspace, files: Sequence[MigrationFile], report: SandboxReport) -> tuple[str, ...]:
    """Rewrite the headers of tried files that claim no proof, or one of other statements. Returns their names."""
    named = {file.name: file for file in files}
    renewed = []
    for tried in report.files:
        file = named[tried.file]
        if tried.proof is None or not tried.proof.proven or claim(file) not in _RENEWED:
            continue
        try:
            proofs = (tried.proof, *_variants(workspace, file, tried))
        except ProofFailed:  # `check --prove` reports it
            continue
        rewrite(workspace, file, proofs)
        renewed.append(file.name)
    return tuple(renewed)


# -- variants -----------------------------------------------------------------------------------------------------


def _variants(workspace: Workspace, file: MigrationFile, tried: FileOutcome) -> Iterable[Proof]:
    """Proofs of the file's variants, between the translations of the schemas before and after it."""
    for engine in file.engines:
        subject = _variant(workspace, file, tried, engine)
        if subject is None:
            yield Proof(
                False, f"{engine}: it is not the engine of the dev database, so that nothing translates its schema"
            )
        else:
            proof = prove_migration(workspace, subject, asked=True, reachable=False)
            yield proof if proof.proven else Proof(False, f"{engine}: {proof.text}")


def _variant(workspace: Workspace, file: MigrationFile, tried: FileOutcome, engine: str) -> ProofSubject | None:
    from .variant import interpretation  # deferred: it needs SQLAlchemy

    assert tried.schemas is not None
    if workspace.database.dev_database_type != engine:
        return None
    try:
        tables = import_models(workspace).discovered.tables
    except ConfigurationError:
        tables = ()
    speech = interpretation(workspace, workspace.dialect, tables)
    if speech is None:
        return None
    before, after = tried.schemas
    made = speech.variant(pair(before, after, tuple(before), renames=file.renames))
    return ProofSubject(
        made.dialect, made.pair, _changes(made.pair), len(file.upgrade(engine)), file.text, file.lexical_rules
    )


def _changes(both: Pair) -> tuple[Change, ...]:
    return tuple(diff(both.current, both.desired, both.renames))


# -- the header ---------------------------------------------------------------------------------------------------


def rewrite(workspace: Workspace, file: MigrationFile, proofs: Iterable[Proof]) -> None:
    """Write ``proofs`` into the file's header. Raises ``FolderError``, also if the file has changed meanwhile."""
    path = workspace.folder / file.name
    now = next((candidate for candidate in workspace.files() if candidate.name == file.name), None)
    if now is None or now.text != file.text:
        raise FolderError(folder=path, reason="it was changed while it was tried out; prove it again")
    text = with_headers(file, proofs)
    if text != file.text:
        directory.replace(path, text)
