"""Proof of a generated migration: it is run in a scratch database before the file is written.

1. ``affected_subset`` reduces both schemas to the objects that the changes touch or depend on.
2. The current schema is built in a scratch database.
3. Upgrade: the schema must equal that of the models, and no view or trigger may break.
4. Rollback: the schema must equal the one before.
5. Upgrade again: the schema must equal that after the first upgrade.
6. If a type changes, ``compare_rows`` does the same with example rows.

If a step fails because of the migration, ``ProofFailed`` is raised. If the scratch database is the cause, the outcome is
*unproven*, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from dbwarden import dialects
from dbwarden.core import file as migration_file
from dbwarden.core import kinds
from dbwarden.core.affected_subset import affected_subset
from dbwarden.core.change import Change
from dbwarden.core.change_text import differences
from dbwarden.core.collisions import mapped_views, objects_depending_on, without_tables
from dbwarden.core.dialect import Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Definition, Schema, Table
from dbwarden.core.partitions import partition_refs
from dbwarden.core.plan import Pair, ambiguous_expressions, pair
from dbwarden.core.proof_claim import with_claims
from dbwarden.core.row_effects import SessionReport, lost_data, refused_by_rows, session_dependent_columns
from dbwarden.core.spelling import spell
from dbwarden.core.sqltext import LexicalRules
from dbwarden.core.statement import Effect
from dbwarden.core.types import Ref
from dbwarden.core.unspecified import with_initial_options, with_undescribed_defaults
from dbwarden.errors import DatabaseError, DBWardenError, MigrationFailed, NoScratch, ProofFailed
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.interrupt import Interruption, interruptible
from dbwarden.runtime.scratch_database import ScratchDatabase

from .proof_dependencies import with_other_schemas
from .proof_rows import NOT_COMPARED, RowReport, compare_rows
from .verification import Verification, VerificationStep, namespaces, prepare, rewritten_by, scratch_for
from .workspace import Workspace

LIMIT = 1000
"""Number of statements, with those that build the current schema, up to which a migration is tried out unasked."""
_LISTED = 6
_OURS = "This is a mistake in DBWarden: please report it with the models."
_THEIRS_OR_OURS = (
    "Where metadata.create_all() fails too, correct the models; otherwise this is a mistake in DBWarden: please report it"
    " with them."
)
_INSTEAD = " `--no-proof` writes the file as it is, for you to correct."
_LISTENING = (
    "The models listen to the creation of their tables, and may change then: what they become is not compared. Say it in the"
    " models themselves."
)


@dataclass(frozen=True, slots=True)
class Proof:
    """Outcome of trying out a migration."""

    proven: bool
    text: str
    """``postgresql 15.18, upgrade/rollback/upgrade, schema exact``, or why there is no proof."""

    @property
    def header(self) -> str:
        """Name of the file's header: ``proven`` or ``unproven``."""
        return "proven" if self.proven else "unproven"


NOT_TRIED = Proof(False, "not tried out (--no-proof)")
"""Written as a header too, because that also marks a file as generated (``MigrationFile.generated``)."""


@dataclass(frozen=True, slots=True)
class ProofSubject:
    """What to prove: the statements of ``text`` for ``dialect`` lead from one schema of the pair to the other, and back."""

    dialect: Dialect
    pair: Pair
    changes: tuple[Change, ...]
    size: int
    """Number of statements of the upgrade."""
    text: str
    primary: LexicalRules
    """Lexical rules of the engine that the file is written for."""
    listening: bool = False
    """Whether the models have event listeners for the creation of tables, which may change them."""


def prove_migration(
    workspace: Workspace, subject: ProofSubject, *, asked: bool = False, reachable: bool = True
) -> Proof:
    """Try out a migration on a scratch database and report the outcome.

    A migration above ``LIMIT`` is tried out only with ``asked``. With ``reachable``, the scratch database may be on the
    database's own server. Raises ``ProofFailed`` if the migration does not do what it should.
    """
    part = affected_subset(subject.pair, subject.changes)
    size = subject.size + len(part.current)
    if size > LIMIT and not asked:
        return Proof(False, f"it is large ({size} statements), tried out only with --proof")
    try:
        with interruptible() as stop:
            if not reachable:
                return _prove(workspace, subject, part, None, stop)
            with workspace.connect(read_only=True) as conn:
                return _prove(workspace, subject, part, conn, stop)
    except NoScratch as error:
        return Proof(False, f"no scratch database could be had ({error.reasons})")
    except DatabaseError as error:
        return Proof(False, f"the scratch database failed ({error.message})")


