"""migrate --sandbox: tries out pending files on a scratch database.

1. Build the present schema in the scratch database, with sample rows if requested.
2. Each file: upgrade, rollback, upgrade; compare the schema and the sample rows (``verification``).
3. After the last file, compare the schema with the models.
4. Run example rows through the last file (``proof_rows``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Schema
from dbwarden.core.overview import state
from dbwarden.core.plan import Pair
from dbwarden.core.record import Record
from dbwarden.core.reflected import adopt_tables, stubs
from dbwarden.core.store import JournalKey
from dbwarden.core.types import Ref
from dbwarden.errors import ConfigurationError, DatabaseError, DBWardenError, Interrupted
from dbwarden.runtime import sample
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.interrupt import interruptible
from dbwarden.runtime.scratch_database import ScratchDatabase
from dbwarden.runtime.stores import journal_store

from .check_db import all_namespaces
from .comparison import owned_objects
from .models import import_models
from .progress import Events, report_work, silent
from .proof import Proof, differences_from, proof_header_text
from .proof_rows import NOT_COMPARED, compare_rows
from .report import INTERNAL
from .verification import Verification, VerificationStep, namespaces, prepare, scratch_for
from .workspace import Workspace

OK, FAILED, UNTRIED = "ok", "FAILED", "-"
_STEPS = ("upgrade", "rollback", "restored", "again")


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """Outcome for one file. A step is ``ok``, ``FAILED``, or ``-`` if it was not tried, for the reason ``irreversible``."""

    file: str
    upgrade: str
    rollback: str
    schema_restored: str
    """Whether the rollback led to the schema before the upgrade."""
    second_upgrade: str
    """Whether a second upgrade led to the schema after the first."""
    irreversible: str | None
    lost_values: tuple[str, ...]
    """Columns whose sample values the rollback did not restore."""
    problems: tuple[str, ...]
    """Failures as text."""
    proof: Proof | None = None
    """Proof for the file's header; ``None`` if a step failed or nothing can be proved."""
    schemas: tuple[Schema, Schema] | None = field(default=None, repr=False, metadata=INTERNAL)
    """Schemas before and after the file."""


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """Outcome of a run on a scratch database; the database itself was only read."""

    server: str
    kind: str
    """Description of the scratch database: ``a temporary database on the same server``."""
    files: tuple[FileOutcome, ...]
    models: str
    """``equal``, ``differ``, or why they were not compared."""
    differences: tuple[str, ...]
    sample_rows: int
    """Number of sample rows that were copied."""
    notes: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """Objects that the scratch database lacked, as text: nothing was tried on them."""
    renewed_proofs: tuple[str, ...] = ()
    """Files whose header had no proof, or that of other statements, and now says what was proved."""

    @property
    def succeeded(self) -> bool:
        """Whether every step that was tried succeeded."""
        return not self.differences and not any(file.problems for file in self.files)


@dataclass(frozen=True, slots=True)
class SandboxPlan:
    """Plan of a sandbox run: ``files`` in order; ``complete``: nothing stays pending after them."""

    workspace: Workspace
    dialect: Dialect
    conn: DatabaseConnection
    files: Sequence[MigrationFile]
    complete: bool
    with_data: int = 0
    events: Events = silent


def try_out(pending: SandboxPlan) -> SandboxReport:
    """Run each file's upgrade, rollback and upgrade on a scratch database, one file after the other.

    Raises ``NoScratch``, ``SandboxNotEmpty``, ``Interrupted``.
    """
    with (
        interruptible() as stop,
        scratch_for(pending.workspace, pending.dialect, pending.conn, stop, pending.files) as scratch,
    ):
        run = _SandboxRun(pending, scratch)
        run.prepare()
        files = tuple(run.files())
        whole = len(files) == len(pending.files) and not any(file.problems for file in files)
        models, differences = run.models() if whole else ("not compared: not all files ran", ())
        files = run.with_rows(files) if whole else files
        return SandboxReport(
            scratch.dialect.server.product,
            scratch.provider,
            files,
            models,
            differences,
            run.rows,
            tuple(run.notes),
            tuple(run.missing),
        )


