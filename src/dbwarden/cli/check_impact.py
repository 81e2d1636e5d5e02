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
    """Formats of the output."""

    text = "text"
    json = "json"


@app.command()
def check_impact(
    ctx: typer.Context,
    version: Annotated[
        str, typer.Argument(help="Version or file of the migration.", autocompletion=complete_migration)
    ],
    scan_path: Annotated[
        list[Path] | None,
        typer.Option(
            "--scan-path", metavar="PATH", help="Folder or file to search (default: the project); repeatable."
        ),
    ] = None,
    out: Annotated[ImpactFormat, typer.Option("--out", "-o", help="Output format.")] = ImpactFormat.text,
    database: DatabaseName = None,
    exit_code: ExitCode = False,
    verbose: Verbose = False,
) -> None:
    """Show where the code still uses what a migration drops, renames or narrows.

    Imports and executes nothing, and needs no database. With --exit-code, exits with 4 if there is a use.
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
    view.columns(
        [(subject.object, subject.detail, counted(subject.uses, "use")) for subject in report.affected], indent=2
    )
    view.gap()
    folders = ", ".join(f"{shown_path(path)}/" if path.is_dir() else shown_path(path) for path in report.scan_paths)
    searched = f"{counted(report.file_count, 'file')} below {folders}"
    if report.clean:
        view.line(f"No use of it in {searched}.")
    for use in report.uses:
        view.line(f"{use.file}:{use.line}:{use.column}: {use.confidence.value}: {use.object}: {use.reason}")
        view.line(f"    {use.text}")
    if report.uses:
        view.gap()
        levels = dict.fromkeys(use.confidence for use in sorted(report.uses, key=lambda use: use.confidence.rank))
        parts = ", ".join(f"{report.count(level)} {level.value}" for level in levels)
        view.line(f"{counted(len(report.uses), 'use')} ({parts}) in {searched}.")
    for note in report.skipped_files:
        view.warning(f"{note.file}: {note.reason}")
    if verbose and not report.skipped_files:
        view.line("Every file could be read.")