def with_headers(file: MigrationFile, proofs: Iterable[Proof]) -> str:
    """Text of a file with the outcome of ``proofs`` in its header, in place of earlier claims."""
    tried = tuple(proofs)
    return with_claims(
        file, [proof.text for proof in tried if proof.proven], [proof.text for proof in tried if not proof.proven]
    )


def _prove(
    workspace: Workspace, subject: ProofSubject, part: Pair, conn: DatabaseConnection | None, stop: Interruption
) -> Proof:
    part = with_other_schemas(part, subject.dialect, conn)
    file = migration_file.parse("0001_new.sql", subject.text, subject.primary, dialects.LEXICAL_RULES)
    with scratch_for(workspace, subject.dialect, conn, stop, [file]) as scratch:
        scratch.expect_owners(part.current, part.desired)
        missing = prepare(scratch, part.current, namespaces(part.current, part.desired)).problems
        if missing:
            return Proof(
                False, f"the present schema could not be built in {scratch.provider} ({_first_names(missing)})"
            )
        if not part.current:  # the file begins with nothing, not even with the extensions that the scratch got
            scratch.drop_preinstalled(part.desired)
        try:
            return _verified(scratch, part, file)
        except ProofFailed as error:
            if not subject.listening or error.cause not in (_OURS, _THEIRS_OR_OURS):
                raise
            raise error.with_cause(_LISTENING) from error


def _verified(scratch: ScratchDatabase, part: Pair, file: MigrationFile) -> Proof:
    broken_before, rows, cause = scratch.broken_objects(), NOT_COMPARED, _THEIRS_OR_OURS
    verification = Verification(scratch, file, rollback=file.irreversible is None)
    try:
        for step, unlike in verification.run():
            match step:
                case VerificationStep.UPGRADE:
                    _expect_usable(scratch, part, broken_before)
                    cause = _OURS
                    unlike = differences_from(scratch, _schema_after_conversions(scratch, part))
                    _expect(scratch, "the upgrade leads to another schema than the models", unlike)
                case VerificationStep.ROLLBACK:
                    _expect(scratch, "the rollback does not lead back", unlike)
                case VerificationStep.AGAIN:
                    _expect(scratch, "the second upgrade leads to another schema", unlike)
                    assert verification.record is not None
                    rows = compare_rows(scratch, part, file, verification.record)
                    altered = tuple(sorted(rows.altered - rows.converted))
                    _expect(scratch, "the rollback does not bring back the rows", altered)
    except MigrationFailed as error:
        name, number = scratch.missing_dependency(error), error.statement
        if name is not None and not _is_defined(name, part, file, scratch.dialect):
            reason = error.reason.splitlines()[0]
            return Proof(False, f"the scratch lacks what statement {number} needs ({reason})")
        cause = _blocking_advice(part, file, error, scratch.dialect) or cause
        raise _failed(scratch, f"statement {error.statement} failed", [error.message], cause) from error
    return Proof(True, _sentence(scratch.dialect, part, file, rows, ("schema exact",)))


def _expect_usable(scratch: ScratchDatabase, part: Pair, before: Collection[Ref]) -> None:
    """Raise ``ProofFailed`` if the upgrade broke a view or trigger; those in ``before`` were broken already."""
    broken = {ref: why for ref, why in scratch.broken_objects().items() if ref not in before}
    if broken:
        details = [f"{ref}: {why}" for ref, why in broken.items()]
        own = tuple(ref for ref in broken if _is_declared(ref, part))
        if own:
            raise _failed(scratch, "what the models declare cannot be used", details, _declaration_advice(own))
        advice = blocking_objects_advice(part, tuple(broken))
        raise _failed(scratch, "the upgrade drops or renames what others stand on", details, advice)