@dataclass
class _SandboxRun:
    """A run of the pending files in a scratch database."""

    pending: SandboxPlan
    scratch: ScratchDatabase
    rows: int = 0
    notes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    desired: Schema | None = None
    reflected: frozenset[Ref] = frozenset()
    """Tables of the models whose columns are reflected from the database."""
    unread: str = ""
    last: tuple[MigrationFile, Record, Pair] | None = None
    """The last file, if all its steps ran, with the event of its last upgrade."""

    def prepare(self) -> None:
        """Build the present schema, with sample rows if requested. Objects that cannot be built are reported: the files may
        not need them."""
        self._read_models()
        self.notes += [
            f"{file.name} runs through {file.runner} on the database; here its statements were executed as plain ALTER TABLE"
            for file in self.pending.files
            if file.runner is not None and self.pending.workspace.variant is None
        ]
        with report_work(self.pending.events, "building the scratch database"):
            self._build()

    def _build(self) -> None:
        pending, scratch = self.pending, self.scratch
        now = pending.dialect.inspect(pending.conn, Scope(all_namespaces(pending.conn, pending.dialect)))
        built = prepare(scratch, now, namespaces(now, self.desired or Schema()))
        self.missing += [
            f"{object_name} could not be built in the scratch: {why}" for object_name, why in built.refused.items()
        ]
        self.missing += [f"The scratch is not quite like the database: {difference}" for difference in built.unlike]
        if pending.with_data:
            copied = sample.fill(pending.conn, scratch.conn, pending.dialect, now, pending.with_data)
            self.rows = sum(copied.rows.values())
            self.notes += copied.notes

    def _read_models(self) -> None:
        workspace = self.pending.workspace
        if workspace.variant is not None:
            self.unread = "not compared: files run in the words of another engine"
        elif not workspace.database.model_paths:
            self.unread = "not compared: the configuration names no models"
        else:
            try:
                models = import_models(workspace)
                self.desired, self.reflected = models.schema(self.pending.dialect), models.reflected
            except ConfigurationError as error:
                self.unread = f"not compared: {error.message}"

    def models(self) -> tuple[str, tuple[str, ...]]:
        """Compare the schema after all files with the models, without objects that the models do not describe."""
        if self.desired is None:
            return self.unread, ()
        if not self.pending.complete:
            return "not compared: other files stay pending", ()
        differences = differences_from(self.scratch, self._with_tables_of_others(self.desired), everything=False)
        return ("differ" if differences else "equal"), differences

    def _with_tables_of_others(self, desired: Schema) -> Schema:
        """``desired`` with tables that the models do not describe in full as the scratch database has them."""
        current, caseless = self.scratch.inspect(), self.pending.dialect.features.caseless_names
        theirs = stubs(desired, current, (), caseless)
        if theirs:
            theirs = stubs(desired, current, self._owned_objects(), caseless)
        return adopt_tables(desired, current, (*self.reflected, *theirs), caseless)

    def _owned_objects(self) -> frozenset[Ref]:
        """Objects that the applied and the pending files create."""
        workspace, conn = self.pending.workspace, self.pending.conn
        files = workspace.files_if_any()
        overview = state(files, workspace.records(conn, files))
        events = workspace.divided_history(conn, files, rollback_sql=True)
        return owned_objects(self.pending.dialect, overview, events.ours, self.pending.files)

    # -- files

    def files(self) -> list[FileOutcome]:
        """Try out the files in order, up to the first that fails."""
        done: list[FileOutcome] = []
        for file in self.pending.files:
            with report_work(self.pending.events, f"trying out {file.name}"):
                tried = self._file(file)
            done.append(tried)
            if tried.upgrade == FAILED or FAILED in (tried.rollback, tried.second_upgrade):
                break
        return done

    def _file(self, file: MigrationFile) -> FileOutcome:
        unfinished, rows, outcome = self._resume(file), self._contents(), _Outcome(file)
        reversible = file.irreversible is None and not unfinished
        verification = Verification(self.scratch, file, rollback=reversible)
        try:
            for step, unlike in verification.run():
                outcome.record_success(step, unlike)
                if step is VerificationStep.ROLLBACK:
                    outcome.lost = self._lost_columns(rows)
        except (Interrupted, DatabaseError):  # the scratch database failed, not the file
            raise
        except DBWardenError as error:
            outcome.record_failure(verification.step, error)
            return outcome.result()
        if file.version is None:
            return outcome.result()
        both = Pair(verification.before, verification.after, (), file.renames)
        if reversible and verification.record is not None:
            self.last = (file, verification.record, both)
        elif not reversible:
            outcome.reason = file.irreversible or "an earlier run stopped in the middle of it"
        return self._proven(outcome, both) if not unfinished else outcome.result()

    def _proven(self, outcome: _Outcome, both: Pair) -> FileOutcome:
        """The file's result with the proof for its header."""
        tried = outcome.result()
        if tried.problems:
            return tried
        proof = Proof(True, proof_header_text(self.scratch.dialect, outcome.file, both, NOT_COMPARED))
        if self.missing:
            proof = Proof(False, f"the scratch was not all that the database is ({'; '.join(self.missing[:3])})")
        return replace(tried, proof=proof, schemas=(both.current, both.desired))

    def with_rows(self, files: tuple[FileOutcome, ...]) -> tuple[FileOutcome, ...]:
        """Run example rows through the last file; the scratch database cannot be used afterwards."""
        if self.last is None or not files or files[-1].proof is None or not files[-1].proof.proven:
            return files
        file, record, both = self.last
        rows = compare_rows(self.scratch, both, file, record)
        if not rows.compared:
            return files
        proof = Proof(True, proof_header_text(self.scratch.dialect, file, both, rows))
        return (*files[:-1], replace(files[-1], proof=proof))

    def _resume(self, file: MigrationFile) -> bool:
        """Copy the journal of an interrupted run of the file, whose finished statements are in the present schema. Returns
        whether there was one."""
        try:
            journal = journal_store(self.pending.conn, self.pending.dialect, self.pending.workspace.tables)
            entries = journal.read(JournalKey(file.key, "upgrade"))
        except DatabaseError:  # there is no journal yet
            return False
        if not entries:
            return False
        self.scratch.resume_from(file, entries)
        return True

    def _contents(self) -> Mapping[str, object]:
        return sample.contents(self.scratch.conn, self.scratch.dialect, self.scratch.inspect()) if self.rows else {}

    def _lost_columns(self, before: Mapping[str, object]) -> tuple[str, ...]:
        now = self._contents() if before else {}
        return tuple(name for name, values in before.items() if now.get(name) != values)


