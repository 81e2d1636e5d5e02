"""dbwarden export-models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .options import AllDatabases, DatabaseName, command
from .session import Session
from .view import View, counted, shown_path

if TYPE_CHECKING:
    from dbwarden.api.export_models import ExportReport

app = command()


@app.command("export-models")
def export_models(ctx: typer.Context, database: DatabaseName = None, every: AllDatabases = False) -> None:
    """Write what the models describe into the state file, which --offline compares with. No server is contacted."""
    from dbwarden.api.export_models import export_models as run

    session = Session.of(ctx)
    config = session.flags.config
    session.each(database, every, lambda name: run(name, config=config), _show, result=_result)


def _result(report: ExportReport) -> str:
    return f"{counted(len(report.tables), 'table')} {'written' if report.changed else 'unchanged'}"


def _show(view: View, report: ExportReport) -> None:
    verb = "Wrote" if report.changed else "Unchanged:"
    view.line(f"{verb} {shown_path(report.path)} ({counted(len(report.tables), 'table')})")
    for difference in report.differences:
        view.line(f"  {difference}")
    if report.differences:
        view.warning(
            "The file said otherwise before. Where no migration does these changes yet, restore the file (git) and run"
            " `dbwarden make-migrations --offline`, or `dbwarden make-migrations` with the database."
        )
    for note in report.notes:
        view.warning(note)
