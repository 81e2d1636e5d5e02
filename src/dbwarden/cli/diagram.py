"""dbwarden diagram."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from .options import DatabaseName, command
from .progress_output import waiting
from .session import Session
from .view import View

if TYPE_CHECKING:
    from dbwarden.api.diagram import DiagramReport

app = command()


class DiagramFormat(StrEnum):
    """Formats of the output."""

    mermaid = "mermaid"
    dbml = "dbml"
    svg = "svg"


@app.command()
def diagram(
    ctx: typer.Context,
    tables: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TABLE]...", help="Tables to draw: names or patterns (order_*).", show_default=False),
    ] = None,
    database: DatabaseName = None,
    out: Annotated[DiagramFormat, typer.Option("--out", "-o", help="Output format.")] = DiagramFormat.mermaid,
    changes: Annotated[
        bool, typer.Option("--changes", help="Mark what pending files and the models add, drop and change.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Draw the state file, or else the models; connect to no server.")
    ] = False,
) -> None:
    """Draw the tables of a database and their relations: Mermaid, DBML or SVG."""
    from dbwarden.api.diagram import diagram as draw

    session = Session.of(ctx)
    flags = session.flags
    with waiting(session) as events:
        report = draw(
            database,
            format=out.value,
            tables=tables or (),
            changes=changes,
            offline=offline,
            config=flags.config,
            dev=flags.dev,
            events=events,
        )
    session.answer(report, _show)


def _show(view: View, report: DiagramReport) -> None:
    view.text(report.text)
    for note in report.notes:
        view.warning(note)
