"""make-rollback: writes the missing rollback section of a migration file, tried out before it is written.

1. Build the schema before the file in a scratch database: for a pending file the present one and the pending files before it,
   for an applied one all files before it.
2. Run the upgrade, and compare the schemas before and after it: the way back is printed as for a generated migration.
3. Run the rollback and the upgrade again; both schemas must be as before, and example rows as in a proof.
4. Write the section. All other bytes of the file stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dbwarden import dialects
from dbwarden.core import file as migration_file
from dbwarden.core.change_text import differences
from dbwarden.core.data_move_placeholder import OPENING
from dbwarden.core.ddl.origins import Origins
from dbwarden.core.dialect import Dialect, Prefs, Scope
from dbwarden.core.file import MigrationFile
from dbwarden.core.migration_names import find
from dbwarden.core.model import Schema
from dbwarden.core.plan import Pair, plan
from dbwarden.core.record import Record, last_events
from dbwarden.core.resolve import resolve_migrate
from dbwarden.core.rollback_section import with_rollback
from dbwarden.core.row_effects import lost_data
from dbwarden.core.statement import Effect
from dbwarden.core.types import Ref
from dbwarden.core.written_renames import written_renames
from dbwarden.errors import (
    FolderError,
    MigrationFailed,
    NoRollbackMade,
    NoScratch,
    RollbackExists,
    UnfinishedUpgrade,
    Unsupported,
    UsageError,
)
from dbwarden.runtime import directory
from dbwarden.runtime.interrupt import interruptible
from dbwarden.runtime.scratch_database import ScratchDatabase

from .check_db import all_namespaces
from .dev import uses_other_engine
from .progress import Events, report_work, silent
from .proof_rows import compare_rows
from .verification import namespaces, prepare, rewritten_by, scratch_for
from .workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class MakeRollbackReport:
    """A written rollback section."""

    database: str
    file: str
    path: Path
    rollback: tuple[str, ...]
    """Statements of the new section."""
    not_restored: tuple[str, ...]
    """What the rollback does not bring back, with the reason: rows that the upgrade changes or deletes."""
    proof: str
    """What was tried out, and where."""
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the rollback brings back all that the upgrade changes."""
        return not self.not_restored


def make_rollback(
    name: str,
    database: str | None = None,
    *,
    force: bool = False,
    config: str | None = None,
    dev: bool = False,
    events: Events = silent,
) -> MakeRollbackReport:
    """Write the ``-- rollback`` section of a versioned file, computed from its upgrade and tried out in a scratch database.

    ``name`` is a version, a file name or a path. A section with statements is only replaced with ``force``, and never that
    of an applied file. Raises ``NoRollbackMade`` with the reasons if nothing was written, ``RollbackExists``, ``UsageError``,
    ``UnknownVersion``, ``UnfinishedUpgrade``, ``NoScratch``, ``FolderError``.
    """
    workspace = open_workspace(config, database, dev=dev)
    if uses_other_engine(workspace):
        raise UsageError("make-rollback runs what production runs: leave --dev away")
    files = workspace.files()
    file = next((one for one in files if one.name == Path(name).name), None) or find(files, name)
    with workspace.connect(read_only=True) as conn:
        records = workspace.records(conn, files)
        applied = _ensure_possible(file, records, force)
        dialect = workspace.dialect_for(conn)
        earlier = _files_before(file, files, records, applied)
        base = Schema() if applied else dialect.inspect(conn, Scope(all_namespaces(conn, dialect)))
        with interruptible() as stop, scratch_for(workspace, dialect, conn, stop, [*earlier, file]) as scratch:
            with report_work(events, "building the scratch database"):
                _build(scratch, base, earlier, file)
            with report_work(events, f"trying out {file.name}"):
                return _written(workspace, scratch, file)