def _blocking_advice(part: Pair, file: MigrationFile, error: MigrationFailed, dialect: Dialect) -> str | None:
    """Advice if the failed statement creates what the models declare, or if views, triggers or functions depend on what it or the
    engine's message names; else None."""
    words = set(_WORD.findall(error.reason))
    number, statements = error.statement, file.upgrade(dialect.name)
    if 0 < number <= len(statements):
        created = dialect.parse(statements[number - 1].text).creates
        declared = tuple(ref for ref in created if _is_declared(ref, part))
        if declared:
            return _declaration_advice(declared)
        words |= {target.name for target in dialect.facts(statements[number - 1].text).targets}
    blocking = objects_depending_on(part.current, words, dialect.features.caseless_names)
    return blocking_objects_advice(part, blocking) if blocking else None


def _is_declared(ref: Ref, part: Pair) -> bool:
    """Whether the migration makes this view, trigger or routine, as the models declare it."""
    wanted = part.desired.get(ref)
    return isinstance(wanted, Definition) and not kinds.of(ref.kind).is_right and part.current.get(ref) != wanted


def _declaration_advice(refs: tuple[Ref, ...]) -> str:
    return f"Correct the declaration of {_named(tuple(map(str, refs)))} in the models: the server refuses what it says."


def blocking_objects_advice(part: Pair, blocking: Sequence[Ref]) -> str:
    """Advice about objects because of which the engine refuses a new migration."""
    stands = "stands" if len(blocking) == 1 else "stand"
    ground = {ref for item in map(part.current.get, blocking) if item is not None for ref in item.uses()}
    gone = [table.ref for table in part.renamed().tables() if table.ref not in part.desired and table.ref in ground]
    flags = " ".join(f"--keep-table {str(ref).partition(' ')[2]}" for ref in gone)
    return (
        f"{_named(tuple(map(str, blocking)))} {stands} in the way. Drop it in a migration of its own (`dbwarden new NAME`), apply"
        " that and generate again; behind it, another one can create it anew."
        + (f" Or leave what it stands on: `{flags}`." if flags else "")
    )


_WORD = re.compile(r"[^\W\d][\w$]*")  # of the engine's message, which is not SQL


def _is_defined(name: str, part: Pair, file: MigrationFile, dialect: Dialect) -> bool:
    """Whether the schemas or the file define ``name``: then the error is in the file, not in the scratch database."""
    statements = (*file.upgrade(dialect.name), *(() if file.irreversible is not None else file.rollback(dialect.name)))
    made = {target.name for statement in statements for target in dialect.facts(statement.text).targets}
    refs = (ref for schema in (part.current, part.desired) for ref in schema)
    known = {ref.name.partition("(")[0] for ref in refs if not kinds.of(ref.kind).is_right}  # which name roles
    return name in made | known


def _schema_after_conversions(scratch: ScratchDatabase, part: Pair) -> Schema:
    """Schema of the models. If a type changes, definitions are taken as the scratch database prints them, with added casts."""
    converted = any(
        isinstance(old, Table) and isinstance(new := part.desired.get(ref), Table) and _is_converted(old, new)
        for ref, old in part.current.items()
    )
    return rewritten_by(part.desired, scratch.inspect(), renamed=converted or bool(part.renames))


def _is_converted(old: Table, new: Table) -> bool:
    return any(name in new.columns and new.columns[name].type != column.type for name, column in old.columns.items())


def differences_from(scratch: ScratchDatabase, desired: Schema, *, everything: bool = True) -> tuple[str, ...]:
    """Differences between the scratch database and ``desired``; without ``everything``, only in objects of ``desired``."""
    scratch.expect_owners(desired)
    current = scratch.inspect()
    features = scratch.dialect.features
    desired = without_tables(desired, mapped_views(current, desired, features))
    desired = with_undescribed_defaults(current, spell(desired, current, features.caseless_names))
    desired = with_initial_options(current, desired, scratch.dialect.options)
    owned = [ref for ref, item in current.items() if everything and not item.derived]
    owned += partition_refs(current) if everything else ()
    both = pair(current, desired, owned)
    ambiguous = ambiguous_expressions(both)
    if ambiguous:
        both = pair(current, scratch.normalize(both.current, desired, ambiguous), owned)
    return differences(both.current, both.desired, scratch.dialect)


