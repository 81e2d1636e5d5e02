"""Schema of the database after its pending files, which are run in a scratch database."""

from __future__ import annotations

from collections.abc import Sequence

from dbwarden.core.dialect import Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Schema
from dbwarden.core.overview import State, state
from dbwarden.core.plan import ambiguous_expressions, pair
from dbwarden.core.record import Record
from dbwarden.core.resolve import resolve_migrate
from dbwarden.core.spelling import spell
from dbwarden.errors import DatabaseError, MigrationFailed, NoScratch, PendingMigrations
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.interrupt import interruptible
from dbwarden.runtime.scratch_database import ScratchDatabase

from .verification import namespaces, prepare, scratch_for
from .workspace import Workspace

Sides = tuple[Schema, Schema]
"""Schema of the database, and schema of the models."""


def pending_files(files: Sequence[MigrationFile], records: Sequence[Record]) -> tuple[MigrationFile, ...]:
    """Versioned files that ``migrate`` would run, in order, including those half applied."""
    return tuple(file for file in resolve_migrate(files, records).to_run if file.version is not None)


def schema_after_pending(
    workspace: Workspace,
    dialect: Dialect,
    conn: DatabaseConnection,
    sides: Sides,
    records: Sequence[Record],
    schemas: Sequence[str] = (),
) -> tuple[Schema, Schema, tuple[MigrationFile, ...]]:
    """Run the pending files in a scratch database; return ``sides`` after them, and these files.

    ``schemas`` are further namespaces to inspect. Expressions are normalised in the scratch database, which has the new
    types. Raises ``PendingMigrations`` with the reason if that fails.
    """
    files = workspace.files_if_any()
    waiting = pending_files(files, records)
    if not waiting:
        return *sides, ()

    def refused(reason: str) -> PendingMigrations:
        named = ", ".join(file.name for file in waiting[:3])
        counted = "1 migration is" if len(waiting) == 1 else f"{len(waiting)} migrations are"
        return PendingMigrations(migrations=counted, files=named, database=workspace.label, reason=reason)

    halves = state(files, records).having(State.FAILED, State.STOPPED)
    if halves:
        raise refused(f"{halves[0].name} stopped in the middle")
    try:
        with interruptible() as stop, scratch_for(workspace, dialect, conn, stop, waiting) as scratch:
            return *_run_pending(scratch, *sides, waiting, schemas), waiting
    except _NotBuilt as error:
        raise refused(f"the present schema could not be built in {error.args[0]}") from error
    except NoScratch as error:
        raise refused(f"no scratch database could be had: {error.reasons}") from error
    except MigrationFailed as error:
        raise refused(f"they fail on an empty database: {error.message.splitlines()[0]}") from error
    except DatabaseError as error:
        raise refused(f"the scratch database failed: {error.message}") from error


class _NotBuilt(Exception):
    """The schema of the database could not be built in the scratch database."""


def _run_pending(
    scratch: ScratchDatabase,
    current: Schema,
    desired: Schema,
    waiting: tuple[MigrationFile, ...],
    schemas: Sequence[str],
) -> Sides:
    scratch.expect_owners(current, desired)
    built = prepare(scratch, current, {*namespaces(current, desired), *schemas})
    if built.problems and not built.elsewhere:
        raise _NotBuilt(f"{scratch.provider}: {built.problems[0]}")
    for file in waiting:
        scratch.upgrade(file)
    current = scratch.inspect()
    current = current.put(*(item for item in built.elsewhere.objects() if item.ref not in current))
    desired = spell(desired, current, scratch.dialect.features.caseless_names)
    both = pair(current, desired, current)
    ambiguous = ambiguous_expressions(both)
    return current, scratch.normalize(both.current, desired, ambiguous) if ambiguous else desired