@dataclass
class _Outcome:
    """Outcome of the steps of one file."""

    file: MigrationFile
    steps: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    lost: tuple[str, ...] = ()
    reason: str | None = None

    def record_success(self, step: VerificationStep, unlike: Sequence[str]) -> None:
        """Record a step that has run; ``unlike`` are the differences of its schema from the expected one."""
        self.steps[step.value] = OK
        if step is VerificationStep.ROLLBACK:
            self._expect("restored", "the rollback does not lead back", unlike)
        elif step is VerificationStep.AGAIN:
            run = "upgrade" if self.file.version is not None else "run"
            self._expect("again", f"a second {run} leads to another schema", unlike)

    def _expect(self, name: str, problem: str, unlike: Sequence[str]) -> None:
        self.steps[name] = FAILED if unlike else OK
        self.problems += [f"{problem}: {difference}" for difference in unlike]

    def record_failure(self, step: VerificationStep, error: DBWardenError) -> None:
        """Record a step that failed."""
        self.steps[step.value] = FAILED
        name = "second upgrade" if step is VerificationStep.AGAIN else step.value
        self.problems.append(f"{name}: {error.message}")

    def result(self) -> FileOutcome:
        """The report of the file."""
        upgrade, rollback, restored, again = (self.steps.get(name, UNTRIED) for name in _STEPS)
        problems = tuple(
            f"{self.file.name}: {problem}" if not problem.count(self.file.name) else problem
            for problem in self.problems
        )
        return FileOutcome(self.file.name, upgrade, rollback, restored, again, self.reason, self.lost, problems)
