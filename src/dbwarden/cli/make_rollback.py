"""dbwarden make-rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .completion import complete_version
from .options import DatabaseName, command
from .progress_output import waiting
from .session import Session
from .view import View, counted, shown_path

if TYPE_CHECKING:
    from dbwarden.api.make_rollback import MakeRollbackReport

app = command()


@app.command("make-rollback")
def make_rollback(
    ctx: typer.Context,
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="Version, file name or path.", autocompletion=complete_version),
    ],
    database: DatabaseName = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the rollback of a pending file.")] = False,
) -> None:
    """Write the missing rollback of a migration file, computed from its upgrade and tried out on a scratch database.

    Exits with 4 if it is written but does not bring back all rows, and with 1 if none could be written.
    """
    from dbwarden.api.make_rollback import make_rollback as make

    session = Session.of(ctx)
    flags = session.flags
    with waiting(session) as events:
        report = make(file, database, force=force, config=flags.config, dev=flags.dev, events=events)
    session.answer(report, _show)
    if not report.complete:
        session.end(4)


def _show(view: View, report: MakeRollbackReport) -> None:
    view.sql("".join(f"{statement.rstrip(';')};\n" for statement in report.rollback))
    view.line(f"Wrote {counted(len(report.rollback), 'statement')} under `-- rollback` in {shown_path(report.path)}")
    view.line(f"Tried out on {report.proof}.")
    for loss in report.not_restored:
        view.warning(f"Not restored: {loss}.")
    for note in report.notes:
        view.warning(f"{note}.")
