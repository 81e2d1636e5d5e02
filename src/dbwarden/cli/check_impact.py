"""dbwarden check-impact."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .completion import complete_migration
from .options import DatabaseName, ExitCode, Verbose, command
from .session import Session
from .view import View, counted, shown_path

if TYPE_CHECKING:
    from dbwarden.api.check_impact import ImpactReport

app = command()


class ImpactFormat(StrEnum):
    """Forms of the output."""

    text = "text"
    json = "json"


@app.command()
def check_impact(
    ctx: typer.Context,
    version: Annotated[
        str, typer.Argument(help="The migration: its version or its file.", autocompletion=complete_migration)
    ],
    scan_path: Annotated[
        list[Path] | None,
        typer.Option("--scan-path", metavar="PATH", help="Search here (default: the project; may be repeated)."),
    ] = None,
    out: Annotated[ImpactFormat, typer.Option("--out", "-o", help="Form of the output.")] = ImpactFormat.text,
    database: DatabaseName = None,
    exit_code: ExitCode = False,
    verbose: Verbose = False,
) -> None:
    """Show which places of the code still use what a migration drops, renames or narrows.

    Nothing is imported or executed, and no database is needed. With --exit-code it ends with 4 when a use is found.
    """
    from dbwarden.api.check_impact import check_impact as run

    session = Session.of(ctx)
    if out is ImpactFormat.json:
        session = session.with_json()
    flags = session.flags
    report = run(version, database, scan_paths=scan_path or (), config=flags.config, dev=flags.dev)
    session.answer(report, lambda view, report: _show(view, report, verbose))
    if exit_code and not report.clean:
        session.end(4)


def _show(view: View, report: ImpactReport, verbose: bool) -> None:
    if not report.affected:
        view.line(f"{report.file} drops, renames and narrows nothing.")
        return
    view.line(f"{report.file} takes away:")
    view.columns([(one.object, one.detail, counted(one.uses, "use")) for one in report.affected], indent=2)
    view.gap()
    searched = f"{counted(report.files, 'file')} below {', '.join(map(shown_path, report.scanned))}"
    if report.clean:
        view.line(f"No use of it in {searched}.")
    for use in report.uses:
        view.line(f"{use.file}:{use.line}:{use.column}: {use.sure.value}: {use.object}: {use.why}")
        view.line(f"    {use.text}")
    if report.uses:
        view.gap()
        levels = dict.fromkeys(use.sure for use in sorted(report.uses, key=lambda use: use.sure.rank))
        parts = ", ".join(f"{report.count(level)} {level.value}" for level in levels)
        view.line(f"{counted(len(report.uses), 'use')} ({parts}) in {searched}.")
    for note in report.notes:
        view.warning(f"{note.file}: {note.reason}")
    if verbose and not report.notes:
        view.line("Every file could be read.")
