"""dbwarden export-models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .options import AllDatabases, DatabaseName, command
from .session import Session
from .view import View, counted, shown_path

if TYPE_CHECKING:
    from dbwarden.api.export_models import ExportReport

app = command()


@app.command("export-models")
def export_models(
    ctx: typer.Context,
    database: DatabaseName = None,
    every: AllDatabases = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit with 4 if the state file or the migrations are out of date."),
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 4 if the models need changes that no migration makes.")
    ] = False,
) -> None:
    """Write the schema of the models into the state file, for --offline. Connects to no server."""
    from dbwarden.api.export_models import export_models as run

    session = Session.of(ctx)
    config = session.flags.config
    reports = session.run_for_databases(
        database, every, lambda name: run(name, config=config, write=not check), _show, result=_result
    )
    if (check or exit_code) and not all(report.clean for report in reports):
        session.end(4)


def _result(report: ExportReport) -> str:
    state = "unchanged" if not report.changed else "written" if report.written else "not current"
    ahead = f", {counted(len(report.differences), 'change')} without a migration" if report.differences else ""
    return f"{counted(len(report.tables), 'table')} {state}{ahead}"


def _show(view: View, report: ExportReport) -> None:
    verb = "Unchanged:" if not report.changed else "Wrote" if report.written else "Not current:"
    view.line(f"{verb} {shown_path(report.path)} ({counted(len(report.tables), 'table')})")
    if report.differences:
        view.line(f"No migration does this yet; `dbwarden make-migrations -d {report.database} --offline` writes it:")
    for difference in report.differences:
        view.item(difference)
    for note in report.notes:
        view.warning(note)
