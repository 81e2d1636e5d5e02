"""dbwarden snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import DatabaseName, command
from .progress_output import waiting
from .session import Session
from .view import View, counted, shown_path

if TYPE_CHECKING:
    from dbwarden.api.snapshot import SnapshotReport

app = command()


@app.command()
def snapshot(
    ctx: typer.Context,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Table, view or sequence: users, audit.log.")],
    database: DatabaseName = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="File to write; else the SQL is printed.")
    ] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Leave out what the table needs: types, functions, referenced tables.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Show the SQL of a table and everything that belongs to it, runnable on an empty database."""
    from dbwarden.api.snapshot import snapshot as read

    session = Session.of(ctx)
    flags = session.flags
    with waiting(session) as events:
        report = read(
            table, database, out=out, alone=alone, force=force, config=flags.config, dev=flags.dev, events=events
        )
    session.answer(report, _show)


def _show(view: View, report: SnapshotReport) -> None:
    if report.path is None:
        view.sql(report.script)
    else:
        view.line(f"Wrote {shown_path(report.path)}: {counted(len(report.ddl), 'statement')}")
    for refused in report.refused:
        view.warning(refused)
