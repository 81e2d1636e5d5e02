"""restore: replaces a database by a backup."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from dbwarden.core.archive import archive_of
from dbwarden.core.dialect import OWN_PREFIX, Dialect
from dbwarden.core.overview import state
from dbwarden.core.own_tables import COLUMNS, LOCK, UNCLAIMED
from dbwarden.core.record import Record, last_events
from dbwarden.core.resolve import unfinished_notes
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError, NotEmpty
from dbwarden.runtime import backup as archives
from dbwarden.runtime import lock
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.row_count import count_rows

from . import backup
from .backup import last_version
from .migration_session import RunOptions, open_migration_session
from .observed_run import RESTORED, observed_run
from .other_projects import other_projects
from .progress import LockUnreleased
from .safety_gate import refuse_unsafe
from .workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """Result of ``restore``. ``duration`` in seconds."""

    database: str
    file: Path
    replaced: bool
    """Whether the database had contents before."""
    version: str | None
    """Highest version now in effect."""
    applied: int
    """Number of migrations now in effect, including repeatable ones."""
    duration: float
    backup: Path | None = None
    """The backup that was made before."""
    notes: tuple[str, ...] = ()
    """Files that were half applied when the backup was made, and are so again."""


_DEFAULT = RunOptions()
_COUNTED, _TABLES = 100_000, 100
"""Rows, and tables with rows, above which rows are estimated instead of counted."""


def restore(
    file: str | Path, database: str | None = None, *, config: str | None = None, options: RunOptions = _DEFAULT
) -> RestoreReport:
    """Replace the whole database, with its history, by a backup, in one transaction where the engine has that.

    The file is checked completely before. Raises ``NoBackup`` for a file that is not a backup of this engine, ``LockHeld``
    while another process has the migration lock, ``NotEmpty`` if data would be lost (see ``RunOptions``); ``RestoreFailed``
    and ``Interrupted`` leave the database unchanged, or say that the same call has to be repeated.
    """
    workspace = open_workspace(config, database, dev=options.dev)
    backup.refuse_one_schema(workspace)
    workspace.require_target()
    with observed_run(workspace, RESTORED, options) as observed:
        return _restore(observed, Path(file).absolute(), options)


def _restore(workspace: Workspace, path: Path, options: RunOptions) -> RestoreReport:
    began = time.monotonic()
    with workspace.connect(read_only=True) as conn:
        dialect = workspace.dialect_for(conn)
        archives.examine(dialect, path, lambda: None)
        contents = _contents(workspace, dialect, conn)
        lock_held = workspace.lock(conn).status().active  # LockHeld, raised below, is then the better error
        if contents and not lock_held:
            listed = f"The restore replaces {contents}"
            refuse_unsafe(NotEmpty(database=workspace.label, contents=contents, listed=listed), options)
        folder = backup.prepare(workspace, dialect, conn, options.backup_dir) if options.with_backup else None
    saved: Path | None = None
    with (
        open_migration_session(workspace, dialect, RESTORED, replace(options, lock_wait=0)) as session,
        ExitStack() as locks,
    ):
        for name in workspace.lock(session.conn).other_owners():
            # A backup covers the whole database, so other projects must not migrate meanwhile.
            request = lock.LockRequest(
                "restore", wait=0, database=name, on_unreleased=partial(_unreleased, options, name)
            )
            locks.enter_context(lock.acquire(workspace.lock_opener(dialect, name), request))
        if folder is not None:
            records = workspace.history(session.conn).read(rollback_sql=False)
            saved = backup.take(workspace, session, folder, _own_records(records, workspace))
        abandoned = archive_of(dialect).abandoned(session.conn)
        lock_table = workspace.tables.plain(LOCK)
        archives.restore(dialect, session.conn, path, lock_table, session.check)
    report = _report(workspace, path, bool(contents), time.monotonic() - began)
    dropped = (f"The database {name}, which a stopped restore had left, was dropped." for name in abandoned)
    return replace(report, backup=saved, notes=(*report.notes, *dropped))


def _unreleased(options: RunOptions, database: str, error: DatabaseError) -> None:
    options.events(LockUnreleased.of(database, error))


def _report(workspace: Workspace, path: Path, replaced: bool, duration: float) -> RestoreReport:
    with workspace.connect(read_only=True) as conn:
        records = workspace.history(conn).read(rollback_sql=False)
        notes = unfinished_notes(state((), workspace.records(conn, workspace.readable_files())))
    version, applied = last_version(_own_records(records, workspace)), _applied(records, workspace)
    return RestoreReport(workspace.label, path, replaced, version, applied, duration, notes=notes)


def _own_records(records: Sequence[Record], workspace: Workspace) -> tuple[Record, ...]:
    """Our events, and those without an owner in a backup of an earlier version: files, which could tell, may be missing."""
    return tuple(record for record in records if record.database_name in (workspace.name, UNCLAIMED))


def _of_others(records: Sequence[Record], workspace: Workspace) -> tuple[Record, ...]:
    return tuple(record for record in records if record.database_name not in (workspace.name, UNCLAIMED))


def _applied(records: Sequence[Record], workspace: Workspace) -> int:
    return sum(1 for record in last_events(_own_records(records, workspace)).values() if record.in_effect)


def _contents(workspace: Workspace, dialect: Dialect, conn: DatabaseConnection) -> str:
    """Contents of the database as text; empty if a restore destroys nothing."""
    sizes = dialect.sizes(conn)
    own = {ref for ref in sizes if _is_own(ref, workspace, dialect)}
    renamed = sum(
        1 for ref in own if not ref.name.startswith(OWN_PREFIX)
    )  # those under their usual names are not counted
    objects = archive_of(dialect).contents(conn) - renamed
    records = workspace.history(conn).read(rollback_sql=False)
    applied, others = _applied(records, workspace), other_projects(_of_others(records, workspace))
    if not (objects or applied or others):
        return ""
    tables = "1 table or view" if objects == 1 else f"{objects} tables and views"
    ours = f"{applied} {'migration' if applied == 1 else 'migrations'} applied"
    rows = _rows(dialect, conn, {ref: size.rows for ref, size in sizes.items() if size.rows and ref not in own})
    return ", ".join((tables, rows, ours, *map(str, others)))


def _is_own(table: Ref, workspace: Workspace, dialect: Dialect) -> bool:
    """Whether a table is one of ours, also under the names of ``history_table`` and ``history_schema``."""
    tables = workspace.tables
    schema = None if tables.schema == dialect.server.default_schema else tables.schema
    names = {tables.plain(name) for name in COLUMNS}
    return table.name.startswith(OWN_PREFIX) or (table.schema == schema and table.name in names)


def _rows(dialect: Dialect, conn: DatabaseConnection, filled: Mapping[Ref, int]) -> str:
    """Number of rows in the tables ``filled`` as text; estimated if there are many."""
    if sum(filled.values()) > _COUNTED or len(filled) > _TABLES:
        return f"about {sum(filled.values()):,} rows"
    counted = (count_rows(conn, dialect.quote, ref, _COUNTED) or 0 for ref in filled)
    number = sum(counted)
    return "1 row" if number == 1 else f"{number:,} rows"
