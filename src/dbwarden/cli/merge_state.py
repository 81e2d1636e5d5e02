"""dbwarden merge-state."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import command
from .session import Session
from .view import View, shown_path

if TYPE_CHECKING:
    from dbwarden.api.merge_state import MergeStateReport

app = command()


@app.command()
def merge_state(
    ctx: typer.Context,
    base: Annotated[Path, typer.Argument(metavar="BASE", help="State file of the common ancestor (%O).")],
    ours: Annotated[Path, typer.Argument(metavar="OURS", help="State file of this branch (%A); gets the result.")],
    theirs: Annotated[Path, typer.Argument(metavar="THEIRS", help="State file of the other branch (%B).")],
) -> None:
    """Merge the state files of two branches: a merge driver for git.

    Needs no configuration. Exits with 1, and leaves conflict markers, if both branches changed one object in different ways.
    """
    from dbwarden.api.merge_state import merge_state as run

    session = Session.of(ctx)
    session.answer(run(base, ours, theirs), _show)


def _show(view: View, report: MergeStateReport) -> None:
    newest = f"; the newest migration is {report.version}" if report.version else ""
    view.line(f"Merged into {shown_path(report.file)}{newest}.")
