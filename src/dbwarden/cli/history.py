"""dbwarden history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .options import AllDatabases, DatabaseName, Verbose, command
from .phrases import class_of, progress_phrase, show_others, stop_phrase
from .session import Session
from .view import View, moment, seconds

if TYPE_CHECKING:
    from dbwarden.api.history import HistoryEntry, HistoryReport

app = command()


@app.command()
def history(
    ctx: typer.Context, database: DatabaseName = None, every: AllDatabases = False, verbose: Verbose = False
) -> None:
    """Show every event, newest last: what was applied, marked, rolled back or failed, when, and by whom."""
    from dbwarden.api.history import history as read

    session = Session.of(ctx)
    flags = session.flags
    session.run_for_databases(
        database,
        every,
        lambda name: read(name, config=flags.config, dev=flags.dev),
        lambda view, report: _show(view, report, verbose),
    )


def _show(view: View, report: HistoryReport, verbose: bool) -> None:
    show_others(view, report.other_projects)
    if not report.events:
        view.line(f"Database {report.database}: nothing has happened yet.")
        return
    columns = ["at (UTC)", "event", "migration", "class", "took", "by", ""]
    if verbose:
        columns += ["checksum", "version"]
    view.table(columns, [_row(event)[: len(columns)] for event in report.events])
    for event in report.events if verbose else ():
        if event.error:
            view.gap()
            view.line(f"{moment(event.at)} {event.file}: {event.error}")


def _row(event: HistoryEntry) -> tuple[str, ...]:
    name = event.event.value
    outcome = name.replace("_", " ")
    if "failed" in name:
        outcome = progress_phrase(name, event)
    elif "stopped" in name:
        where = stop_phrase(event)
        outcome = f"rollback {where}" if "rollback" in name else where
    return (
        moment(event.at),
        outcome,
        event.file,
        class_of(event.kind),
        seconds(event.duration),
        event.by,
        "seed" if event.seed else "",
        event.checksum[:12],
        event.tool_version,
    )
