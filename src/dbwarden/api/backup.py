"""Backup of ``--with-backup``, made under the lock before the first change."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dbwarden.core.dialect import Dialect
from dbwarden.core.filename import Kind
from dbwarden.core.own_tables import LOCK
from dbwarden.core.record import Record, last_events
from dbwarden.errors import Unsupported
from dbwarden.runtime.connection import DatabaseConnection

from .migration_session import MigrationSession
from .progress import BackupFinished, BackupStarted
from .workspace import Workspace


def prepare(workspace: Workspace, dialect: Dialect, conn: DatabaseConnection, folder: Path | None) -> Path:
    """Check that a backup can be made, and return its folder: ``folder``, else the configured one.

    Called before the lock is taken, so that no other process waits for the check. Raises ``BackupFailed`` for an old or
    missing program, or a folder that is not writable.
    """
    from dbwarden.runtime import backup  # deferred: most runs make none

    refuse_one_schema(workspace)
    target = workspace.database.backup_dir if folder is None else folder.absolute()
    backup.ready(dialect, conn, target, lambda: None)
    return target


def take(workspace: Workspace, session: MigrationSession, folder: Path, records: Iterable[Record]) -> Path:
    """Make the backup, under the lock, and report it. Returns its path."""
    from dbwarden.runtime import backup

    name = "".join(letter if letter.isalnum() or letter in "-._" else "_" for letter in workspace.label)
    stem = f"{name}_{last_version(records) or '0'}"

    def check() -> None:
        session.check("No backup was made, and nothing was changed")

    session.options.events(BackupStarted())
    with workspace.connect(read_only=True) as conn:
        saved = backup.save(session.dialect, conn, workspace.tables.plain(LOCK), folder, stem, check)
    session.options.events(BackupFinished(saved.file, saved.size, saved.duration))
    return saved.file


def refuse_one_schema(workspace: Workspace) -> None:
    """Raise ``Unsupported`` for a schema among others: its archive would hold, and a restore replace, all of them."""
    if workspace.target is not None and workspace.target.schema:
        reason = "an archive has the whole database, with the schemas of all targets; save that database instead"
        raise Unsupported(feature=f"A backup of {workspace.label} alone", dialect=workspace.dialect.name, reason=reason)


def last_version(records: Iterable[Record]) -> str | None:
    """Highest version in effect; ``None`` if there is none."""
    in_effect = {at: record for at, record in last_events(records).items() if record.in_effect}
    versions = [at for at, record in in_effect.items() if record.kind is Kind.VERSIONED]
    return in_effect[max(versions)].key if versions else None
