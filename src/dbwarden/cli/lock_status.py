"""dbwarden lock-status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .options import AllDatabases, DatabaseName, Verbose, command
from .phrases import show_suspended
from .session import Session
from .view import View, moment, seconds

if TYPE_CHECKING:
    from dbwarden.api.lock import LockReport

app = command()


@app.command("lock-status")
def lock_status(
    ctx: typer.Context, database: DatabaseName = None, every: AllDatabases = False, verbose: Verbose = False
) -> None:
    """Show whether the migration lock is held, by whom, since when, whether that process still runs, and what it is."""
    from dbwarden.api.lock import lock_status as read

    session = Session.of(ctx)
    flags = session.flags
    session.run_for_databases(
        database,
        every,
        lambda name: read(name, config=flags.config, dev=flags.dev),
        lambda view, report: _show(view, report, verbose),
        result=_result,
    )


def _result(report: LockReport) -> str:
    return "active" if report.active else "inactive"


def _show(view: View, report: LockReport, verbose: bool) -> None:
    if not report.active:
        view.line("Migration lock: INACTIVE")
        if verbose:
            view.fields([("Kind", report.kind)])
        show_suspended(view, report.suspended, report.database, running=False)
        return
    view.line("Migration lock: ACTIVE")
    view.line("Another migration process may be running.")
    view.gap()
    since = f"{moment(report.acquired_at)} UTC" if report.acquired_at else "?"
    rows = [("Holder", holder(report)), ("Since", since)]
    if report.age is not None:
        rows.append(("Age", seconds(report.age)))
    if report.heartbeat_age is not None:
        rows.append(("Heartbeat", f"{seconds(report.heartbeat_age)} ago"))
    liveness = report.liveness.value if report.liveness else "unknown"
    rows += [("Liveness", liveness), ("Kind", report.kind)]
    view.fields(rows)
    if liveness == "unknown" and report.host is not None:
        view.line(
            "Only its heartbeat tells whether the holder lives:"
            f" `dbwarden unlock -d {report.database}` releases the lock once that is older than 60 s."
        )
    show_suspended(view, report.suspended, report.database, running=liveness == "alive")
    if liveness == "gone":
        view.line(f"Next: look at `dbwarden status -d {report.database}`, then `dbwarden unlock -d {report.database}`.")


def holder(report: LockReport) -> str:
    """Description of the lock's holder."""
    if report.host is None and report.user is None:
        return "unknown (the row was written by hand)"
    return f"{report.user}@{report.host}, pid {report.pid}, {report.command}"
