"""dbwarden rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .options import (
    AllDatabases,
    Assumption,
    Count,
    DatabaseName,
    DownToVersion,
    DryRun,
    LockWait,
    PerNode,
    Verbose,
    command,
)
from .progress_output import rollback_options, run_rollbacks
from .safety import BackupDir, Force, WithBackup, safety_options
from .session import Session

if TYPE_CHECKING:
    from dbwarden.api.rollback import RollbackOptions, RollbackReport

app = command()


@app.command()
def rollback(
    ctx: typer.Context,
    database: DatabaseName = None,
    every: AllDatabases = False,
    per_node: PerNode = False,
    count: Count = None,
    to_version: DownToVersion = None,
    dry_run: DryRun = False,
    force: Force = False,
    with_backup: WithBackup = False,
    backup_dir: BackupDir = None,
    lock_wait: LockWait = None,
    assume: Assumption = None,
    verbose: Verbose = False,
) -> None:
    """Roll back the last migration, or several, newest first."""
    from dbwarden.api.rollback import rollback as run

    session = Session.of(ctx)
    safety = safety_options(session, force, with_backup, backup_dir)
    options = rollback_options(session, dry_run, lock_wait, assume, safety)

    def run_for_database(name: str | None, options: RollbackOptions) -> RollbackReport:
        return run(name, count=count, to_version=to_version, config=session.flags.config, options=options)

    run_rollbacks(session, (database, every), options, run_for_database, verbose, per_node=per_node)
