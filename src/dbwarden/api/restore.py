"""restore: a database becomes what a backup holds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from dbwarden.core.overview import Record, last_events
from dbwarden.errors import NotEmpty
from dbwarden.runtime import backup, history, lock

from .backup import last_version
from .locked import RunOptions, locked
from .workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What a database was restored from. ``duration`` in seconds."""

    database: str
    file: Path
    replaced: bool
    """Whether there was something before."""
    version: str | None
    """The highest version that is in effect now."""
    applied: int
    """Migrations in effect now, repeatable ones included."""
    duration: float


def restore(
    file: str | Path, database: str | None = None, *, force: bool = False, config: str | None = None, dev: bool = False
) -> RestoreReport:
    """Replace the whole database, its history included, by a backup, in one transaction.

    The file is read to its end before. Raises ``NoBackup`` for a file that is none of this engine, ``LockHeld`` while
    somebody holds the migration lock, ``NotEmpty`` where something would be lost, unless ``force``; ``RestoreFailed`` and
    ``Interrupted`` leave the database as it was.
    """
    began = time.monotonic()
    path = Path(file).absolute()
    workspace = open_workspace(config, database, dev=dev)
    with workspace.connect(read_only=True) as conn:
        dialect = workspace.dialect_for(conn)
        backup.examine(dialect, path, lambda: None)
        contents = dialect.archive.contents(conn)
        applied = _applied(history.read(conn, rollback_sql=False))
        held = lock.status(conn, dialect).active  # then that is what is said below
    if (contents or applied) and not force and not held:
        raise NotEmpty(database=workspace.name, contents=_counted(contents, applied))
    with locked(workspace, dialect, "restore", RunOptions(lock_wait=0, dev=dev)) as under:
        backup.restore(dialect, under.conn, path, lambda: under.check("The database is as it was before"))
    return _report(workspace, path, bool(contents or applied), time.monotonic() - began)


def _report(workspace: Workspace, path: Path, replaced: bool, duration: float) -> RestoreReport:
    with workspace.connect(read_only=True) as conn:
        records = history.read(conn, rollback_sql=False)
    return RestoreReport(workspace.name, path, replaced, last_version(records), _applied(records), duration)


def _applied(records: tuple[Record, ...]) -> int:
    return sum(1 for record in last_events(records).values() if record.in_effect)


def _counted(contents: int, applied: int) -> str:
    tables = "1 table or view" if contents == 1 else f"{contents} tables and views"
    return f"{tables}, {applied} {'migration' if applied == 1 else 'migrations'} applied"
