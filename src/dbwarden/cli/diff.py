"""dbwarden diff."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dbwarden.errors import UsageError

from .changes import show_changes
from .drops import drop_flags, show_losses, show_unowned
from .fills import fill_flags, show_unfilled
from .fleet import FleetName, Jobs, Only, ShardOption, fleet_options, run_fleet, show_drift
from .hosts import show_host_drift
from .options import (
    AllDatabases,
    DatabaseName,
    DropTable,
    DropUnowned,
    ExitCode,
    Fill,
    KeepTable,
    Offline,
    Online,
    Rename,
    RenameTable,
    Verbose,
    command,
)
from .progress_output import waiting
from .renames import rename_flags, show_candidates
from .session import Session
from .view import View, counted

if TYPE_CHECKING:
    from dbwarden.api.diff import DiffReport

app = command()


class DiffFormat(StrEnum):
    """Formats of the output."""

    table = "table"
    json = "json"
    sql = "sql"


@app.command()
def diff(
    ctx: typer.Context,
    database: DatabaseName = None,
    every: AllDatabases = False,
    fleet: FleetName = None,
    jobs: Jobs = None,
    shard: ShardOption = None,
    only: Only = None,
    out: Annotated[DiffFormat, typer.Option("--out", "-o", help="Output format.")] = DiffFormat.table,
    exit_code: ExitCode = False,
    rename: Rename = None,
    rename_table: RenameTable = None,
    offline: Offline = False,
    online: Online = True,
    fill: Fill = None,
    drop_table: DropTable = None,
    keep_table: KeepTable = None,
    drop_unowned: DropUnowned = False,
    verbose: Verbose = False,
) -> None:
    """Show how the models differ from the database. Nothing is written or executed.

    With --exit-code, exits with 4 if they differ.
    """
    from dbwarden.api.comparison import CompareOptions
    from dbwarden.api.diff import diff as run

    session = Session.of(ctx)
    if out is DiffFormat.json:
        session = session.with_json()
    flags = session.flags
    for_one = (("--database", database), ("--all", every), ("--dev", flags.dev), ("--offline", offline))
    fleet_run = fleet_options(fleet, for_one, jobs, shard, only)
    if fleet is not None and out is DiffFormat.sql:
        raise UsageError("--out sql is for one target: name it with -d NAME@TARGET")
    renames = rename_flags(rename_table, rename, every)
    fills = fill_flags(fill, every)
    drops = drop_flags(drop_table, keep_table, every)
    if fleet is not None and fleet_run is not None:
        from dbwarden.api.fleet import diff_fleet

        compared = CompareOptions(drop_unowned, drops, fills, renames=renames, online=online)
        shown = run_fleet(
            session,
            lambda events: diff_fleet(fleet, fleet=fleet_run, config=flags.config, options=compared, events=events),
            verbose,
            show_drift,
        )
        if exit_code and not shown.clean:
            session.end(4)
        return
    with waiting(session) as events:
        options = CompareOptions(
            drop_unowned, drops, fills, offline, renames, flags.dev, flags.strict_translation, online, events
        )
        reports = session.run_for_databases(
            database,
            every,
            lambda name: run(name, options=options, config=flags.config),
            lambda view, report: _show_sql(view, report) if out is DiffFormat.sql else _show(view, report, verbose),
            "-- {}" if out is DiffFormat.sql else "{}",
            None if out is DiffFormat.sql else _result,
        )
    if exit_code and not all(report.clean for report in reports):
        session.end(4)


def _result(report: DiffReport) -> str:
    return "no differences" if report.empty else counted(len(report.changes), "difference")


def _show_sql(view: View, report: DiffReport) -> None:
    view.sql("".join(f"{statement.rstrip(';')};\n" for statement in report.upgrade))
    _show_notes(view, report)


def _show(view: View, report: DiffReport, verbose: bool) -> None:
    if report.empty:
        view.line(f"No differences: models and {_other(report)} agree in {counted(len(report.tables), 'table')}.")
        if verbose:
            view.line(f"Modules:  {', '.join(report.modules)}")
            view.line(f"Compared: {', '.join(report.tables) or 'no tables'}")
    else:
        view.line(f"{counted(len(report.changes), 'difference')} between the models and {_other(report)}:")
        show_changes(view, report)
        show_losses(view, report.data_losses)
    show_host_drift(view, report.host_drift)
    if report.pending:
        view.line(f"Pending, and so still a difference: {', '.join(report.pending)}")
    show_unowned(view, report.unowned, verbose)
    for other in report.other_projects if verbose else ():
        view.line(f"Left alone, as another project made it: {other}")
    _show_notes(view, report)


def _other(report: DiffReport) -> str:
    return f"database {report.database}" if report.compared_with == "database" else report.compared_with


def _show_notes(view: View, report: DiffReport) -> None:
    show_candidates(view, report.rename_candidates)
    show_unfilled(view, report.columns_to_fill)
    for note in (*report.notes, *report.translation_losses):
        view.warning(note)