def _expect(scratch: ScratchDatabase, problem: str, details: tuple[str, ...]) -> None:
    if details:
        raise _failed(scratch, problem, details)


def _failed(scratch: ScratchDatabase, problem: str, details: Sequence[str], cause: str = _OURS) -> DBWardenError:
    server = scratch.dialect.server.product
    instead = _INSTEAD if cause in (_OURS, _THEIRS_OR_OURS) else ""
    return ProofFailed(
        server=server,
        kind=scratch.provider,
        problem=problem,
        details="\n    ".join(details),
        cause=cause,
        instead=instead,
    )


def proof_header_text(dialect: Dialect, file: MigrationFile, part: Pair, rows: RowReport) -> str:
    """Header text for a file written or edited by hand, between the schemas of ``part``."""
    facts = [dialect.facts(statement.text) for statement in (*file.upgrade(), *file.rollback())]
    moves = any(
        not fact.known or Effect.WRITES_ROWS in fact.effects or fact.effects == {Effect.DELETES_DATA} for fact in facts
    )
    guarantees = ("rollback exact",) if file.irreversible is None else ()
    return _sentence(dialect, part, file, rows, (*guarantees, "changes of rows not judged") if moves else guarantees)


def _sentence(dialect: Dialect, part: Pair, file: MigrationFile, rows: RowReport, guarantees: tuple[str, ...]) -> str:
    """Header text: what was proved, and which data the migration or its rollback loses."""
    back = file.irreversible is None
    inverse = [rename.inverse() for rename in reversed(part.renames)]
    gone = lost_data(part.current, part.desired, dialect, part.renames)
    again = lost_data(part.desired, part.current, dialect, inverse) if back else ()
    sessions = session_dependent_columns(part.current, part.desired, dialect, part.renames)
    filled = {str(ref).partition(" ")[2] for ref in part.filled}
    there = tuple(
        name for name in refused_by_rows(part.current, part.desired, dialect, part.renames) if name not in filled
    )
    here = refused_by_rows(part.desired, part.current, dialect, inverse) if back else ()
    parts = {
        version_of(dialect): True,
        "upgrade/rollback/upgrade" if back else "upgrade only": True,
        **dict.fromkeys(guarantees, True),
        f"executed without {file.runner}": file.runner,
        "rows compared": rows.compared,
        f"upgrade only without rows: {_named(there)}": there,
        f"rollback only without rows: {_named(here)}": here,
        **{
            f"times taken as {zone}: {_named(tuple(names))}": _names_zone(file.text, zone)
            for zone, names in sessions.assumed.items()
        },
        f"values by session settings: {_named(sessions.dependent)}": sessions.dependent,
        f"data lost: {_named(_with_observed_losses(gone, rows, again, sessions))}": _with_observed_losses(
            gone, rows, again, sessions
        ),
        f"data lost on rollback: {_named(again)}": again,
    }
    return ", ".join(text for text, wanted in parts.items() if wanted)


def _names_zone(text: str, zone: str) -> bool:
    """Whether the statements name the zone that conversions assume, or for times of day its offset."""
    return f"TIME ZONE '{zone}'" in text or "'+00'" in text


def _with_observed_losses(
    gone: tuple[str, ...], rows: RowReport, again: tuple[str, ...], sessions: SessionReport
) -> tuple[str, ...]:
    """Losses by the rules of types, and further ones that example rows show."""
    explained = {name.partition(" ")[0] for name in (*gone, *again, *sessions.dependent)}
    return (*gone, *(f"{name} (example rows changed)" for name in sorted(rows.altered) if name not in explained))


def version_of(dialect: Dialect) -> str:
    """Engine and version for a header: ``postgresql 15.18``."""
    return f"{dialect.name} {dialect.server.product.rpartition(' ')[2]}"


def _named(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    if len(names) <= _LISTED:
        return " ".join(names) if len(names) == 1 else " and ".join((", ".join(names[:-1]), names[-1]))
    return f"{', '.join(names[:_LISTED])} and {len(names) - _LISTED} more"


def _first_names(words: Sequence[str]) -> str:
    return "; ".join(words[:3]) + (f"; and {len(words) - 3} more" if len(words) > 3 else "")
