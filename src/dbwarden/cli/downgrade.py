"""dbwarden downgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .completion import complete_version_or_zero
from .options import AllDatabases, Assumption, DatabaseName, DryRun, LockWait, Verbose, command
from .progress_output import rollback_options, run_rollbacks
from .safety import BackupDir, Force, WithBackup, safety_options
from .session import Session

if TYPE_CHECKING:
    from dbwarden.api.rollback import RollbackOptions, RollbackReport

app = command()


@app.command()
def downgrade(
    ctx: typer.Context,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="VERSION",
            help="Version to return to; 0 rolls back everything.",
            autocompletion=complete_version_or_zero,
        ),
    ],
    database: DatabaseName = None,
    every: AllDatabases = False,
    dry_run: DryRun = False,
    force: Force = False,
    with_backup: WithBackup = False,
    backup_dir: BackupDir = None,
    lock_wait: LockWait = None,
    assume: Assumption = None,
    verbose: Verbose = False,
) -> None:
    """Return to a version: roll back everything above it, newest first."""
    from dbwarden.api.rollback import downgrade as run

    session = Session.of(ctx)
    safety = safety_options(session, force, with_backup, backup_dir)
    options = rollback_options(session, dry_run, lock_wait, assume, safety)

    def run_for_database(name: str | None, options: RollbackOptions) -> RollbackReport:
        return run(name, to=to, config=session.flags.config, options=options)

    run_rollbacks(session, (database, every), options, run_for_database, verbose)