def _ensure_possible(file: MigrationFile, records: Sequence[Record], force: bool) -> bool:
    """Whether the file is applied. Raises if it cannot get a rollback section."""
    if file.version is None:
        raise UsageError(f"{file.name} runs again and again: there is no way back from it")
    if file.irreversible is not None:
        raise UsageError(
            f"{file.name} states that it is irreversible: {file.irreversible}",
            hint="Remove the line `-- irreversible` first.",
        )
    last = last_events(records).get(file.identity)
    if last is not None and last.unfinished_upgrade:
        raise UnfinishedUpgrade.of(last.file, last.statements_done, last.statements_total)
    applied = last is not None and last.in_effect
    if file.rollback() and applied:
        raise UsageError(f"{file.name} is applied and has a rollback: it is not replaced, also not with --force")
    if file.rollback() and not force:
        raise RollbackExists(file=file.name)
    return applied


def _files_before(
    file: MigrationFile, files: Sequence[MigrationFile], records: Sequence[Record], applied: bool
) -> tuple[MigrationFile, ...]:
    """The versioned files that run before the file: all of them, or the pending ones."""
    pending = [one for one in resolve_migrate(files, () if applied else records).to_run if one.version is not None]
    if file not in pending:
        raise UsageError(f"{file.name} is not among the files that `migrate` would run")
    return tuple(pending[: pending.index(file)])


def _build(scratch: ScratchDatabase, base: Schema, earlier: Sequence[MigrationFile], file: MigrationFile) -> None:
    """Build the schema before the file. Raises ``NoScratch``, ``NoRollbackMade``."""
    problems = prepare(scratch, base, namespaces(base)).problems
    if problems:
        raise NoScratch(reasons=f"the present schema could not be built in {scratch.provider}: {'; '.join(problems)}")
    try:
        for one in earlier:
            scratch.upgrade(one)
    except MigrationFailed as error:
        raise _refusal(file, [f"a file before it fails on an empty database: {error.message}"]) from error
    known = {ref.name for ref in scratch.inspect() if ref.kind == "namespace"}
    named = {
        target.schema or (target.name if target.kind == "namespace" else "")
        for statement in file.upgrade()
        for target in scratch.dialect.facts(statement.text).targets
    }
    default = scratch.dialect.server.default_schema
    scratch.schemas = tuple(sorted({*scratch.schemas, *known, *named} - {"", default or ""}))


def _written(workspace: Workspace, scratch: ScratchDatabase, file: MigrationFile) -> MakeRollbackReport:
    before = scratch.inspect()
    try:
        record = scratch.upgrade(replace(file, headers={**file.headers, "irreversible": "no rollback yet"}))
    except MigrationFailed as error:
        raise _refusal(file, [f"its upgrade fails: {error.message}"]) from error
    both = _pair(scratch.dialect, file, before, scratch.inspect())
    statements = _rollback(scratch.dialect, file, both)
    text = with_rollback(file, statements)
    completed = migration_file.parse(file.name, text, file.lexical_rules, dialects.LEXICAL_RULES)
    changed_rows = _prove(scratch, completed, record, both)
    _write(workspace, file, text)
    return MakeRollbackReport(
        database=workspace.label,
        file=file.name,
        path=workspace.folder / file.name,
        rollback=statements,
        not_restored=(*_not_restored(scratch.dialect, file, both, statements), *changed_rows),
        proof=f"{scratch.dialect.server.product}, {scratch.provider}: upgrade, rollback, upgrade; schema exact",
        notes=("Its header claims a proof without this section: `dbwarden check --prove` renews it",)
        if file.generated
        else (),
    )


def _pair(dialect: Dialect, file: MigrationFile, before: Schema, after: Schema) -> Pair:
    statements = [dialect.parse(statement.text) for statement in file.upgrade()]
    features, default = dialect.features, dialect.server.default_schema
    renames = file.renames or written_renames(statements, (before, after), features.caseless_names, default)
    return Pair(before, after, (), renames)


