"""dbwarden unlock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

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
    force: Annotated[
        bool, typer.Option("--force", help="Release it even if its holder is alive, which then stops.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Release the migration lock of a process that no longer runs. Refuses while its holder is alive, unless --force.

    Work of the server that an interrupted migration has stopped goes on. Exits with 1 if no lock was held.
    """
    from dbwarden.api.lock import unlock as run

    session = Session.of(ctx)
    flags = session.flags
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
