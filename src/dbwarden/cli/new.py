"""dbwarden new."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from .options import DatabaseName, command
from .session import Session
from .view import View, shown_path

if TYPE_CHECKING:
    from dbwarden.api.new import NewReport

app = command()


class MigrationType(StrEnum):
    """Classes of migrations, as values of ``--type``."""

    versioned = "versioned"
    ra = "ra"
    roc = "roc"


@app.command()
def new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the migration, in a few words.")],
    type: Annotated[
        MigrationType, typer.Option("--type", help="versioned: runs once; ra: runs always; roc: runs on change.")
    ] = MigrationType.versioned,
    version: Annotated[
        str | None, typer.Option("--version", metavar="N", help="Version number (default: the next one).")
    ] = None,
    database: DatabaseName = None,
) -> None:
    """Write an empty migration file for hand-written SQL."""
    from dbwarden.api.new import new as run

    session = Session.of(ctx)
    report = run(name, database, type=type.value, version=version, config=session.flags.config)
    session.answer(report, _show)


def _show(view: View, report: NewReport) -> None:
    view.line(f"Created {shown_path(report.path)}")
    for note in report.notes:
        view.warning(note)