def _rollback(dialect: Dialect, file: MigrationFile, both: Pair) -> tuple[str, ...]:
    """The statements of the way back. Raises ``NoRollbackMade``."""
    try:
        made = plan(both, dialect, Prefs(online=file.transaction != "on"))
    except Unsupported as error:
        raise _refusal(file, [error.message]) from error
    reasons = list(made.irreversible())
    if not made:
        reasons = [*_changed_rows(dialect, file), "the schema is the same before and after it"]
    if reasons:
        raise _refusal(file, reasons)
    return made.rollback()


def _refusal(file: MigrationFile, reasons: Sequence[str]) -> NoRollbackMade:
    advice = "Write the section by hand, or state `-- irreversible: <reason>` before `-- upgrade`."
    return NoRollbackMade(file=file.name, reasons="; ".join(reasons), advice=advice)


def _prove(scratch: ScratchDatabase, file: MigrationFile, record: Record, both: Pair) -> tuple[str, ...]:
    """Run the rollback and the upgrade again. Returns columns of which example rows change; raises ``NoRollbackMade``."""
    try:
        scratch.rollback(file, record)
        restored = scratch.inspect()
        expected = rewritten_by(both.current, restored, renamed=bool(both.renames))
        unlike = differences(restored, expected, scratch.dialect)
        if unlike:
            raise _refusal(file, [f"the computed rollback does not lead back: {'; '.join(unlike)}"])
        record = scratch.upgrade(file)
        again = scratch.inspect()
        unlike = differences(again, rewritten_by(both.desired, again, renamed=True), scratch.dialect)
        if unlike:
            raise _refusal(file, [f"a second upgrade leads to another schema: {'; '.join(unlike)}"])
    except MigrationFailed as error:
        raise _refusal(file, [f"the computed rollback fails: {error.message}"]) from error
    rows = compare_rows(scratch, both, file, record)
    return tuple(f"{name}: example rows changed, because the type changes" for name in sorted(rows.altered))


# -- what stays lost ----------------------------------------------------------------------------------------------


def _not_restored(dialect: Dialect, file: MigrationFile, both: Pair, statements: Sequence[str]) -> Iterator[str]:
    for name in lost_data(both.current, both.desired, dialect, both.renames):
        yield f"{name}: the upgrade deletes its data"
    yield from _changed_rows(dialect, file)
    if any(OPENING in statement for statement in statements):
        yield f"the rollback has a marked place for moved rows ({OPENING!r}): complete it"


def _changed_rows(dialect: Dialect, file: MigrationFile) -> Iterator[str]:
    """Statements of the upgrade that change rows of tables which existed before the file."""
    origins = Origins(dialect.features.caseless_names)
    for statement in file.upgrade():
        facts = dialect.facts(statement.text)
        targets: list[Ref] = [ref for ref in facts.targets if ref.kind != "table" or origins.table(ref) is not None]
        changes = Effect.WRITES_ROWS in facts.effects or facts.effects == {Effect.DELETES_DATA}
        if (changes or not facts.known) and (targets or not facts.targets):
            action = facts.action or statement.text.split(None, 1)[0].upper()
            names = ", ".join(ref.name for ref in targets)
            yield f"line {statement.line} ({' '.join((action, names)).strip()}): what it does to rows is not undone"
        origins.follow(dialect.parse(statement.text))


# -- the file -----------------------------------------------------------------------------------------------------


def _write(workspace: Workspace, file: MigrationFile, text: str) -> None:
    """Write the file's new text behind its byte order mark. Raises ``FolderError``, also if the file has changed meanwhile."""
    path = workspace.folder / file.name
    try:
        current = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise FolderError(folder=path, reason=error.strerror or str(error)) from error
    if current.removeprefix("\ufeff") != file.text:
        raise FolderError(folder=path, reason="it was changed while it was tried out; run make-rollback again")
    mark = "\ufeff" if current.startswith("\ufeff") else ""
    directory.replace(path, mark + text)
