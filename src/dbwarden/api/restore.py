"""restore: a database becomes what a backup holds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from dbwarden.core.overview import Record, last_events
from dbwarden.core.tables import UNCLAIMED
from dbwarden.errors import NotEmpty
from dbwarden.runtime import backup, history, lock

from .backup import last_version
from .locked import RunOptions, locked
from .others import OtherProject, other_projects
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
        records = history.read(conn, workspace.tables, rollback_sql=False)
        applied, others = _applied(records, workspace), other_projects(_of_others(records, workspace))
        held = lock.status(conn, dialect, workspace.tables).active  # then that is what is said below
    if (contents or applied or others) and not force and not held:
        raise NotEmpty(database=workspace.name, contents=_counted(contents, applied, others))
    with locked(workspace, dialect, "restore", RunOptions(lock_wait=0, dev=dev)) as under, ExitStack() as locks:
        for name in lock.other_holders(under.conn, workspace.tables):
            # A backup is the whole database: nobody else migrates meanwhile.
            claim = lock.Claim("restore", wait=0, database=name)
            locks.enter_context(lock.acquire(workspace.connect, dialect, replace(workspace.tables, owner=name), claim))
        backup.restore(dialect, under.conn, path, lambda: under.check("The database is as it was before"))
    return _report(workspace, path, bool(contents or applied), time.monotonic() - began)


def _report(workspace: Workspace, path: Path, replaced: bool, duration: float) -> RestoreReport:
    with workspace.connect(read_only=True) as conn:
        records = history.read(conn, workspace.tables, rollback_sql=False)
    version = last_version(_ours(records, workspace))
    return RestoreReport(workspace.name, path, replaced, version, _applied(records, workspace), duration)


def _ours(records: Sequence[Record], workspace: Workspace) -> tuple[Record, ...]:
    """Our events; of a backup that an earlier version made, all of them. (Files, which would tell more, may be missing.)"""
    return tuple(record for record in records if record.database_name in (workspace.name, UNCLAIMED))


def _of_others(records: Sequence[Record], workspace: Workspace) -> tuple[Record, ...]:
    return tuple(record for record in records if record.database_name not in (workspace.name, UNCLAIMED))


def _applied(records: Sequence[Record], workspace: Workspace) -> int:
    return sum(1 for record in last_events(_ours(records, workspace)).values() if record.in_effect)


def _counted(contents: int, applied: int, others: Sequence[OtherProject]) -> str:
    tables = "1 table or view" if contents == 1 else f"{contents} tables and views"
    ours = f"{applied} {'migration' if applied == 1 else 'migrations'} applied"
    return ", ".join((tables, ours, *map(str, others)))
