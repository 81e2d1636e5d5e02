"""dbwarden report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import DatabaseName, command
from .progress_output import waiting
from .session import Session
from .view import View, counted, shown_path

if TYPE_CHECKING:
    from dbwarden.api.html_report import HtmlReport, ReportedDatabase

app = command()


@app.command()
def report(
    ctx: typer.Context,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="FOLDER|FILE.html",
            help="File to write, or folder that also gets each diagram as SVG, Mermaid and DBML.",
        ),
    ] = Path("dbwarden-report.html"),
    database: DatabaseName = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="Title of the page (default: the project's folder).")
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Show the state files, or else the models; connect to no server.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is not a former report.")] = False,
) -> None:
    """Write a page about all databases: diagram, tables, pending changes, locks, findings and history.

    The page is one file that needs no network. Databases are only read; one that cannot be reached is shown from its state
    file or from the models.
    """
    from dbwarden.api.html_report import html_report

    session = Session.of(ctx)
    flags = session.flags
    with waiting(session) as events:
        written = html_report(
            out,
            database,
            title=title,
            offline=offline,
            force=force,
            config=flags.config,
            dev=flags.dev,
            events=events,
        )
    session.answer(written, _show)


def _show(view: View, report: HtmlReport) -> None:
    more = len(report.files) - 1
    view.line(f"Wrote {shown_path(report.path)}" + (f" and {counted(more, 'diagram')}" if more else ""))
    for item in report.databases:
        view.line(f"  {_summary(item)}")
        for text in (item.error, *item.notes):
            if text:
                view.warning(f"{item.database}: {text}")


def _summary(item: ReportedDatabase) -> str:
    if item.error:
        return f"{item.database}: not read"
    source = "" if item.source == "database" else f" from {item.source or 'nothing'}"
    parts = [counted(item.tables, "table") + source, counted(item.relations, "relation")]
    if item.connected:
        parts += [f"{item.pending} pending", counted(item.events, "event")]
    return f"{item.database}: {', '.join(parts)}" + (f"; check: {item.severity}" if item.severity else "")
