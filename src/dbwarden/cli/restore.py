"""dbwarden restore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .completion import complete_backup
from .options import DatabaseName, command
from .progress_output import run_listener
from .safety import BackupDir, Force, WithBackup, safety_options
from .session import Session
from .view import View, counted, seconds, shown_path

if TYPE_CHECKING:
    from dbwarden.api.restore import RestoreReport

app = command()


@app.command()
def restore(
    ctx: typer.Context,
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A backup made with --with-backup.", autocompletion=complete_backup),
    ],
    database: DatabaseName = None,
    force: Force = False,
    with_backup: WithBackup = False,
    backup_dir: BackupDir = None,
) -> None:
    """Replace the whole content of a database by that of a backup, in one transaction."""
    from dbwarden.api.migration_session import RunOptions
    from dbwarden.api.restore import restore as run

    session = Session.of(ctx)
    flags = session.flags
    with run_listener(session, verbose=False) as events:
        options = RunOptions(dev=flags.dev, events=events, **safety_options(session, force, with_backup, backup_dir))
        report = run(file, database, config=flags.config, options=options)
    session.answer(report, _show)


def _show(view: View, report: RestoreReport) -> None:
    state = f"{counted(report.applied, 'migration')} applied"
    at = f", the last version is {report.version}" if report.version else ""
    name = shown_path(report.file)
    view.line(f"Database {report.database}: restored from {name} in {seconds(report.duration)}; {state}{at}.")
    for note in report.notes:
        view.warning(note)
