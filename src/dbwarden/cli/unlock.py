"""dbwarden unlock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .fleet import FleetName, Jobs, Only, ShardOption, fleet_options, run_fleet, show_table
from .lock_status import holder
from .options import AllDatabases, DatabaseName, Verbose, command
from .phrases import resumed_phrase
from .session import Session
from .view import View

if TYPE_CHECKING:
    from dbwarden.api.lock import UnlockReport

app = command()


@app.command()
def unlock(
    ctx: typer.Context,
    database: DatabaseName = None,
    every: AllDatabases = False,
    fleet: FleetName = None,
    jobs: Jobs = None,
    shard: ShardOption = None,
    only: Only = None,
    force: Annotated[
        bool, typer.Option("--force", help="Release it even if its holder is alive, which then stops.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Release the migration lock of a process that no longer runs. Refuses while its holder is alive, unless --force.

    Work of the server that an interrupted migration has stopped goes on. Exits with 1 if no lock was held; with --fleet, if a
    lock was not released.
    """
    from dbwarden.api.lock import unlock as run

    session = Session.of(ctx)
    flags = session.flags
    for_one = (("--database", database), ("--all", every), ("--dev", flags.dev))
    fleet_run = fleet_options(fleet, for_one, jobs, shard, only)
    if fleet is not None and fleet_run is not None:
        from dbwarden.api.fleet import unlock_fleet

        run_fleet(
            session,
            lambda events: unlock_fleet(fleet, force=force, fleet=fleet_run, config=flags.config, events=events),
            verbose,
            show_table,
        )
        return
    reports = session.run_for_databases(
        database,
        every,
        lambda name: run(name, force=force, config=flags.config, dev=flags.dev),
        lambda view, report: _show(view, report, verbose),
    )
    if not all(report.released for report in reports):
        session.end(1)


def _show(view: View, report: UnlockReport, verbose: bool) -> None:
    if report.released:
        view.line("Migration lock released successfully.")
    else:
        view.line("Failed to release lock. Lock may not be held.")
    if report.resumed:
        view.line(resumed_phrase(report.resumed))
    if report.released and verbose:
        view.line(f"It was held by {holder(report.lock)}.")
