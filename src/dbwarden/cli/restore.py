"""dbwarden restore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .options import DatabaseName, command
from .session import Session
from .view import View, counted, seconds, shown_path

if TYPE_CHECKING:
    from dbwarden.api.restore import RestoreReport

app = command()


@app.command()
def restore(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A backup that migrate --with-backup made.")],
    database: DatabaseName = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a database that is not empty.")] = False,
) -> None:
    """Bring a database back to what a backup holds: all of it, in one transaction."""
    from dbwarden.api.restore import restore as run

    session = Session.of(ctx)
    flags = session.flags
    session.answer(run(file, database, force=force, config=flags.config, dev=flags.dev), _show)


def _show(view: View, report: RestoreReport) -> None:
    state = f"{counted(report.applied, 'migration')} applied"
    at = f", the last version is {report.version}" if report.version else ""
    name = shown_path(report.file)
    view.line(f"Database {report.database}: restored from {name} in {seconds(report.duration)}; {state}{at}.")
