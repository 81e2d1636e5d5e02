"""dbwarden init."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .options import command
from .session import Session
from .view import View

if TYPE_CHECKING:
    from dbwarden.api.init import InitReport

app = command()


@app.command()
def init(
    ctx: typer.Context,
    database_type: Annotated[
        str | None,
        typer.Option("--database-type", metavar="ENGINE", help="Database engine (default: from --url, else sqlite)."),
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="Database URL; a password in it is not written to the file.")
    ] = None,
) -> None:
    """Write warden.py and create the folders. An existing configuration is never overwritten."""
    from dbwarden.api.init import init as run

    Session.of(ctx).answer(run(database_type=database_type, url=url), _show)


def _show(view: View, report: InitReport) -> None:
    view.line(f"Created {report.configuration.name}")
    for folder in report.folders:
        view.line(f"Created {folder.relative_to(report.configuration.parent)}/")
    view.line("Next: set model_paths and the URL in warden.py, then `dbwarden make-migrations`.")
