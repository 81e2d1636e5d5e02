"""Schema of a database with what will change about it, as diagrams and ``report`` show it.

1. What there is: the database; without it the state file, or else the models.
2. What the pending files change: the schema after them, from the scratch database in which ``check`` has run them.
3. What the models say beyond that, for which there is no file yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

from dbwarden.core.change import Rename, after_renames
from dbwarden.core.diagram import Diagram, diagram
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.diff import diff
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Schema
from dbwarden.core.types import Ref
from dbwarden.errors import ConnectionFailed, MissingDriver, PendingMigrations

from . import state_file
from .check import Examination
from .check_db import all_namespaces, without_own_tables
from .comparison import Comparison
from .models import import_models
from .workspace import Workspace

DATABASE = "database"


@dataclass(frozen=True)
class PicturedSchema:
    """A schema before and after all changes."""

    dialect: Dialect
    before: Schema
    after: Schema
    source: str
    """Where ``before`` is from: ``database``, ``models``, the path of the state file, or empty if there is nothing."""
    renames: tuple[Rename, ...] = ()
    unwritten: frozenset[Ref] = frozenset()
    """Objects and columns that change without a file."""
    notes: tuple[str, ...] = ()

    def diagram(self) -> Diagram:
        """The diagram of it."""
        return diagram(self.before, self.after, self.dialect, self.renames, self.unwritten)


def read_schema(workspace: Workspace, *, offline: bool = False) -> PicturedSchema:
    """Read the schema of the database, or with ``offline`` of the state file or else the models; nothing changes.

    Raises ``ConnectionFailed``, ``MissingDriver``, ``ConfigurationError``.
    """
    if offline:
        return _without_database(workspace)
    with workspace.connect(read_only=True) as conn:
        dialect = workspace.dialect_for(conn)
        schema = workspace.ignored(dialect).hide(dialect.inspect(conn, Scope(all_namespaces(conn, dialect))))
    schema = without_own_tables(schema)
    return PicturedSchema(dialect, schema, schema, DATABASE)


def read_schema_if_possible(workspace: Workspace, *, offline: bool = False) -> PicturedSchema:
    """``read_schema`` that goes on without a database, with a note, if it cannot be reached."""
    try:
        return read_schema(workspace, offline=offline)
    except (ConnectionFailed, MissingDriver) as error:
        pictured = _without_database(workspace)
        return replace(pictured, notes=(f"The database was not asked: {error.message}", *pictured.notes))


def _without_database(workspace: Workspace) -> PicturedSchema:
    dialect = state_file.dialect_of(workspace)
    if state_file.exists(workspace):
        schema, source = state_file.read(workspace).migrated, workspace.state_name
    elif workspace.database.model_paths:
        schema, source = import_models(workspace).schema(dialect), "models"
    else:
        note = (
            "There is neither a state file nor are there models (model_paths): nothing is known without the database."
        )
        return PicturedSchema(dialect, Schema(), Schema(), "", notes=(note,))
    schema = without_own_tables(workspace.ignored(dialect).hide(schema))
    return PicturedSchema(dialect, schema, schema, source)


def with_changes(workspace: Workspace, pictured: PicturedSchema, examination: Examination) -> PicturedSchema:
    """``pictured`` with the effects of the pending files and of the models, as ``check`` has found them."""
    pending = _pending(examination)
    comparison = examination.comparison
    if comparison is None:
        return _with_pending_only(workspace, pictured, pending) if pending and pictured.source == DATABASE else pictured
    pair = comparison.pair
    if pictured.source not in (DATABASE, workspace.state_name):
        return pictured  # the models: what they lack is not known
    renames = _renames(pending)
    built = _built(comparison)
    between = _after_pending(pictured.before, built, renames, pending) if pending else pictured.before
    changes = diff(pair.current, pair.desired, pair.renames)
    after = reduce(lambda schema, change: change.apply(schema), changes, between)
    return replace(
        pictured,
        after=after,
        renames=(*renames, *pair.renames),
        unwritten=frozenset(change.ref for change in changes),
    )


def _pending(examination: Examination) -> tuple[MigrationFile, ...]:
    if examination.live is None:
        return ()
    return tuple(entry.file for entry in examination.live.overview.pending if entry.file is not None)


def _renames(pending: Sequence[MigrationFile]) -> tuple[Rename, ...]:
    return tuple(rename for file in pending for rename in file.renames)


def _built(comparison: Comparison) -> Schema:
    """All that the comparison saw behind the pending files."""
    return Schema({**dict(comparison.pair.current.items()), **dict(comparison.pair.left_alone.items())})


def _after_pending(
    before: Schema, built: Schema, renames: Sequence[Rename], pending: Sequence[MigrationFile]
) -> Schema:
    """``before`` with what ``built`` has otherwise, where a pending file mentions it.

    The scratch database has the rest too, but what it cannot have (other projects' objects, roles) is no change.
    """
    text = "\n".join(file.text for file in pending).casefold()
    renamed = after_renames(before, renames)

    def mentioned(ref: Ref) -> bool:
        return (ref.table or ref.name).casefold() in text

    schemas = {None, *(ref.schema for ref in built)}
    gone = [ref for ref in renamed if ref not in built and ref.schema in schemas and mentioned(ref)]
    changed = [item for ref, item in built.items() if renamed.get(ref) != item and mentioned(ref)]
    return renamed.without(*gone).put(*changed)


def _with_pending_only(
    workspace: Workspace, pictured: PicturedSchema, pending: Sequence[MigrationFile]
) -> PicturedSchema:
    """The effects of the pending files where there are no models; they run in a scratch database."""
    from .pending import schema_after_pending  # deferred: most projects have models

    try:
        with workspace.connect(read_only=True) as conn:
            dialect = workspace.dialect_for(conn)
            records = workspace.records(conn, workspace.files_if_any())
            sides = (pictured.before, pictured.before)
            schemas = sorted({ref.schema for ref in pictured.before if ref.schema})
            built, _, _ = schema_after_pending(workspace, dialect, conn, sides, records, schemas)
    except PendingMigrations as error:
        return replace(
            pictured, notes=(*pictured.notes, f"The schema after the pending files is unknown: {error.reason}")
        )
    renames = _renames(pending)
    after = _after_pending(pictured.before, without_own_tables(built), renames, pending)
    return replace(pictured, after=after, renames=renames)
