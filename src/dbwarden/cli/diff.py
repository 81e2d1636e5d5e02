"""dbwarden diff."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dbwarden.errors import UsageError

from .options import AllDatabases, DatabaseName, DropUnowned, ExitCode, Verbose, command
from .session import Session
from .view import View, counted

if TYPE_CHECKING:
    from dbwarden.api.diff import DiffReport

app = command()


class Out(StrEnum):
    """Forms of the output."""

    table = "table"
    json = "json"
    sql = "sql"


@app.command()
def diff(
    ctx: typer.Context,
    database: DatabaseName = None,
    every: AllDatabases = False,
    out: Annotated[Out, typer.Option("--out", "-o", help="Form of the output.")] = Out.table,
    exit_code: ExitCode = False,
    drop_unowned: DropUnowned = False,
    verbose: Verbose = False,
) -> None:
    """Show how the models differ from the database. Nothing is written or executed.

    With --exit-code it ends with 4 when they differ.
    """
    from dbwarden.api.diff import diff as run

    session = Session.of(ctx)
    if session.flags.dev:
        raise UsageError("diff works with the primary database; --dev is not for it")
    if out is Out.json:
        session = session.with_json()
    config = session.flags.config
    reports = session.each(
        database,
        every,
        lambda name: run(name, drop_unowned=drop_unowned, config=config),
        lambda view, report: _show_sql(view, report) if out is Out.sql else _show(view, report, verbose),
        "-- {}" if out is Out.sql else "{}",
    )
    if exit_code and not all(report.empty for report in reports):
        session.end(4)


def _show_sql(view: View, report: DiffReport) -> None:
    view.sql("".join(f"{statement.rstrip(';')};\n" for step in report.steps for statement in step.upgrade))
    _show_notes(view, report)


def _show(view: View, report: DiffReport, verbose: bool) -> None:
    if report.empty:
        view.line(
            f"No differences: models and database {report.database} agree in {counted(len(report.tables), 'table')}."
        )
        if verbose:
            view.line(f"Modules:  {', '.join(report.modules)}")
            view.line(f"Compared: {', '.join(report.tables) or 'no tables'}")
    else:
        view.line(f"{counted(len(report.steps), 'difference')} between the models and database {report.database}:")
        view.gap()
        view.table(("change", "object"), [_row(step.change) for step in report.steps])
    if report.pending:
        view.line(f"Pending, and so still a difference: {', '.join(report.pending)}")
    if report.unowned and verbose:
        view.line(f"Left alone, as the models do not describe them: {', '.join(report.unowned)}")
    _show_notes(view, report)


def _row(change: str) -> tuple[str, str]:
    verb, _, what = change.partition(" ")
    return verb, what


def _show_notes(view: View, report: DiffReport) -> None:
    for note in report.notes:
        view.warning(note)
