"""dbwarden rollback."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from dbwarden.errors import UsageError

from .fleet import FleetName, Jobs, Only, ShardOption, StopOn, Wave, fleet_options, run_fleet, show_table
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
    from dbwarden.api.fleet_run import FleetOptions
    from dbwarden.api.rollback import RollbackOptions, RollbackReport

app = command()


@app.command()
def rollback(
    ctx: typer.Context,
    database: DatabaseName = None,
    every: AllDatabases = False,
    per_node: PerNode = False,
    fleet: FleetName = None,
    jobs: Jobs = None,
    wave: Wave = None,
    stop_on: StopOn = None,
    shard: ShardOption = None,
    only: Only = None,
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
    for_one = (("--database", database), ("--all", every), ("--per-node", per_node), ("--count", count))
    fleet_run = fleet_options(fleet, for_one, jobs, shard, only, wave, stop_on)
    if fleet is not None and fleet_run is not None:
        if to_version is None:
            raise UsageError(_NEEDS_VERSION, hint="`dbwarden status --fleet NAME` shows the versions of its targets.")
        _rollback_fleet(session, fleet, fleet_run, to_version, options, verbose)
        return

    def run_for_database(name: str | None, options: RollbackOptions) -> RollbackReport:
        return run(name, count=count, to_version=to_version, config=session.flags.config, options=options)

    run_rollbacks(session, (database, every), options, run_for_database, verbose, per_node=per_node)


_NEEDS_VERSION = "With --fleet, rollback needs --to-version: the last version of one target is not that of another"


def _rollback_fleet(
    session: Session, name: str, fleet: FleetOptions, to_version: str, options: RollbackOptions, verbose: bool
) -> None:
    from dbwarden.api.fleet import rollback_fleet

    options = replace(options, confirm=None)  # several targets at once cannot ask
    config = session.flags.config
    run_fleet(
        session,
        lambda events: rollback_fleet(
            name, to_version=to_version, fleet=fleet, config=config, options=options, events=events
        ),
        verbose,
        show_table,
        "rollback",
    )
